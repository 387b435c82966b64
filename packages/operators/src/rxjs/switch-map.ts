import { switchMap as rxSwitchMap, type ObservableInput, type ObservedValueOf, type OperatorFunction } from 'rxjs';
import { innerWork } from './kept/inner-work.js';
import type { Kept } from './kept/keeper.js';
import { through } from './kept/through.js';

/**
 * RxJS's `switchMap`, which holds the event of each value until the work on it, or on a newer one, has completed.
 *
 * ```marble
 * source  -a---b-c----|
 *         switchMap(save)         save takes 3, then emits the value
 * result  ----a-----c-|
 * settled ----a-----(bc)
 * ```
 *
 * Where each change must be worked on, use `concatMap` or `handle`: work that is cut off here is not done again.
 *
 * - Complete, error: as RxJS's. On an error, other work is unsubscribed and its events are not settled.
 * - Unsubscribe: unsubscribes all work. Its events are not settled and come again after a restart.
 * - Delivery: results are emitted in the scope of their event and of the events that it has superseded. An event whose
 *   work was cut off by a newer value is settled together with that one.
 * - Memory: one value; and a claim on each event that was superseded, on a rxforce stream at most its window.
 */
export function switchMap<T, O extends ObservableInput<unknown>>(
  project: (value: T, index: number) => O,
): OperatorFunction<T, ObservedValueOf<O>> {
  return (source) =>
    through<T, ObservedValueOf<O>>(source, {
      role: 'works',
      plain: (values, keeper) =>
        rxSwitchMap((kept: Kept<T>, index: number) => {
          keeper.supersedeAllBy(kept);
          return innerWork(kept, keeper, project(kept.value, index) as ObservableInput<ObservedValueOf<O>>);
        })(values),
    });
}
