import { identity, type ObservableInput, type ObservedValueOf, type OperatorFunction } from 'rxjs';
import { switchMap } from './switch-map.js';

/**
 * RxJS's `switchAll`, which holds the event of each inner Observable until that Observable has completed.
 *
 * ```marble
 * source  -a---b-c----|      a = save(1), b = save(2), c = save(3)
 *         switchAll()             save takes 3, then emits the value
 * result  ----1-----3-|
 * settled ----a-----(bc)
 * ```
 *
 * - Complete, error, unsubscribe, delivery, memory: as with `switchMap`.
 */
export function switchAll<O extends ObservableInput<unknown>>(): OperatorFunction<O, ObservedValueOf<O>> {
  return switchMap(identity);
}
