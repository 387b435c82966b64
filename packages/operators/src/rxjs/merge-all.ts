import { identity, type ObservableInput, type ObservedValueOf, type OperatorFunction } from 'rxjs';
import { mergeMap } from './merge-map.js';

/**
 * RxJS's `mergeAll`, which holds the event of each inner Observable until that Observable has completed.
 *
 * ```marble
 * source  -a--b------|      a = save(1), b = save(2)
 *         mergeAll()              save takes 3, then emits the value
 * result  ----1--2---|
 * settled ----a--b----
 * ```
 *
 * - Complete, error, unsubscribe, delivery, memory: as with `mergeMap`.
 */
export function mergeAll<O extends ObservableInput<unknown>>(
  concurrent = Infinity,
): OperatorFunction<O, ObservedValueOf<O>> {
  return mergeMap(identity, concurrent);
}
