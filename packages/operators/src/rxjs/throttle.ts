import {
  map,
  Observable,
  throttle as rxThrottle,
  type MonoTypeOperatorFunction,
  type ObservableInput,
  type ThrottleConfig,
} from 'rxjs';
import { subscribeInner } from '@rxforce/core/delivery';
import type { Keeper, Kept } from './kept/keeper.js';
import { releaseOlder, withOlder } from './kept/latest.js';
import { through } from './kept/through.js';

/**
 * RxJS's `throttle`, which holds the events of the value that it keeps, and of the values that it has superseded.
 *
 * ```marble
 * source  -a-b-c------d--|
 *         throttle(until)         until emits after 5
 * result  -a----------d--|
 * settled -a-b-c------d---
 * ```
 *
 * - Complete: as RxJS's. A kept value that will never be emitted is settled, like a value that a filter drops.
 * - Error, unsubscribe: drops what was kept, without settling it.
 * - Delivery: with `trailing`, a value is emitted in the scope of its event and of the events that it has superseded.
 *   Without it, values within an interval are dropped and settled at once: no position passes the value that began the
 *   interval before that value is settled. When all events of the window are kept, so that no more can come, superseded
 *   events are settled early.
 * - Memory: one value; and a claim on each event superseded, on a rxforce stream at most its window.
 */
export function throttle<T>(
  durationSelector: (value: T) => ObservableInput<unknown>,
  config: ThrottleConfig = {},
): MonoTypeOperatorFunction<T> {
  return (source) =>
    through<T, T>(source, {
      role: 'keeps',
      plain: (values, keeper) =>
        (config.trailing ? values : dropping(values, keeper)).pipe(
          rxThrottle(({ value }) => durationSelector(value), config),
          map((kept) => withOlder(keeper, kept)),
        ),
      pressed: releaseOlder(1),
    });
}

/** Without `trailing`, a value that does not pass at once will never pass. */
function dropping<T>(values: Observable<Kept<T>>, keeper: Keeper<T>): Observable<Kept<T>> {
  return new Observable((subscriber) =>
    subscribeInner(values, subscriber, {
      next: (kept) => {
        subscriber.next(kept);
        if (!subscriber.closed) keeper.release([kept]);
      },
    }),
  );
}
