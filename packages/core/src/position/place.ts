import type { Observable } from 'rxjs';
import type { EventPlace } from './position-gate.js';
import type { ReplayId } from '../model/replay-id.js';
import type { StreamPosition } from '../ports/replay-store.js';
import type { WireFetchResponse } from '../ports/wire.js';

/** Where a subscription is in its stream, and what makes that durable: what its run asks of it. */
export interface Place {
  /**
   * Finds out where to start: one value, once it is known.
   *
   * @param before - Where a subscription of the same Observable ended, for when nothing is stored.
   */
  open(before: StreamPosition | undefined): Observable<void>;
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
  /** Where a subscription that follows this one starts; `undefined` while nothing is known. */
  current(): StreamPosition | undefined;
  /** Whether the stream began at the tip, and one that follows it would start at a newer tip. */
  readonly adrift: boolean;
  /** Events settled that are not durable yet. */
  uncommitted(): number;
  /** How many of those count in the window. */
  uncommittedInWindow(): number;
  /**
   * Commits nothing more, and takes the position back to before an event where it is past it by now.
   *
   * @param done - Called once that is durable, or cannot be had. Told the position that is committed, where it is past the event
   * and cannot be taken back.
   */
  setBack(place: EventPlace, done: (ahead?: ReplayId) => void): void;
  /** The last position made durable. */
  readonly lastCommitted: ReplayId | undefined;
  /** The watermark may have moved. */
  moved(window: number, outstanding: number): void;
  /** Whether an event of this time, in epoch milliseconds, is before the start. */
  skips(timeOf: () => number | undefined): boolean;
  /** Whether events are being passed over. */
  readonly skipping: boolean;
  /** Takes note of the time of the first event after the tip: it is durable when this completes. */
  anchorAt(time: Date): Observable<unknown>;
  /** The service does not know the position: starts from this preset. */
  reset(preset: 'latest' | 'earliest'): void;
  /** The subscription is over. From here on the next one may take the position over. */
  retire(): void;
  /** Commits what is settled, and calls back once it is durable, or never will be. */
  flush(done: () => void): void;
  /** Saves nothing more, gives the position up, and calls back once that is done. */
  release(done?: () => void): void;
}
