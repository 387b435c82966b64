import { identity, type ObservableInput, type ObservedValueOf, type OperatorFunction } from 'rxjs';
import { concatMap } from './concat-map.js';

/**
 * RxJS's `concatAll`, which holds the event of each inner Observable until that Observable has completed.
 *
 * ```marble
 * source  -ab--------|      a = save(1), b = save(2)
 *         concatAll()             save takes 3, then emits the value
 * result  ----1--2---|
 * settled ----a--b----
 * ```
 *
 * - Complete, error, unsubscribe, delivery, memory: as with `concatMap`.
 */
export function concatAll<O extends ObservableInput<unknown>>(): OperatorFunction<O, ObservedValueOf<O>> {
  return concatMap(identity);
}
