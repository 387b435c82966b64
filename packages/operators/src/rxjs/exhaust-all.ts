import { identity, type ObservableInput, type ObservedValueOf, type OperatorFunction } from 'rxjs';
import { exhaustMap } from './exhaust-map.js';

/**
 * RxJS's `exhaustAll`, which holds the event of each inner Observable until that Observable has completed.
 *
 * ```marble
 * source  -a--b-c-------|      a = save(1), b = save(2), c = save(3)
 *         exhaustAll()            save takes 3, then emits the value
 * result  ----1----3----|
 * settled ----(ab)-c-----
 * ```
 *
 * - Complete, error, unsubscribe, delivery, memory: as with `exhaustMap`.
 */
export function exhaustAll<O extends ObservableInput<unknown>>(): OperatorFunction<O, ObservedValueOf<O>> {
  return exhaustMap(identity);
}
