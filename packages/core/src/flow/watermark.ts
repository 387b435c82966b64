import type { ReplayId } from '../model/replay-id.js';

/** An event received and not settled yet, and the settled ones that directly follow it. */
export interface OpenPosition {
  /** The last replay id up to which everything after this event is settled: its own, at first. */
  through: ReplayId;
  previous: OpenPosition | undefined;
  next: OpenPosition | undefined;
}

/**
 * The last replay id with everything received up to it settled. Kept as a list of the open positions only: one that is
 * settled merges into the one before it, so that a single slow event does not make the list grow.
 */
export class Watermark {
  private newest: OpenPosition | undefined;

  /** @param settledThrough - Where the stream starts. */
  constructor(private settledThrough: ReplayId | undefined) {}

  /** The watermark; undefined while nothing is known. */
  get position(): ReplayId | undefined {
    return this.settledThrough;
  }

  /** Whether everything received is settled. */
  get idle(): boolean {
    return this.newest === undefined;
  }

  /** Takes note of an event received, in the order of delivery. */
  open(replayId: ReplayId): OpenPosition {
    const position: OpenPosition = { through: replayId, previous: this.newest, next: undefined };
    if (this.newest) this.newest.next = position;
    this.newest = position;
    return position;
  }

  /** Takes note that an event is settled; call it once for each. */
  settle({ through, previous, next }: OpenPosition): void {
    if (previous) {
      previous.through = through;
      previous.next = next;
    } else {
      this.settledThrough = through;
    }
    if (next) next.previous = previous;
    else this.newest = previous;
  }

  /**
   * Takes note of a position that the server gave without an event (a keepalive). It counts only while nothing is open:
   * then everything up to it was received and settled.
   */
  advance(replayId: ReplayId): void {
    if (this.idle) this.settledThrough = replayId;
  }
}
