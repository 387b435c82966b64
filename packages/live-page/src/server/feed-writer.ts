import type { Feed } from './route.js';

/** Bytes that wait for a slow client; with more of them, nothing is added. */
const MOST_WAITING = 64 * 1024;

/** The part of a response that is written to. */
export interface FeedTarget {
  /** Bytes that are not sent yet. */
  readonly writableLength: number;
  write(text: string): unknown;
}

/** Writes a feed to one client, as server-sent events. A client that does not keep up misses a turn; nobody waits. */
export class FeedWriter {
  constructor(
    private readonly target: FeedTarget,
    private readonly feed: Feed,
  ) {}

  /** A turn: the feed is asked only where the client can take what it says. */
  tick(): void {
    if (this.target.writableLength > MOST_WAITING) return;
    const next = this.feed.next();
    if (next !== undefined) this.target.write(`data: ${JSON.stringify(next)}\n\n`);
  }
}
