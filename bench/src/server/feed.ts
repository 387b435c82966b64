import { MAX_OUTSTANDING, type EventRing } from './event-ring.js';

/**
 * The most events in one response. The service sends what it has; a fixed number makes a response cost the same,
 * whether a client asks for 100 events at a time or for 50.
 */
const MOST_IN_RESPONSE = 50;

/** How a subscription is served. */
export interface FeedOptions {
  readonly ring: EventRing;
  /** After so many events there are no more; `Infinity` for no end. */
  readonly limit: number;
  /** Events a second; `Infinity` for all at once. */
  readonly pace: number;
  /** Takes an encoded FetchResponse. */
  readonly send: (response: Buffer) => void;
}

/** One subscription as the server sees it: never more than was asked for, and at most 100 outstanding. */
export class Feed {
  private pending = 0;
  private sent = 0;
  private due = false;
  private readonly startMs = performance.now();
  private readonly timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: FeedOptions) {
    if (options.pace < Infinity) this.timer = setInterval(() => this.deliver(), 1);
  }

  /** More was asked for. Requests that come in together are answered together. */
  request(numRequested: number): void {
    this.pending = Math.min(MAX_OUTSTANDING, this.pending + numRequested);
    if (this.due) return;
    this.due = true;
    setImmediate(() => {
      this.due = false;
      this.deliver();
    });
  }

  /** Nothing is sent any more. */
  stop(): void {
    clearInterval(this.timer);
    this.pending = 0;
  }

  private deliver(): void {
    const { ring, limit, pace, send } = this.options;
    const ready = pace < Infinity ? Math.floor(((performance.now() - this.startMs) * pace) / 1_000) : limit;
    for (;;) {
      const count = Math.min(this.pending, Math.min(ready, limit) - this.sent, MOST_IN_RESPONSE);
      if (count <= 0) return;
      this.pending -= count;
      send(ring.response(this.sent, count, this.pending));
      this.sent += count;
    }
  }
}
