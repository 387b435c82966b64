import type { Subscriber } from 'rxjs';
import type { OperatorRole } from './operator-role.js';

/**
 * `open`: the event waits for it. `released`: given back. `dropped`: abandoned or failed. `dead`: taken after the delivery had ended, so nothing waits
 * for it. `none`: there was no delivery in scope, as with any source that is not one of rxforce's.
 */
export type HoldState = 'open' | 'released' | 'dropped' | 'dead' | 'none';

/** `settled`: all claims were released. `unsettled`: it never will be, and the event comes again after a restart. */
export type DeliveryOutcome = 'settled' | 'unsettled';

/** A claim on a delivered event: the event does not count as done before it is released. */
export interface Hold {
  /**
   * Emits a value that came of the event, later than the call that delivered it: in the event's scope, so that operators
   * downstream can hold it too. When the subscriber is closed afterwards (a `take` was full, a `map` threw), the event is
   * never settled, and comes again after a restart.
   *
   * @throws `RxforceError` (`delivery-failed`) when the hold was released before.
   */
  emit<T>(subscriber: Subscriber<T>, value: T): void;
  /** Gives the claim back; when it was the last one the event is settled. Once is enough, more does nothing. */
  release(): void;
  /** The work failed: ends the subscription with a `DeliveryFailedError`. The event is not settled. */
  fail(error: unknown): void;
  /**
   * The work was dropped because the operator was unsubscribed. The event is not settled; if its subscription is still
   * alive a moment later, that one fails: nothing would ever settle the event.
   *
   * @param running - Work that goes on all the same, as a promise does: the next subscription of the same position begins
   * after it, so that an older value of a record is not written over a newer one.
   */
  abandon(running?: PromiseLike<unknown>): void;
  /**
   * Calls back once the event's fate is sealed: in a later turn than its last release, so that an error thrown by the last
   * handler has come up before. At once where there is nothing to settle.
   */
  onEnded(listener: (outcome: DeliveryOutcome) => void): void;
  /**
   * The operator keeps the event until more events come or a time has passed. Where no more can come, because all events of
   * the window are kept so and nothing is outstanding, `flush` is called in a later turn: it must let go of what it has.
   * Once for each hold; it ends with the hold.
   */
  onPressure(flush: () => void): void;
  /** Work that cannot be stopped is under way, as with `abandon(running)`, and may outlive the subscription without being given up. */
  track(running: PromiseLike<unknown>): void;
  /** What became of the hold. */
  state(): HoldState;
  /** What it is a hold on, if on anything. */
  delivery(): Delivery | undefined;
}

/** One event handed downstream. */
export interface Delivery {
  /** The event's Avro bytes, as the service sent them; `undefined` where it came from no service, or is several events. */
  readonly payload: Uint8Array | undefined;
  /**
   * Claims the event.
   *
   * @param role - What for; see `hold()`.
   */
  hold(role?: OperatorRole): Hold;
  /** Somebody who works has taken the event: an operator, or the `next` of the last subscriber. */
  take(by: 'operator' | 'subscriber'): void;
  /** The event has left what is known of its pipeline. Whether anybody works on it is known by now, or never. */
  left(): void;
  /**
   * A plain operator gave nothing on for it.
   *
   * @param operator - Which one, to be told from others.
   * @param mayBeWork - Whether nobody is behind it, so that it would not show if that was its work.
   */
  withheld(operator: object, mayBeWork: boolean): void;
  /** Something behind the last work on the event may be working on it too, and does not say so. */
  doubt(): void;
  /** Whether a hold on this delivery is a hold on `other` too. */
  covers(other: Delivery): boolean;
  /** Whether the two come from one subscription, at least in part. */
  isBeside(other: Delivery): boolean;
  /** The events that it is of: itself, or several. */
  parts(): readonly Delivery[];
  /**
   * How often the event was taken by somebody who works: an operator whose role that is, or the handler of the last
   * subscriber. Compare it before and after an emission.
   */
  readonly takings: number;
  /** How many claims on the event are open, whatever they are for. */
  readonly claims: number;
  /**
   * Asks once more before the event is settled: an error that `check` gives fails it instead, as `Hold.fail` does.
   *
   * @param check - Called at the last release, each time that there is one. It must not throw.
   */
  guard(check: () => unknown): void;
  /** Whether the event is settled, or never will be. */
  ended(): boolean;
  /** An operator received the event after it had ended, alone or beside others that had not. */
  reportEarlySettlement(beside: 'alone' | 'among-others'): void;
}

/** Events carry their delivery under this symbol, so that an operator that gets one too late can say so. */
export const DELIVERY: unique symbol = Symbol.for('@rxforce/core/delivery/2') as never;

/** What a value has that is, or was made by spreading, an event of ours. */
export interface Delivered {
  readonly [DELIVERY]?: Delivery;
}
