import type { Subscriber } from 'rxjs';
import type { Hold } from '../delivery/delivery.js';
import type { PublishError } from '../model/errors.js';
import type { ResolvedPublisherOptions } from './options.js';
import { notTaken, type PublishResult } from './publish-result.js';

/**
 * Emits a result in its event's scope, and settles the event: where it is published; otherwise only if somebody who works takes
 * the result, at once or after an operator that collects has kept it, or as `onRefused` says. Else the event fails.
 *
 * @returns Whether it has failed by now.
 */
export function emitResult(
  held: Hold,
  subscriber: Subscriber<PublishResult>,
  result: PublishResult,
  onRefused: ResolvedPublisherOptions['onRefused'],
): boolean {
  const delivery = held.delivery();
  const { takings, claims } = delivery ?? { takings: 0, claims: 0 };
  held.emit(subscriber, result);
  if (result.err && onRefused === 'fail' && delivery?.takings === takings) {
    const { val: error } = result;
    if (delivery.claims <= claims) {
      failUntaken(held, subscriber, error);
      return true;
    }
    delivery.guard(() => (delivery.takings > takings ? undefined : notTaken(error)));
  }
  held.release();
  return false;
}

/** Its source ends with the event and is passed on: unless it has completed, or something in between starts it again. */
function failUntaken(held: Hold, subscriber: Subscriber<PublishResult>, error: PublishError): void {
  const fault = notTaken(error);
  held.fail(fault);
  subscriber.error(fault);
}
