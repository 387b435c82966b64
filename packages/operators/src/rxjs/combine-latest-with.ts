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
 * RxJS's `combineLatestWith`, which holds the events of the values that wait for the first of another input.
 *
 * ```marble
 * source  -a-b---c---|
 *         combineLatestWith(others)       1 at 4, and 2 at 8, then completes
 * result  ----x--yz--|      x = [b, 1], y = [c, 1], z = [c, 2]
 * ```
 *
 * - Complete: as RxJS's. What never was in a tuple is settled, as what a filter drops.
 * - Error, unsubscribe: drops what waits, without settling it.
 * - Delivery: also holds the events of the others, where these are streams of rxforce. The first tuple with a value is emitted in
 *   the scope of its event and of those that it has superseded; when that is done they are settled. Later tuples with the same
 *   value are in the scope of what is new in them. Until each input has a value the others' windows may fill, and they wait.
 * - Memory: one value of each input; and a claim on each event superseded while waiting.
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

/** The values of one input: each takes the place of the one before. */
function superseding(values: Observable<Kept<unknown>>, keeper: Keeper<unknown>): Observable<Kept<unknown>> {
  let last: Kept<unknown> | undefined;
  return values.pipe(
    map((kept) => {
      if (last) keeper.supersede(last, kept);
      return (last = kept);
    }),
  );
}
