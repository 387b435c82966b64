import type { Delivery } from './delivery.js';
import { processWide } from './process-wide.js';

/** The delivery that is being emitted downstream at this moment, if any. */
export const scope = processWide<Delivery>('delivery-scope/2');

/** The delivery in scope, for values that carry none. */
export function deliveryInScope(): Delivery | undefined {
  return scope.current();
}

/**
 * Calls `work` with another delivery in scope, or with none. It is for emissions that belong to no single event, such
 * as a group of events: its subscriber would otherwise add its work to the event that began the group.
 */
export function inScopeOf(delivery: Delivery | undefined, work: () => void): void {
  const before = scope.current();
  scope.enter(delivery);
  try {
    work();
  } finally {
    scope.enter(before);
  }
}
