import type { ReplayId } from '../model/replay-id.js';
import { RecentEvents } from './recent-events.js';

/**
 * The received events that come again on the next stream, where the service keeps the position. These are the events
 * that no commit covers, and on a stream that began before the last commit, the events after its beginning. An event is
 * identified by its own id together with its replay id. The last ones are remembered in any case, as the service may
 * send them again on the same stream.
 */
export class UncommittedEvents {
  /** In the order of the stream. */
  private readonly keys = new Set<string>();
  private readonly recent = new RecentEvents();
  /**
   * How many events have come, how many are covered by a commit or by one that was asked for, and how many were
   * forgotten.
   */
  private received = 0;
  private covered = 0;
  private maybeCovered = 0;
  private forgotten = 0;
  /**
   * Whether the next event must be one that came before, because the stream begins and no commit can cover some events.
   */
  private expectsKnown = false;

  /**
   * @param jumped - Called when a stream begins after events that no commit covers. Then the service has another
   * position.
   */
  constructor(private readonly jumped: () => void) {}

  /** How many are remembered. */
  get size(): number {
    return this.keys.size;
  }

  /** A stream begins after the last commit. The events that the commit covers will not come again. */
  streamOpened(): void {
    this.forget();
    this.expectsKnown = this.received > this.maybeCovered;
  }

  /**
   * Whether the event came before. If not, it is remembered from here on.
   *
   * @param id - Empty for an event without an id, which cannot be recognized.
   * @param replayId - `undefined` for an event without a replay id, which cannot be recognized either.
   */
  seen(id: string, replayId: ReplayId | undefined): boolean {
    const canBeTold = id !== '' && replayId !== undefined;
    const key = canBeTold ? `${replayId.toString()} ${id}` : `${this.received}`;
    const isKnown = this.keys.has(key) || this.recent.seen(id, replayId);
    const hasJumped = this.expectsKnown && canBeTold && !isKnown;
    this.expectsKnown = false;
    if (isKnown) return true;
    this.keys.add(key);
    this.received++;
    // A new event comes after all earlier ones, also after those committed since the stream began.
    this.forget();
    if (hasJumped) this.jumped();
    return false;
  }

  /**
   * A commit that covers the first `count` events is asked for. The service may take it, and its answer may be lost.
   */
  committing(count: number): void {
    this.maybeCovered = count;
  }

  /**
   * A commit covers the first `count` events, counted from the first that ever came. A stream that began before may
   * still send them. They are remembered until a new event comes, or another stream begins.
   */
  committed(count: number): void {
    this.covered = count;
  }

  private forget(): void {
    if (this.forgotten >= this.covered) return;
    for (const key of this.keys) {
      this.keys.delete(key);
      if (++this.forgotten >= this.covered) return;
    }
  }
}
