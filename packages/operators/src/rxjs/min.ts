import type { MonoTypeOperatorFunction } from 'rxjs';
import { reduce } from './reduce.js';

/**
 * RxJS's `min`, which holds the events of all values until the result is emitted.
 *
 * ```marble
 * source  -b-a-c--|
 *         min()
 * result  --------(a|)
 * settled --------(bac)
 * ```
 *
 * - Complete, error, unsubscribe, delivery, memory: as with `reduce`.
 */
export function min<T>(comparer?: (x: T, y: T) => number): MonoTypeOperatorFunction<T> {
  return reduce<T, T>(
    typeof comparer === 'function' ? (x, y) => (comparer(x, y) < 0 ? x : y) : (x, y) => (x < y ? x : y),
  );
}
