/** How long calls wait where the share that is to be left is just reached, in milliseconds. */
const LEAST_MS = 1_000;
/** How long they wait where nothing is left, in milliseconds. */
const MOST_MS = 60_000;

/** Slows calls down when the org has few of its API calls of a day left. */
export class ApiPace {
  /** The share of the calls that is left. */
  private left = 1;

  /**
   * @param pauseBelow - The share below which calls wait, from 0 to 1.
   * @param warn - Called when that share is reached.
   */
  constructor(
    private readonly pauseBelow: number,
    private readonly warn: (message: string) => void,
  ) {}

  /**
   * Takes note of an answer.
   *
   * @param info - Its header `Sforce-Limit-Info`, such as `api-usage=18/15000`.
   */
  note(info: string | null): void {
    const [, used, limit] = /api-usage=(\d+)\/(\d+)/.exec(info ?? '') ?? [];
    if (used === undefined || !(Number(limit) > 0)) return;
    const wasSlow = this.left < this.pauseBelow;
    this.left = Math.max(0, Number(limit) - Number(used)) / Number(limit);
    if (wasSlow || this.left >= this.pauseBelow) return;
    this.warn(
      `The org has ${Number(limit) - Number(used)} of its ${limit} API calls of a day left, so records are read slowly from ` +
        'here on, to leave some for other programs. pauseBelow of records() sets that share.',
    );
  }

  /** How long to wait before the next call, in milliseconds. */
  pauseMs(): number {
    if (this.left >= this.pauseBelow) return 0;
    return Math.round(LEAST_MS + (MOST_MS - LEAST_MS) * (1 - this.left / this.pauseBelow));
  }
}
