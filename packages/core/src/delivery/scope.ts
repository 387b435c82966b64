import type { Delivery } from './delivery.js';

/** The delivery that is being emitted downstream at this moment, if any. */
export interface DeliveryScope {
  /** The delivery in scope. */
  current(): Delivery | undefined;
  /** Puts a delivery, or none, in scope until the next call. */
  enter(delivery: Delivery | undefined): void;
}

/**
 * One variable for the whole process, so that two copies of this package (an app's and an operator library's) see the
 * same delivery. They share only methods, under a version. The implementation of the methods may change.
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
