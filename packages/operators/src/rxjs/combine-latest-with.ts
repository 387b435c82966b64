import {
  combineLatestWith as rxCombineLatestWith,
  from,
  map,
  type Cons,
  type Observable,
  type ObservableInput,
  type ObservableInputTuple,
  type OperatorFunction,
} from 'rxjs';
import type { Keeper, Kept } from './kept/keeper.js';
import { keptValues, lastOf, through } from './kept/through.js';

/**
 * RxJS's `combineLatestWith`, which holds the events of the values that wait for the first value of another input.
 *
 * ```marble
 * source  -a-b----c---|
 *         combineLatestWith(others)       1 at 4, and 2 at 10, then completes
 * result  ----x---y-z-|      x = [b, 1], y = [c, 1], z = [c, 2]
 * settled ----(ab)c----
 * ```
 *
 * - Complete: as RxJS's. A value that was never in a tuple is settled, like a value that a filter drops.
 * - Error, unsubscribe: drops the values that wait, without settling them.
 * - Delivery: also holds the events of the other inputs, where these are streams of rxforce. The first tuple with a
 *   value is emitted in the scope of its event and of the events that it has superseded, which are settled when the
 *   work in that scope is done. Later tuples with the same value are in the scope of their new values. Until each input
 *   has a value, the windows of the others may fill, and they wait.
 * - Memory: one value of each input, and a claim on each event superseded while waiting.
 */
export function combineLatestWith<T, A extends readonly unknown[]>(
  ...otherSources: [...ObservableInputTuple<A>]
): OperatorFunction<T, Cons<T, A>> {
  const inputs = (
    otherSources.length === 1 && Array.isArray(otherSources[0]) ? otherSources[0] : otherSources
  ) as readonly ObservableInput<unknown>[];
  return (source) =>
    through<T, Cons<T, A>>(source, {
      role: 'keeps',
      plain: (values, keeper: Keeper<unknown>) =>
        superseding(values, keeper).pipe(
          rxCombineLatestWith(...inputs.map((input) => superseding(keptValues(from(input), keeper), keeper))),
          map((tuple) => lastOf(keeper.letGo(tuple), tuple.map(({ value }) => value) as Cons<T, A>)),
        ),
    });
}

/** The values of one input; each replaces the one before. */
function superseding(values: Observable<Kept<unknown>>, keeper: Keeper<unknown>): Observable<Kept<unknown>> {
  let last: Kept<unknown> | undefined;
  return values.pipe(
    map((kept) => {
      if (last) keeper.supersede(last, kept);
      return (last = kept);
    }),
  );
}
