import { identity, type ObservableInput, type ObservedValueOf, type OperatorFunction } from 'rxjs';
import { concatMap } from './concat-map.js';

/**
 * RxJS's `concatAll`, which holds the event that each inner Observable came with until that has completed.
 *
 * ```marble
 * source  -ab--------|      a = save(1), b = save(2)
 *         concatAll()             save takes 3, then emits the value
 * result  ----1--2---|
 * ```
 *
 * - Complete, error, unsubscribe, delivery, memory: as of `concatMap`.
 */
export function concatAll<O extends ObservableInput<unknown>>(): OperatorFunction<O, ObservedValueOf<O>> {
  return concatMap(identity);
}
