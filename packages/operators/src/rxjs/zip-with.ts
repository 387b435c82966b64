import { from, map, zipWith as rxZipWith, type Cons, type ObservableInputTuple, type OperatorFunction } from 'rxjs';
import type { Keeper } from './kept/keeper.js';
import { keptValues, lastOf, through } from './kept/through.js';

/**
 * RxJS's `zipWith`, which holds the events of the values that wait for a partner.
 *
 * ```marble
 * source  -a-b-c----|
 *         zipWith(others)         1 at 4, and 2 at 6, then completes
 * result  ----x-(y|)      x = [a, 1], y = [b, 2]
 * ```
 *
 * - Complete: as RxJS's. What has no partner is settled, as what a filter drops.
 *   When it completes while the last tuple is emitted, that one's events come again after a restart, as those of `take` do.
 * - Error, unsubscribe: drops what waits, without settling it.
 * - Delivery: also holds the events of the others, where these are streams of rxforce. A tuple is emitted in the scope of all
 *   its events. When one input is slower, the others' windows fill, and they wait for it; one that is idle for ever stops them,
 *   which `status$` tells as a `commitGap`.
 * - Memory: the values waiting; those of a rxforce stream are at most its window.
 */
export function zipWith<T, A extends readonly unknown[]>(
  ...otherInputs: [...ObservableInputTuple<A>]
): OperatorFunction<T, Cons<T, A>> {
  return (source) =>
    through<T, Cons<T, A>>(source, {
      role: 'keeps',
      plain: (values, keeper: Keeper<unknown>) =>
        values.pipe(
          rxZipWith(...otherInputs.map((input) => keptValues(from(input), keeper))),
          map((tuple) => lastOf(keeper.letGo(tuple), tuple.map(({ value }) => value) as Cons<T, A>)),
        ),
    });
}
