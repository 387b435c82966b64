import type { Subscriber } from 'rxjs';
import type { OperatorRole } from './operator-role.js';

/**
 * `open`: the event waits for this hold. `released`: it was given back. `dropped`: it was abandoned or failed. `dead`:
 * it was taken after the delivery had ended, so nothing waits for it. `none`: there was no delivery in scope, as with
 * any source that is not one of rxforce's.
 */
export type HoldState = 'open' | 'released' | 'dropped' | 'dead' | 'none';

/** `settled`: all claims were released. `unsettled`: that never happens, and the event comes again after a restart. */
export type DeliveryOutcome = 'settled' | 'unsettled';

/** A claim on a delivered event. The event does not count as done before the claim is released. */
export interface Hold {
  /**
   * Emits a value that was made from the event, after the call that delivered the event. The emission is in the event's
   * scope, so operators downstream can hold the event, too. When the subscriber is closed afterwards (a `take` was
   * full, a `map` threw), the event is never settled, and comes again after a restart.
   *
   * @throws `RxforceError` (`delivery-failed`) when the hold was released before.
   */
  emit<T>(subscriber: Subscriber<T>, value: T): void;
  /** Gives the claim back. The release of the last claim settles the event. Further calls do nothing. */
  release(): void;
  /** Reports that the work failed. The subscription ends with a `DeliveryFailedError`, and the event is not settled. */
  fail(error: unknown): void;
  /**
   * Reports that the work was dropped because the operator was unsubscribed. The event is not settled. If its
   * subscription is still alive a moment later, the subscription fails, as nothing would ever settle the event.
   *
   * @param running - Work that continues all the same, as a promise does. The next subscription of the same position
   * begins after it, so that an older value of a record does not overwrite a newer one.
   */
  abandon(running?: PromiseLike<unknown>): void;
  /**
   * Calls back once it is certain whether the event is settled. The call comes in a later turn than the last release,
   * so that an error thrown by the last handler comes up first. It comes at once where there is nothing to settle.
   */
  onEnded(listener: (outcome: DeliveryOutcome) => void): void;
  /**
   * Reports that the operator keeps the event until more events come or a time has passed. When no more can come,
   * because all events of the window are kept in this way and nothing is outstanding, `flush` is called in a later
   * turn. It must then release what it keeps. Call this once for each hold; it ends with the hold.
   */
  onPressure(flush: () => void): void;
  /**
   * Reports work that cannot be stopped, as with `abandon(running)`. It may outlive the subscription without being
   * given up.
   */
  track(running: PromiseLike<unknown>): void;
  /**
   * Whether another replica may work on the event by now, as the lease that it came under is lost. Work on it must not
   * begin, as it could overwrite what the other replica has written. Abandon it: the event comes again there.
   */
  isLost(): boolean;
  /** The state of the hold. */
  state(): HoldState;
  /** The delivery that it holds, if any. */
  delivery(): Delivery | undefined;
}

/** One event emitted downstream. */
export interface Delivery {
  /**
   * The event's Avro bytes, as the service sent them; `undefined` where it came from no service, or stands for several
   * events.
   */
  readonly payload: Uint8Array | undefined;
  /**
   * Claims the event.
   *
   * @param role - The purpose of the hold; see `hold()`.
   */
  hold(role?: OperatorRole): Hold;
  /** Reports that an operator that works, or the `next` of the last subscriber, has taken the event. */
  take(by: 'operator' | 'subscriber'): void;
  /**
   * Reports that the event has left the known part of its pipeline. Whether anybody works on it is known by now, or
   * never.
   */
  left(): void;
  /**
   * Reports that a plain operator emitted nothing for the event.
   *
   * @param operator - The operator, to tell it from others.
   */
  withheld(operator: object): void;
  /** Reports that something after the last work on the event may also work on it, without reporting that. */
  doubt(): void;
  /** Whether a hold on this delivery is also a hold on `other`. */
  covers(other: Delivery): boolean;
  /** Whether the two come from one subscription, at least in part. */
  isBeside(other: Delivery): boolean;
  /** The deliveries of its single events: itself, or several. */
  parts(): readonly Delivery[];
  /**
   * How often an operator whose role is `works`, or the handler of the last subscriber, has taken the event. Compare it
   * before and after an emission.
   */
  readonly takings: number;
  /** How many claims on the event are open, whatever their purpose. */
  readonly claims: number;
  /**
   * Adds a check before the event is settled. If `check` returns an error, the event fails instead, as with
   * `Hold.fail`.
   *
   * @param check - Called at each last release. It must not throw.
   */
  guard(check: () => unknown): void;
  /** Whether the event is settled, or will never be settled. */
  ended(): boolean;
  /** Whether the lease that it came under is lost; as `Hold.isLost`. */
  isLost(): boolean;
  /** Reports that an operator received the event after it had ended, alone or beside others that had not. */
  reportEarlySettlement(beside: 'alone' | 'among-others'): void;
}

/** Events carry their delivery under this symbol, so that an operator that receives one too late can report it. */
export const DELIVERY: unique symbol = Symbol.for('@rxforce/core/delivery/3') as never;

/** The delivery of an event of ours, or of a copy made by spreading one. */
export interface Delivered {
  readonly [DELIVERY]?: Delivery;
}
