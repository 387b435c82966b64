import { MAX_OUTSTANDING, type EventRing } from './event-ring.js';

/** One subscription as the server sees it: never more than was asked for, and at most 100 outstanding. */
export class Feed {
  private pending = 0;
  private sent = 0;

  /**
   * @param limit - After so many events there are no more; `Infinity` for no end.
   * @param send - Takes an encoded FetchResponse.
   */
  constructor(
    private readonly ring: EventRing,
    private readonly limit: number,
    private readonly send: (response: Buffer) => void,
  ) {}

  /** More was asked for: there is always an event to be had, so it is all delivered at once. */
  request(numRequested: number): void {
    this.pending = Math.min(MAX_OUTSTANDING, this.pending + numRequested);
    const count = Math.min(this.pending, this.limit - this.sent);
    if (count <= 0) return;
    this.pending -= count;
    this.send(this.ring.response(this.sent, count, this.pending));
    this.sent += count;
  }
}
