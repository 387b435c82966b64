import type { ReplayId } from '../model/replay-id.js';

/** An event received and not settled yet. */
export interface OpenPosition {
  /** The last replay id received before this event that is not its own. A stream from there brings the event again. */
  before: ReplayId | undefined;
  /** How many events were received before this one. */
  index: number;
  /** Its own replay id. Where it came without one, that of the event before. */
  replayId: ReplayId | undefined;
  /** Whether all its holders only keep it until others come. */
  isKept?: boolean;
  previous: OpenPosition | undefined;
  next: OpenPosition | undefined;
}

/**
 * The last replay id with everything received up to it settled. Only the open positions are kept, so that a single slow
 * event does not make the list grow.
 *
 * Several events may share one replay id (on enriched channels), and a stream can only start after all of them. While
 * any of them is open, the watermark stands before the first.
 */
export class Watermark {
  /** How many events were received so far. */
  received = 0;
  private oldest: OpenPosition | undefined;
  private newest: OpenPosition | undefined;
  private beforeLast: ReplayId | undefined;
  /** How many events came before the first one with the last replay id. */
  private beforeLastCount = 0;
  /** Whether more events with the last replay id may come. */
  private mayContinue = false;

  /**
   * @param last - The start of the stream, then the last replay id received.
   * @param sharesIds - Whether events of this stream may share a replay id. Then only another id shows that all of them
   * were received, and until then the stream starts before them again.
   */
  constructor(
    private last: ReplayId | undefined,
    private readonly sharesIds = false,
  ) {}

  /** The watermark. Undefined while nothing is known. */
  get position(): ReplayId | undefined {
    if (this.oldest) return this.oldest.before;
    return this.mayContinue ? this.beforeLast : this.last;
  }

  /**
   * Where the stream continues when it breaks: after the last replay id whose events all came. Undefined while there is
   * none.
   */
  get resumesAfter(): ReplayId | undefined {
    return this.mayContinue ? this.beforeLast : this.last;
  }

  /** The last replay id received, or the start of the stream. */
  get lastReceived(): ReplayId | undefined {
    return this.last;
  }

  /** How many events, counted from the first, are settled without a gap. The watermark has passed them. */
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
   * Registers a received event, in the order of the stream.
   *
   * @param replayId - `undefined` for an event without one, which counts as sharing the one before.
   * @param position - Gets its place in the stream. As a rule it is the event's delivery, so that an event takes one
   * object.
   */
  open(replayId: ReplayId | undefined): OpenPosition;
  open<P extends OpenPosition>(replayId: ReplayId | undefined, position: P): P;
  open(replayId: ReplayId | undefined, position: OpenPosition = newPosition()): OpenPosition {
    if (replayId && !this.last?.equals(replayId)) {
      this.follow(replayId);
      this.beforeLastCount = this.received;
    }
    this.mayContinue = this.sharesIds;
    position.before = this.beforeLast;
    position.index = this.received++;
    if (this.last) position.replayId = this.last;
    position.previous = this.newest;
    if (this.newest) this.newest.next = position;
    else this.oldest = position;
    this.newest = position;
    return position;
  }

  /** Registers that an event is settled. Call this once for each event. */
  settle(position: OpenPosition): void {
    const { previous, next } = position;
    if (previous) previous.next = next;
    else this.oldest = next;
    if (next) next.previous = previous;
    else this.newest = previous;
    // A holder of the event must not keep all later events in memory.
    position.previous = undefined;
    position.next = undefined;
  }

  /**
   * Registers a position that the server sent without an event (a keepalive). It counts only while nothing is open:
   * then everything up to it was received and settled.
   */
  advance(replayId: ReplayId): void {
    if (!this.idle) return;
    if (!this.last?.equals(replayId)) this.follow(replayId);
    this.mayContinue = false;
  }

  /**
   * The stream continues from another position: at its beginning, or when the service does not know the position any
   * more. Everything known before is invalid from here on.
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

function newPosition(): OpenPosition {
  return { before: undefined, index: 0, replayId: undefined, previous: undefined, next: undefined };
}
