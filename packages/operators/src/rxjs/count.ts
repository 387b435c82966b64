import type { OperatorFunction } from 'rxjs';
import { reduce } from './reduce.js';

/**
 * RxJS's `count`, which holds the events of all values until the count is emitted.
 *
 * ```marble
 * source  -a-b-c--|
 *         count()
 * result  --------(x|)      x = 3
 * settled --------(abc)
 * ```
 *
 * - Complete, error, unsubscribe, delivery, memory: as with `reduce`.
 */
export function count<T>(predicate?: (value: T, index: number) => boolean): OperatorFunction<T, number> {
  return reduce((total: number, value: T, index) => (!predicate || predicate(value, index) ? total + 1 : total), 0);
}
