import { identity, type ObservableInput, type ObservedValueOf, type OperatorFunction } from 'rxjs';
import { mergeMap } from './merge-map.js';

/**
 * RxJS's `mergeAll`, which holds the event that each inner Observable came with until that has completed.
 *
 * ```marble
 * source  -a--b------|      a = save(1), b = save(2)
 *         mergeAll()              save takes 3, then emits the value
 * result  ----1--2---|
 * ```
 *
 * - Complete, error, unsubscribe, delivery, memory: as of `mergeMap`.
 */
export function mergeAll<O extends ObservableInput<unknown>>(
  concurrent = Infinity,
): OperatorFunction<O, ObservedValueOf<O>> {
  return mergeMap(identity, concurrent);
}
