import type { Observable } from 'rxjs';
import type { ReplayId } from '../model/replay-id.js';
import type { WireFetchResponse } from '../ports/wire.js';
import type { Beginning } from './beginning.js';

/** Where the streams of a subscription come from, one after the other. */
export interface StreamSource {
  /** Where the next stream starts; `'committed'` where the service alone knows. */
  from(): ReplayId | 'latest' | 'earliest' | 'committed';
  /**
   * Opens a stream there, as `Transport.subscribe`. `undefined` is a sign of life with nothing in it that was asked for.
   */
  connect(
    requests: Observable<number>,
    silence: Observable<unknown>,
    connected: () => void,
  ): Observable<WireFetchResponse | undefined>;
  /** The service does not know the position: the next stream starts from this preset, and what came before is forgotten. */
  reset(preset: 'latest' | 'earliest'): void;
  /** The events that came before, and may come again. */
  readonly known: KnownEvents;
  /** What the first events decide about the start; `undefined` where the service alone knows it. */
  readonly beginning: Beginning | undefined;
  /** Whether commits go on the stream, so that it is needed until the last of them. */
  readonly carriesCommits: boolean;
}

/** Tells the events that the service sends again. */
export interface KnownEvents {
  /** Whether the event came before; it is remembered from here on. */
  seen(id: string, replayId: ReplayId | undefined): boolean;
  /** Forgets all. */
  clear(): void;
}
