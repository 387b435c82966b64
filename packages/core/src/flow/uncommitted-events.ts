import type { ReplayId } from '../model/replay-id.js';

/**
 * The events received that come again on the next stream, where the service keeps the position: those that no commit covers,
 * and on a stream that began before the last commit, those behind its beginning. Known by the event's own id together with
 * its replay id.
 */
export class UncommittedEvents {
  /** In the order of the stream. */
  private readonly keys = new Set<string>();
  /** How many events have come, how many of them are covered by a commit, and how many were forgotten. */
  private received = 0;
  private covered = 0;
  private forgotten = 0;

  /** How many are remembered. */
  get size(): number {
    return this.keys.size;
  }

  /** A stream begins behind the last commit: what that covers will not come again. */
  streamOpened(): void {
    this.forget();
  }

  /**
   * Whether the event came before; if not, it is remembered from here on.
   *
   * @param replayId - `undefined` for an event that came without one, which cannot be told.
   */
  seen(id: string, replayId: ReplayId | undefined): boolean {
    const key = replayId === undefined ? `${this.received}` : `${replayId.toString()} ${id}`;
    if (this.keys.has(key)) return true;
    this.keys.add(key);
    this.received++;
    // What is new comes after all that came before, also after what was committed since the stream began.
    this.forget();
    return false;
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
