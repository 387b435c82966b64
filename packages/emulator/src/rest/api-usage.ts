/**
 * Requests that Salesforce's developer editions allow a day. Here they are only counted; further requests are answered,
 * too.
 */
const DAILY_REQUESTS = 15_000;

/** How many requests were made. */
export class ApiUsage {
  private used = 0;

  /** Counts one more request, and returns the count in the form of the header `Sforce-Limit-Info`. */
  count(): string {
    this.used++;
    return `api-usage=${this.used}/${DAILY_REQUESTS}`;
  }

  /** The remaining requests, as in the resource of limits. */
  limits(): object {
    return { DailyApiRequests: { Max: DAILY_REQUESTS, Remaining: Math.max(0, DAILY_REQUESTS - this.used) } };
  }
}
