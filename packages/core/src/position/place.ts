import type { Observable } from 'rxjs';
import type { RxforceError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';
import type { StreamPosition } from '../ports/replay-store.js';
import type { Tell } from '../ports/status.js';
import type { EventPlace } from './position-gate.js';

/** The position of a subscription in its stream, and its commits. */
export interface Place {
  /**
   * Finds out where to start, and emits one value once that is known.
   *
   * @param before - Where a subscription of the same Observable ended. It counts when nothing is stored.
   */
  open(before: StreamPosition | undefined): Observable<void>;
  /**
   * Where a subscription that follows this one starts: `'committed'` where only the service knows, `undefined` while
   * nothing is known.
   */
  current(): StreamPosition | 'committed' | undefined;
  /** How many settled events are not durable yet. */
  uncommitted(): number;
  /** How many of those count in the window. */
  uncommittedInWindow(): number;
  /** The last position made durable. */
  readonly lastCommitted: ReplayId | undefined;
  /**
   * The watermark may have moved. The commit is urgent when events wait for it: half of the window is settled and not
   * durable, or nothing is outstanding.
   */
  moved(window: number, outstanding: number): void;
  /**
   * Commits nothing more, and takes the position back to before an event that it has passed by now.
   *
   * @param done - Called once that position is durable, or cannot be made durable. It receives the committed position
   * where that is past the event and cannot be taken back.
   */
  setBack(place: EventPlace, done: (ahead?: ReplayId) => void): void;
  /** The subscription is over, and the next one may take the position over. Absent where the service passes it on. */
  retire?(): void;
  /** Commits the settled events, and calls back once that is durable, or can never be. */
  flush(done: () => void): void;
  /** Saves nothing more, gives the position up, and calls back once that is done. */
  release(done?: () => void): void;
}

/** What a place reports to its subscription. */
export interface PlaceListener {
  readonly tell: Tell;
  /** The search for the start failed, this often in a row, and is tried again after a pause. */
  waiting(attempt: number, delayMs: number, cause: RxforceError): void;
  /** A position could not be saved, this often in a row, and is saved again after a pause. */
  commitFailed(attempt: number, delayMs: number, cause: RxforceError): void;
  /** The store has not answered, for `times` times `SILENCE_MS`, and is waited for. Its status is reported. */
  silent(times: number, cause: RxforceError): void;
  /** Events became durable: there is room for others. */
  committed(): void;
  failed(error: RxforceError): void;
}
