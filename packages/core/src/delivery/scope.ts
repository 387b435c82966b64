import type { Delivery } from './delivery.js';

/** The delivery that is being handed downstream at this moment, if any. */
export interface DeliveryScope {
  /** The delivery in scope. */
  current(): Delivery | undefined;
  /** Puts a delivery in scope, or none, until the next call. */
  enter(delivery: Delivery | undefined): void;
}

/**
 * One variable for the whole process, so that two copies of this package (an app's and an operator library's) see the
 * same delivery. They share methods only, under a version: what is behind the methods may change.
 */
const KEY = Symbol.for('@rxforce/core/delivery-scope/2');

function createScope(): DeliveryScope {
  let current: Delivery | undefined;
  return {
    current: () => current,
    enter: (delivery) => {
      current = delivery;
    },
  };
}

const registry = globalThis as { [KEY]?: DeliveryScope | undefined };

/** The delivery scope of this process. */
export const scope: DeliveryScope = (registry[KEY] ??= createScope());

/**
 * Does something with another delivery in scope, or with none: what gives away a group of events, say, which is no event's
 * own, and to which whoever works on it would otherwise add the event that began it.
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
