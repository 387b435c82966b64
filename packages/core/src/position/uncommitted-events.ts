import type { ReplayId } from '../model/replay-id.js';
import { RecentEvents } from './recent-events.js';

/**
 * The events received that come again on the next stream, where the service keeps the position: those that no commit covers,
 * and on a stream that began before the last commit, those behind its beginning. Known by the event's own id together with
 * its replay id. The last ones are known in any case, as the service may send them again on the same stream.
 */
export class UncommittedEvents {
  /** In the order of the stream. */
  private readonly keys = new Set<string>();
  private readonly recent = new RecentEvents();
  /** How many events have come; how many are covered by a commit, or by one that was asked for; how many were forgotten. */
  private received = 0;
  private covered = 0;
  private maybeCovered = 0;
  private forgotten = 0;
  /** Whether the next event must be one that came before: the stream begins, and there are some that no commit can cover. */
  private expectsKnown = false;

  /** @param jumped - Told when a stream begins behind events that no commit covers: the service has another position. */
  constructor(private readonly jumped: () => void) {}

  /** How many are remembered. */
  get size(): number {
    return this.keys.size;
  }

  /** A stream begins behind the last commit: what that covers will not come again. */
  streamOpened(): void {
    this.forget();
    this.expectsKnown = this.received > this.maybeCovered;
  }

  /**
   * Whether the event came before; if not, it is remembered from here on.
   *
   * @param id - Empty for an event that came without one, which cannot be told.
   * @param replayId - `undefined` for an event that came without one, which cannot be told either.
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
    // What is new comes after all that came before, also after what was committed since the stream began.
    this.forget();
    if (hasJumped) this.jumped();
    return false;
  }

  /** A commit that covers the first so many events is asked for: the service may take it, and its answer may be lost. */
  committing(count: number): void {
    this.maybeCovered = count;
  }

  /**
   * A commit covers the first so many events, counted from the first that ever came. The stream may still send them, where it
   * began before: they are known until something new came, or another stream begins.
   */
  committed(count: number): void {
    this.covered = count;
  }

  /** Forgets all. */
  clear(): void {
    this.keys.clear();
    this.recent.clear();
    this.forgotten = this.received;
  }

  private forget(): void {
    if (this.forgotten >= this.covered) return;
    for (const key of this.keys) {
      this.keys.delete(key);
      if (++this.forgotten >= this.covered) return;
    }
  }
}
