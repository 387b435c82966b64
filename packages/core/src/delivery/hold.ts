import { DELIVERY, type Delivered, type Delivery, type Hold } from './delivery.js';
import { deliveryOf } from './delivery-of.js';
import { joinHolds } from './joint-hold.js';
import { NO_HOLD } from './no-hold.js';
import { isPart } from './part.js';
import type { OperatorRole } from './operator-role.js';
import { scope } from './scope.js';

/**
 * Claims the event that is being delivered, for an operator that keeps it past this call. Call it first in the
 * operator's `next`, with the value received.
 *
 * - It claims the delivery in scope, and the value's own delivery where that is another one.
 * - A group or window holds no event: those of its values are claimed when they come.
 * - Without a delivery it returns a hold that does nothing, so operators work on any Observable.
 * - An event, or an array of events, can come without its delivery in scope. Then an operator that takes no holds has
 *   kept it (`delay`, `bufferCount`, `concatMap`). If it is settled by now, its subscription hears of it, as a crash at
 *   this moment would lose the event.
 *
 * @param value - The value that the operator received.
 * @param role - The purpose of the hold. Without a role, a hold that outlives the call that delivered the event counts
 * as work.
 */
export function hold(value?: unknown, role?: OperatorRole): Hold {
  if (isPart(value)) return NO_HOLD;
  const current = scope.current();
  if (current !== undefined && carriesOnly(value, current)) return current.hold(role);
  const carried = deliveriesOf(value);
  const outside = carried.filter((delivery) => !current?.covers(delivery));
  if (outside.length === 0) return current?.hold(role) ?? NO_HOLD;
  const apart = [...new Set(outside)];
  const open = apart.filter((delivery) => !delivery.ended());
  const beside = open.length === 0 && outside.length === carried.length ? 'alone' : 'among-others';
  // An event of another subscription than the one in scope may be a settled value that is looked up:
  // `withLatestFrom(settings$)`.
  const isKept = (delivery: Delivery) => delivery.ended() && (current === undefined || current.isBeside(delivery));
  apart.forEach((delivery) => isKept(delivery) && delivery.reportEarlySettlement(beside));
  return joinHolds((current ? [current, ...open] : open).map((delivery) => delivery.hold(role)));
}

/** Whether a value is the event of a delivery, or the array of its events. Most values are. */
function carriesOnly(value: unknown, delivery: Delivery): boolean {
  if (carries(value, delivery)) return true;
  if (!Array.isArray(value)) return false;
  const parts = delivery.parts();
  return value.length === parts.length && parts.every((part, index) => carries(value[index], part));
}

function carries(value: unknown, delivery: Delivery): boolean {
  return (value as Delivered | null | undefined)?.[DELIVERY] === delivery;
}

const NONE: readonly Delivery[] = [];

function deliveriesOf(value: unknown): readonly Delivery[] {
  if (typeof value !== 'object' || value === null) return NONE;
  const own = deliveryOf(value);
  if (own !== undefined) return [own];
  return Array.isArray(value) ? value.flatMap((item) => deliveryOf(item) ?? []) : NONE;
}
