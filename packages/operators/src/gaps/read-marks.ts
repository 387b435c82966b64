const MS_PER_SECOND = 1_000;

/**
 * What reads of records have shown: when each was changed last, as it was read.
 *
 * A change that was committed in an earlier second than that is in what was read: the row is locked from a change to its
 * commit, so the later change cannot have been made before. Of changes in the same second nobody can tell.
 */
export class ReadMarks {
  private readonly seconds = new Map<string, number>();
  private sweptAt = -Infinity;

  /** Whether nothing is contained in any read. */
  get isEmpty(): boolean {
    return this.seconds.size === 0;
  }

  /**
   * Takes note of a read.
   *
   * @param key - The record's.
   * @param lastModified - In epoch milliseconds; `undefined` where it is not known.
   * @param since - Nothing older than this is asked for any more, in epoch milliseconds.
   */
  note(key: string, lastModified: number | undefined, since: number): void {
    if (lastModified === undefined || secondOf(lastModified) <= secondOf(since)) this.seconds.delete(key);
    else this.seconds.set(key, secondOf(lastModified));
  }

  /** Whether the record, as it was read, contains what was committed at this time, in epoch milliseconds. */
  contain(key: string, commitTimestamp: number): boolean {
    const second = this.seconds.get(key);
    return second !== undefined && secondOf(commitTimestamp) < second;
  }

  /**
   * The stream has come to a time, so nothing older comes: forgets what nothing to come can be contained in.
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
