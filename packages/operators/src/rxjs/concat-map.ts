import type { ObservableInput, ObservedValueOf, OperatorFunction } from 'rxjs';
import { mergeMap } from './merge-map.js';

/**
 * RxJS's `concatMap`, which holds the event of each value until the work on it has completed.
 *
 * ```marble
 * source  -ab--------|
 *         concatMap(save)         save takes 3, then emits the value
 * result  ----a--b---|
 * settled ----a--b----
 * ```
 *
 * - Complete, error: as RxJS's. On an error, other work is unsubscribed and its events are not settled.
 * - Unsubscribe: unsubscribes all work. Its events are not settled and come again after a restart.
 * - Delivery: holds each event, during the wait and the work, until its inner Observable has completed. Results are
 *   emitted in the event's scope.
 * - Memory: the values that wait; on a rxforce stream at most its window.
 */
export function concatMap<T, O extends ObservableInput<unknown>>(
  project: (value: T, index: number) => O,
): OperatorFunction<T, ObservedValueOf<O>> {
  return mergeMap(project, 1);
}
