import type { Delivery } from '@rxforce/core/delivery';

interface Scope {
  current(): Delivery | undefined;
  enter(delivery: Delivery | undefined): void;
}

/** Where all copies of core keep the delivery in scope, by a name with a version. */
const KEY = Symbol.for('@rxforce/core/delivery-scope/1');

/**
 * Does something with another delivery in scope, or with none.
 *
 * A group or a window is given away in nobody's scope: who works on it until it ends would otherwise hold the event that
 * began it for as long. Its events come through it, each in its own scope.
 */
export function within(delivery: Delivery | undefined, work: () => void): void {
  const { [KEY]: scope } = globalThis as { [KEY]?: Scope };
  const before = scope?.current();
  scope?.enter(delivery);
  try {
    work();
  } finally {
    scope?.enter(before);
  }
}
