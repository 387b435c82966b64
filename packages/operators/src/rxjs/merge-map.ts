import { mergeMap as rxMergeMap, type ObservableInput, type ObservedValueOf, type OperatorFunction } from 'rxjs';
import { innerWork } from './kept/inner-work.js';
import type { Kept } from './kept/keeper.js';
import { through } from './kept/through.js';

/**
 * RxJS's `mergeMap`, which holds the event of each value until the work on it has completed.
 *
 * ```marble
 * source  -a--b------|
 *         mergeMap(save)          save takes 3, then emits the value
 * result  ----a--b---|
 * settled ----a--b----
 * ```
 *
 * - Complete, error: as RxJS's. On an error, other work is unsubscribed and its events are not settled.
 * - Unsubscribe: unsubscribes all work. Its events are not settled and come again after a restart.
 * - Delivery: holds each event until its inner Observable has completed. Results are emitted in the event's scope.
 * - Order: results come as they are made; `handle` keeps the order of each record.
 * - Memory: the values that wait; on a rxforce stream at most its window.
 */
export function mergeMap<T, O extends ObservableInput<unknown>>(
  project: (value: T, index: number) => O,
  concurrent = Infinity,
): OperatorFunction<T, ObservedValueOf<O>> {
  return (source) =>
    through<T, ObservedValueOf<O>>(source, {
      role: 'works',
      plain: (values, keeper) =>
        rxMergeMap(
          (kept: Kept<T>, index: number) =>
            kept.held.isLost()
              ? keeper.forsake(kept)
              : innerWork(kept, keeper, project(kept.value, index) as ObservableInput<ObservedValueOf<O>>),
          concurrent,
        )(values),
    });
}
