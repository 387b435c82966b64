import type { Subscriber } from 'rxjs';
import type { Hold } from '../flow/delivery.js';

/**
 * Emits a value that tells of a failure, and gives the hold back: the event is settled only if somebody who works takes the
 * value, at once or after an operator that collects has kept it. Otherwise the event fails.
 *
 * @param fault - Makes what the event fails with.
 * @returns Whether it has failed by now.
 */
export function emitToTaker<T>(held: Hold, subscriber: Subscriber<T>, value: T, fault: () => unknown): boolean {
  const delivery = held.delivery();
  const { takings, claims } = delivery ?? { takings: 0, claims: 0 };
  held.emit(subscriber, value);
  if (delivery === undefined || delivery.takings > takings) {
    held.release();
    return false;
  }
  if (delivery.claims <= claims) {
    held.fail(fault());
    return true;
  }
  delivery.guard(() => (delivery.takings > takings ? undefined : fault()));
  held.release();
  return false;
}
