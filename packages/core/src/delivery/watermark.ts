import type { ReplayId } from '../model/replay-id.js';

/** An event received and not settled yet. */
export interface OpenPosition {
  /** The last replay id received before this event that is not its own: where the event would come again from. */
  before: ReplayId | undefined;
  /** How many events were received before this one. */
  readonly index: number;
  /** Its own replay id; where it came without one, that of the event before. */
  readonly replayId: ReplayId | undefined;
  /** Whether all who hold it only keep it until others come. */
  isKept?: boolean;
  previous: OpenPosition | undefined;
  next: OpenPosition | undefined;
}

/**
 * The last replay id with everything received up to it settled. Kept as a list of the open positions only, so that a
 * single slow event does not make the list grow.
 *
 * Several events may share one replay id (on enriched channels), and a stream can only start after all of them: while any
 * of them is open, the watermark stands before the first.
 */
export class Watermark {
  /** Events received so far. */
  received = 0;
  private oldest: OpenPosition | undefined;
  private newest: OpenPosition | undefined;
  private beforeLast: ReplayId | undefined;
  /** How many events came before the first one with the last replay id. */
  private beforeLastCount = 0;
  /** Whether more events with the last replay id may come. */
  private mayContinue = false;

  /**
   * @param last - Where the stream starts, then the last replay id received.
   * @param sharesIds - Whether events of this stream may share a replay id: then all of them were received only once another
   * id came, and until then the stream starts before them again.
   */
  constructor(
    private last: ReplayId | undefined,
    private readonly sharesIds = false,
  ) {}

  /** The watermark; undefined while nothing is known. */
  get position(): ReplayId | undefined {
    if (this.oldest) return this.oldest.before;
    return this.mayContinue ? this.beforeLast : this.last;
  }

  /** Where the stream goes on when it breaks: after the last replay id of which all events came; undefined while there is none. */
  get resumesAfter(): ReplayId | undefined {
    return this.mayContinue ? this.beforeLast : this.last;
  }

  /** The last replay id received, or where the stream starts. */
  get lastReceived(): ReplayId | undefined {
    return this.last;
  }

  /** How many events, counted from the first, are settled without a gap: what the watermark has passed. */
  get settled(): number {
    const upTo = this.mayContinue ? this.beforeLastCount : this.received;
    return this.oldest ? Math.min(this.oldest.index, upTo) : upTo;
  }

  /** The event that the watermark stands before. */
  get oldestOpen(): OpenPosition | undefined {
    return this.oldest;
  }

  /** Whether everything received is settled. */
  get idle(): boolean {
    return this.oldest === undefined;
  }

  /**
   * Takes note of an event received, in the order of the stream.
   *
   * @param replayId - `undefined` for an event that came without one: it is taken to share the one before.
   */
  open(replayId: ReplayId | undefined): OpenPosition {
    if (replayId && !this.last?.equals(replayId)) {
      this.follow(replayId);
      this.beforeLastCount = this.received;
    }
    this.mayContinue = this.sharesIds;
    const position: OpenPosition = {
      before: this.beforeLast,
      index: this.received++,
      replayId: this.last,
      previous: this.newest,
      next: undefined,
    };
    if (this.newest) this.newest.next = position;
    else this.oldest = position;
    this.newest = position;
    return position;
  }

  /** Takes note that an event is settled; call it once for each. */
  settle(position: OpenPosition): void {
    const { previous, next } = position;
    if (previous) previous.next = next;
    else this.oldest = next;
    if (next) next.previous = previous;
    else this.newest = previous;
    // Whoever keeps the event must not keep all that came after it.
    position.previous = undefined;
    position.next = undefined;
  }

  /**
   * Takes note of a position that the server gave without an event (a keepalive). It counts only while nothing is open:
   * then everything up to it was received and settled.
   */
  advance(replayId: ReplayId): void {
    if (!this.idle) return;
    if (!this.last?.equals(replayId)) this.follow(replayId);
    this.mayContinue = false;
  }

  /**
   * The stream goes on from somewhere else: at its beginning, or when the service no longer knows the position. What was
   * known before is worth nothing from here on.
   */
  restart(at: ReplayId | undefined): void {
    for (let position = this.oldest; position; position = position.next) position.before = at;
    this.beforeLast = at;
    this.last = at;
    this.mayContinue = false;
  }

  private follow(replayId: ReplayId): void {
    this.beforeLast = this.last;
    this.last = replayId;
  }
}
