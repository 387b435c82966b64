import type { Subscriber } from 'rxjs';
import type { Delivery } from './delivery.js';
import { scope } from './scope.js';

/**
 * Emits a value in a delivery's scope, and restores the scope that was, also on a throw.
 *
 * @returns Whether the subscriber took it: `false` when it is closed afterwards, whatever closed it. What a closed
 * subscriber was given may never have been worked on (`takeWhile` refuses it, `map` threw), so it must not be settled.
 */
export function emitInScope<T>(delivery: Delivery, subscriber: Subscriber<T>, value: T): boolean {
  const before = scope.current();
  scope.enter(delivery);
  try {
    subscriber.next(value);
  } finally {
    scope.enter(before);
  }
  return !subscriber.closed;
}
