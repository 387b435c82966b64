import {
  switchScan as rxSwitchScan,
  type Observable,
  type ObservableInput,
  type ObservedValueOf,
  type OperatorFunction,
} from 'rxjs';
import { innerWork } from './kept/inner-work.js';
import type { Kept } from './kept/keeper.js';
import { through, type Emission } from './kept/through.js';

/**
 * RxJS's `switchScan`, which holds the event of each value until the work on it, or on a newer one, has completed.
 *
 * ```marble
 * source  -a---b-c----|
 *         switchScan(append, '')  append takes 3, then emits the state with the value behind
 * result  ----x-----y-|      x = a, y = ac
 * settled ----a-----(bc)
 * ```
 *
 * - Complete, error: as RxJS's. On an error, other work is unsubscribed and its events are not settled.
 * - Unsubscribe: unsubscribes all work. Its events are not settled and come again after a restart.
 * - Delivery: as with `switchMap`. The state is lost with the process: save it in the work.
 * - Memory: the state, and one value.
 */
export function switchScan<T, R, O extends ObservableInput<unknown>>(
  accumulator: (acc: R, value: T, index: number) => O,
  seed: R,
): OperatorFunction<T, ObservedValueOf<O>> {
  return (source) =>
    through<T, ObservedValueOf<O>>(source, {
      role: 'works',
      plain: (values, keeper) =>
        rxSwitchScan<Kept<T>, { readonly value: unknown }, Observable<Emission<ObservedValueOf<O>>>>(
          (state, kept, index) => {
            keeper.supersedeAllBy(kept);
            const work = accumulator(state.value as R, kept.value, index);
            return innerWork(kept, keeper, work as ObservableInput<ObservedValueOf<O>>);
          },
          { value: seed },
        )(values),
    });
}
