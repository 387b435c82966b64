/** Requests that Salesforce's developer editions allow a day. Here they are counted, and more are answered too. */
const DAILY_REQUESTS = 15_000;

/** How many requests were made. */
export class ApiUsage {
  private used = 0;

  /** Counts one more, and tells how many there were as the header `Sforce-Limit-Info` does. */
  count(): string {
    this.used++;
    return `api-usage=${this.used}/${DAILY_REQUESTS}`;
  }

  /** What is left, as the resource of limits tells it. */
  limits(): object {
    return { DailyApiRequests: { Max: DAILY_REQUESTS, Remaining: Math.max(0, DAILY_REQUESTS - this.used) } };
  }
}
