import { EMPTY, type MonoTypeOperatorFunction, type Subscriber } from 'rxjs';
import { hold, operate, type DeliveryOutcome } from '@rxforce/core/delivery';
import { DeliveryFailedError } from '@rxforce/core/model';
import { checkCount } from '@rxforce/core/internal';

/**
 * Passes on the first `count` values, and completes when the events they came from are settled.
 *
 * RxJS's `take` completes while the last event is being delivered. At that time nobody can know whether its work was
 * done, so that event comes again after a restart. With `limit`, no event comes again.
 *
 * ```marble
 * source  -a-b-c-d-|
 *         limit(2)
 * result  -a-(b|)
 * settled -a-b------
 * ```
 *
 * - Complete, error, unsubscribe: passed on.
 * - Delivery: settles nothing beyond the first `count`. The source is unsubscribed when one more value comes. If that
 *   value came from an event already counted, the event comes again after a restart, as with `take`.
 * - Collectors after it (`batchBy`) do not learn that no more values come, and wait for their time; put `limit` after
 *   them.
 * - Error: a `DeliveryFailedError` when one of the events will never be settled.
 *
 * @param count - How many values; at least 0.
 * @throws `ConfigurationError` when `count` is not a whole number of at least 0.
 */
export function limit<T>(count: number): MonoTypeOperatorFunction<T> {
  checkCount('limit() got', count, 0);
  if (count === 0) return () => EMPTY;
  return (source) =>
    operate(source, 'keeps', (subscriber: Subscriber<T>) => {
      let passed = 0;
      let over = 0;
      let cut = false;
      const ended = (outcome: DeliveryOutcome) => {
        if (outcome === 'unsettled' && !cut) subscriber.error(neverSettled(count));
        else if (++over === count) subscriber.complete();
      };
      return {
        next: (value, upstream) => {
          if (passed === count) {
            // A source that finds its subscriber closed does not settle the event, which comes again after a restart.
            // The same applies to an event that both this value and a counted one came from.
            cut = true;
            upstream.unsubscribe();
            return;
          }
          passed++;
          const taken = hold(value, 'keeps');
          subscriber.next(value);
          taken.onEnded(ended);
          taken.release();
        },
      };
    });
}

function neverSettled(count: number): DeliveryFailedError {
  return new DeliveryFailedError(
    `limit(${count}) waited for an event that will never be settled: its work failed or was dropped downstream.`,
  );
}
