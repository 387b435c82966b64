import { wholeNumber } from '../model/whole-number.js';

/** The service counts at most this many events as outstanding on one stream, and reduces a larger request to it. */
export const MAX_OUTSTANDING = 100;

/** The bounds of a subscription's demand. */
export interface DemandOptions {
  /** Most events outstanding or unsettled at any time, from 1. */
  readonly window: number;
  /** How many events must be free before more is asked for, from 1 to `window`. */
  readonly refillAt: number;
}

/**
 * Counts the events that were asked for, received and settled, and says how many to ask for. Outstanding, unsettled
 * and, where there is a replay store, uncommitted events leave less room in the window. (Events settled after an
 * unsettled one all become uncommitted together with it, so the three together can exceed the window until the next
 * commit; the first two never do.) More is asked for once `refillAt` events are free, or when nothing is outstanding
 * and anything is free. With the threshold alone, a handler that collects events could wait without end.
 */
export class Demand {
  /** How many events were received and are not settled. */
  unsettled = 0;
  /** How many events the server has counted and not delivered. */
  private pending = 0;
  /** Requests that the server has not counted yet, as far as its responses show, oldest first. */
  private unconfirmed: number[] = [];
  private unconfirmedSum = 0;

  /**
   * @param uncommitted - How many settled events are not durable yet. They count, because they would come again after a
   * crash.
   */
  constructor(
    private readonly options: DemandOptions,
    private readonly uncommitted: () => number = () => 0,
  ) {}

  /** How many events were asked of the server and are not delivered yet. */
  get outstanding(): number {
    return this.pending + this.unconfirmedSum;
  }

  /** Room for events that were not asked for yet. */
  get free(): number {
    return this.options.window - this.outstanding - this.unsettled - this.uncommitted();
  }

  /** Whether the window is full of events that nobody settles. Operators that collect events should release them. */
  get pressure(): boolean {
    return this.outstanding <= 0 && this.unsettled >= this.options.window;
  }

  /** How many events to ask for now, or 0. */
  get wanted(): number {
    const { outstanding } = this;
    const count = Math.min(this.free, MAX_OUTSTANDING - outstanding);
    return count < 1 || (outstanding > 0 && count < Math.min(this.options.refillAt, MAX_OUTSTANDING)) ? 0 : count;
  }

  /** How many events to ask for now, or 0. They count as outstanding from here on. */
  take(): number {
    const count = this.wanted;
    if (count === 0) return 0;
    // As a rule there is one, and an array that grows has room for many.
    if (this.unconfirmed.length === 0) this.unconfirmed = [count];
    else this.unconfirmed.push(count);
    this.unconfirmedSum += count;
    return count;
  }

  /**
   * How many of the received events are taken. As a rule all of them, but a server that sends far too many must not
   * fill the memory.
   */
  takable(events: number): number {
    const room = this.options.window + MAX_OUTSTANDING - this.unsettled;
    return Math.max(0, Math.min(events, room));
  }

  /**
   * A response came. Its events are unsettled from here on, before they are decoded.
   *
   * @param events - How many events came with it.
   * @param pending - The server's own count of events to deliver, which is right for the requests that it has seen. It
   * has seen the fewest requests that explain the number. A server with a lower count has refused the rest.
   * @returns Whether the response is plausible: the server was asked for the events and for those that it counts. A
   * count below zero, or above everything that was asked for, is ignored, and ours is used.
   */
  received(events: number, pending: number): boolean {
    const before = this.outstanding;
    this.unsettled += events;
    if (!(pending >= 0 && pending <= before)) {
      this.streamEnded();
      this.pending = Math.max(0, before - events);
      return false;
    }
    this.pending -= events;
    while (this.pending < pending && this.unconfirmed.length > 0) {
      const confirmed = this.unconfirmed.shift() ?? 0;
      this.unconfirmedSum -= confirmed;
      this.pending += confirmed;
    }
    this.pending = pending;
    return events <= before;
  }

  /** An event was settled. */
  settled(): void {
    this.unsettled--;
  }

  /** The stream is gone, and with it the outstanding events. */
  streamEnded(): void {
    this.pending = 0;
    this.unconfirmed = [];
    this.unconfirmedSum = 0;
  }
}

/**
 * A quarter of the window, and at most half of the most outstanding events. Smaller requests do not keep the stream
 * fuller, and make more and smaller responses, each of which costs as much as several events.
 */
function defaultRefillAt(window: number): number {
  return Math.min(Math.ceil(window / 4), MAX_OUTSTANDING / 2);
}

/** Two round trips of the most that may be outstanding. */
const DEFAULT_WINDOW = 200;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws `ConfigurationError` when one is out of range.
 */
export function resolveDemandOptions(options: Partial<DemandOptions>): DemandOptions {
  const { window = DEFAULT_WINDOW } = options;
  wholeNumber('window', window, 1);
  const { refillAt = defaultRefillAt(window) } = options;
  wholeNumber('refillAt', refillAt, 1, window);
  return { window, refillAt };
}
