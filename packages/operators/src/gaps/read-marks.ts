const MS_PER_SECOND = 1_000;

/**
 * The results of reads: for each record, when it was modified last at the time of the read.
 *
 * A read contains every change that was committed before that. The row is locked from a change to its commit, so the
 * later change cannot have been made before the earlier commit. But the two times are of two clocks, so only a change
 * that is older by more than clocks can differ counts as contained.
 */
export class ReadMarks {
  /** For each record, the second before which its commits are contained. */
  private readonly seconds = new Map<string, number>();
  private sweptAt = -Infinity;
  private readonly toleranceS: number;

  /** @param toleranceMs - By how much a commit must be older than its record to be contained, in milliseconds. */
  constructor(toleranceMs: number) {
    this.toleranceS = Math.ceil(toleranceMs / MS_PER_SECOND);
  }

  /** Whether no marks are kept, so that no read contains any event. */
  get isEmpty(): boolean {
    return this.seconds.size === 0;
  }

  /**
   * Notes a read.
   *
   * @param key - The record's.
   * @param lastModified - In epoch milliseconds; `undefined` where it is not known.
   * @param since - No event older than this will be checked any more, in epoch milliseconds.
   */
  note(key: string, lastModified: number | undefined, since: number): void {
    const second = lastModified === undefined ? -Infinity : secondOf(lastModified) - this.toleranceS;
    if (second <= secondOf(since)) this.seconds.delete(key);
    else this.seconds.set(key, second);
  }

  /** Whether the record, as it was read, contains what was committed at this time, in epoch milliseconds. */
  contain(key: string, commitTimestamp: number): boolean {
    const second = this.seconds.get(key);
    return second !== undefined && secondOf(commitTimestamp) < second;
  }

  /**
   * The stream has reached a time, so no older events come: forgets the reads that cannot contain any later event.
   *
   * @param isWaitedFor - Whether older events of a record still wait.
   */
  sweep(commitTimestamp: number, isWaitedFor: (key: string) => boolean): void {
    const now = secondOf(commitTimestamp);
    if (now <= this.sweptAt) return;
    this.sweptAt = now;
    for (const [key, second] of this.seconds) {
      if (second <= now && !isWaitedFor(key)) this.seconds.delete(key);
    }
  }
}

/** Commit times, and the service's dates, are in whole seconds. */
export function secondOf(time: number): number {
  return Math.floor(time / MS_PER_SECOND);
}
