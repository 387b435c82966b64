import { map, observeOn as rxObserveOn, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { lastOf, through } from './kept/through.js';

/**
 * RxJS's `observeOn`, which holds the events of the values that are scheduled.
 *
 * ```marble
 * source  -a-b----|
 *         observeOn(scheduler, 2)
 * result  ---a-b----|
 * settled ---a-b-----
 * ```
 *
 * - Complete: as RxJS's. A kept value that will never be emitted is settled, like a value that a filter drops.
 * - Error, unsubscribe: drops what was kept, without settling it.
 * - Delivery: a value is emitted in its event's scope.
 * - Memory: the values scheduled, on a rxforce stream at most its window.
 */
export function observeOn<T>(scheduler: SchedulerLike, delay = 0): MonoTypeOperatorFunction<T> {
  return (source) =>
    through<T, T>(source, {
      role: 'keeps',
      plain: (values, keeper) =>
        values.pipe(
          rxObserveOn(scheduler, delay),
          map((kept) => lastOf(keeper.letGo([kept]), kept.value)),
        ),
    });
}
