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
