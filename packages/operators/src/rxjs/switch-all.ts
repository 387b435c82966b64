import { identity, type ObservableInput, type ObservedValueOf, type OperatorFunction } from 'rxjs';
import { switchMap } from './switch-map.js';

/**
 * RxJS's `switchAll`, which holds the event that each inner Observable came with until that has completed.
 *
 * ```marble
 * source  -a---b-c----|      a = save(1), b = save(2), c = save(3)
 *         switchAll()             save takes 3, then emits the value
 * result  ----1-----3-|
 * ```
 *
 * - Complete, error, unsubscribe, delivery, memory: as of `switchMap`.
 */
export function switchAll<O extends ObservableInput<unknown>>(): OperatorFunction<O, ObservedValueOf<O>> {
  return switchMap(identity);
}
