import type { MonoTypeOperatorFunction } from 'rxjs';
import { reduce } from './reduce.js';

/**
 * RxJS's `max`, which holds the events of all values until the result is emitted.
 *
 * ```marble
 * source  -b-a-c--|
 *         max()
 * result  --------(c|)
 * settled --------(bac)
 * ```
 *
 * - Complete, error, unsubscribe, delivery, memory: as with `reduce`.
 */
export function max<T>(comparer?: (x: T, y: T) => number): MonoTypeOperatorFunction<T> {
  return reduce<T, T>(
    typeof comparer === 'function' ? (x, y) => (comparer(x, y) > 0 ? x : y) : (x, y) => (x > y ? x : y),
  );
}
