import type { Observable } from 'rxjs';
import type { ReplayId } from '../model/replay-id.js';
import type { FetchResponse } from '../ports/wire.js';
import type { Beginning } from './beginning.js';

/** Opens the streams of a subscription, one after the other. */
export interface StreamSource {
  /** Where the next stream starts. `'committed'` where only the service knows. */
  from(): ReplayId | 'latest' | 'earliest' | 'committed';
  /**
   * Opens a stream there, as `Transport.subscribe`. `undefined` is a sign of life without the content that was asked
   * for.
   */
  connect(
    requests: Observable<number>,
    silence: Observable<unknown>,
    connected: () => void,
  ): Observable<FetchResponse | undefined>;
  /**
   * The service does not know the position. The next stream starts from this preset, and earlier events are forgotten.
   * Absent where the service decides where its streams start.
   */
  reset?(preset: 'latest' | 'earliest'): void;
  /** The events that came before, and may come again. */
  readonly known: KnownEvents;
  /** The start, as far as the first events decide it. `undefined` where only the service knows it. */
  readonly beginning: Beginning | undefined;
  /** Whether commits are sent on the stream, so that it is needed until the last of them. */
  readonly carriesCommits: boolean;
}

/** Recognizes the events that the service sends again. */
export interface KnownEvents {
  /** Whether the event came before. It is remembered from here on. */
  seen(id: string, replayId: ReplayId | undefined): boolean;
}
