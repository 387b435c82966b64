/** Requests that Salesforce's developer editions allow a day. */
const DAILY_REQUESTS = 15_000;
const HOUR_MS = 3_600_000;
const HOURS_A_DAY = 24;

/** How many requests were made within the last 24 hours, and how many may be made. */
export class ApiUsage {
  /** How many requests a day are allowed. */
  readonly most: number;
  private isEnforced: boolean;
  /** How many requests were made in each hour, by its number since 1970. */
  private readonly perHour = new Map<number, number>();

  /**
   * @param now - The time, in milliseconds since 1970.
   * @param daily - How many requests a day are allowed; 0 for as many as in developer editions, and none is refused.
   */
  constructor(
    private readonly now: () => number,
    daily: number,
  ) {
    this.most = daily === 0 ? DAILY_REQUESTS : daily;
    this.isEnforced = daily !== 0;
  }

  /** Whether the next request is refused. */
  get isUsedUp(): boolean {
    return this.isEnforced && this.used() >= this.most;
  }

  /** The header `Sforce-Limit-Info`. */
  get header(): string {
    return `api-usage=${this.used()}/${this.most}`;
  }

  /** Counts one more request. */
  count(): void {
    const hour = this.hour();
    this.perHour.set(hour, 1 + (this.perHour.get(hour) ?? 0));
  }

  /** Leaves so many requests, as if other programs had made the others within the last hour; and refuses more. */
  leave(remaining: number): void {
    this.perHour.clear();
    this.perHour.set(this.hour(), this.most - remaining);
    this.isEnforced = true;
  }

  /** The remaining requests, as in the resource of limits. */
  limits(): object {
    return { DailyApiRequests: { Max: this.most, Remaining: Math.max(0, this.most - this.used()) } };
  }

  private used(): number {
    const oldest = this.hour() - HOURS_A_DAY;
    let sum = 0;
    for (const [hour, count] of this.perHour) {
      if (hour <= oldest) this.perHour.delete(hour);
      else sum += count;
    }
    return sum;
  }

  private hour(): number {
    return Math.floor(this.now() / HOUR_MS);
  }
}
