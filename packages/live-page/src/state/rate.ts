/** Seconds that are remembered. */
export const HISTORY_S = 60;
/** Seconds whose mean is the rate. */
const RATE_S = 5;

/** Counts events by the second, for the last minute. */
export class Rate {
  private readonly counts = new Map<number, number>();
  private beganAt: number | undefined;

  /** So many events, at this time in epoch milliseconds. */
  add(now: number, count: number): void {
    const second = secondOf(now);
    this.beganAt ??= second;
    this.counts.set(second, (this.counts.get(second) ?? 0) + count);
    if (this.counts.size > 2 * HISTORY_S) this.forget(second);
  }

  /** The counts of the last 60 whole seconds, oldest first. */
  history(now: number): readonly number[] {
    const second = secondOf(now);
    return Array.from({ length: HISTORY_S }, (_, index) => this.counts.get(second - HISTORY_S + index) ?? 0);
  }

  /** Events a second, over the last whole seconds: five, or fewer where it has not counted for so long. */
  perSecond(now: number): number {
    if (this.beganAt === undefined) return 0;
    const age = Math.min(RATE_S, secondOf(now) - this.beganAt);
    if (age < 1) return 0;
    let sum = 0;
    for (let ago = 1; ago <= age; ago++) sum += this.counts.get(secondOf(now) - ago) ?? 0;
    return sum / age;
  }

  private forget(second: number): void {
    for (const each of this.counts.keys()) if (each < second - HISTORY_S) this.counts.delete(each);
  }
}

function secondOf(now: number): number {
  return Math.floor(now / 1_000);
}
