import type { Subscriber } from 'rxjs';
import type { Hold } from '../delivery/delivery.js';
import type { PublishError } from '../model/errors.js';
import type { ResolvedPublisherOptions } from './options.js';
import { notTaken, type PublishResult } from './publish-result.js';

/**
 * Emits a result in its event's scope, and settles the event where it is published. An event that is not published is
 * settled only where an operator or subscriber that works takes the result, at once or after a collecting operator has
 * kept it, or where `onRefused` says so. Otherwise the event fails.
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

/**
 * Fails the event, which errors its source. The subscriber gets the error here, too, as the source may have completed,
 * or an operator in between may start it again.
 */
function failUntaken(held: Hold, subscriber: Subscriber<PublishResult>, error: PublishError): void {
  const fault = notTaken(error);
  held.fail(fault);
  subscriber.error(fault);
}
