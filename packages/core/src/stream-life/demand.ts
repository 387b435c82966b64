import { wholeNumber } from '../model/whole-number.js';

/** The service counts no more than this as outstanding on one stream, and takes a larger request for this. */
export const MAX_OUTSTANDING = 100;

/** How much a subscription lets come. */
export interface DemandOptions {
  /** Most events outstanding or unsettled at any time, from 1. */
  readonly window: number;
  /** How many events must be free before more is asked for, from 1 to `window`. */
  readonly refillAt: number;
}

/**
 * Counts what was asked for, what came and what is settled, and tells how much to ask for: no more than the window holds
 * beside what is outstanding, unsettled or, where there is a replay store, uncommitted. (What is settled after an event
 * that is not becomes uncommitted all at once with that event, so the three together can exceed the window until the next
 * commit; the first two never do.) More is asked for once `refillAt` events are free, or when nothing is outstanding and
 * anything is free: with the threshold alone, a handler that collects events could wait for ever.
 */
export class Demand {
  /** Events received and not settled. */
  unsettled = 0;
  /** What the server has counted and not delivered. */
  private pending = 0;
  /** Requests that no response has shown the server to have counted, oldest first. */
  private readonly unconfirmed: number[] = [];
  private unconfirmedSum = 0;

  /**
   * @param uncommitted - How many events are settled, and not durably so: they count, because they would come again after
   * a crash.
   */
  constructor(
    private readonly options: DemandOptions,
    private readonly uncommitted: () => number = () => 0,
  ) {}

  /** Events asked of the server and not delivered yet. */
  get outstanding(): number {
    return this.pending + this.unconfirmedSum;
  }

  /** Room for events that were not asked for yet. */
  get free(): number {
    return this.options.window - this.outstanding - this.unsettled - this.uncommitted();
  }

  /** Whether the window is full of events that nobody settles: whoever collects events should let go of them. */
  get pressure(): boolean {
    return this.outstanding <= 0 && this.unsettled >= this.options.window;
  }

  /** How many events to ask for now, or 0. */
  get wanted(): number {
    const { outstanding } = this;
    const count = Math.min(this.free, MAX_OUTSTANDING - outstanding);
    return count < 1 || (outstanding > 0 && count < Math.min(this.options.refillAt, MAX_OUTSTANDING)) ? 0 : count;
  }

  /** How many events to ask for now, or 0. Those count as outstanding from here on. */
  take(): number {
    const count = this.wanted;
    if (count === 0) return 0;
    this.unconfirmed.push(count);
    this.unconfirmedSum += count;
    return count;
  }

  /**
   * How many of so many events that came are taken. All of them, as a rule; a server that sends far more than it was asked for
   * must not fill the memory.
   */
  takable(events: number): number {
    const room = this.options.window + MAX_OUTSTANDING - this.unsettled;
    return Math.max(0, Math.min(events, room));
  }

  /**
   * A response came: its events are unsettled from here on, before they are decoded.
   *
   * @param events - How many came with it.
   * @param pending - The server's own count of what it still has to deliver, which is the truth about the requests it has
   * seen. It has seen the fewest that explain the number; a server that shows less than those has refused the rest.
   * @returns Whether the server can have meant that: it was asked for the events, and for what it counts. A count that is below
   * zero, or above all that was asked for, does not count; ours does.
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

  /** The stream is gone, and what it had outstanding with it. */
  streamEnded(): void {
    this.pending = 0;
    this.unconfirmed.length = 0;
    this.unconfirmedSum = 0;
  }
}

/**
 * A quarter of the window free, and half of what may be outstanding at most. Asking for fewer at a time keeps the stream
 * no fuller, and makes more and smaller responses, each of which costs as much as several events.
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
