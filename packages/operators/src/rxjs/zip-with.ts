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
 * settled ----a-(bc)-
 * ```
 *
 * - Complete: as RxJS's. A value without a partner is settled, like a value that a filter drops. When the completion
 *   comes while the last tuple is emitted, the events of that tuple come again after a restart, as with `take`.
 * - Error, unsubscribe: drops the values that wait, without settling them.
 * - Delivery: also holds the events of the other inputs, where these are streams of rxforce. A tuple is emitted in the
 *   scope of all its events. When one input is slower, the windows of the others fill, and they wait for it. An input
 *   that stays idle stops the others; `status$` reports this as a `commitGap`.
 * - Memory: the values that wait; for a rxforce stream at most its window.
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
