import { toArray as rxToArray, type OperatorFunction } from 'rxjs';
import { collected } from './kept/arrays.js';

/**
 * RxJS's `toArray`, which holds the events of what it collects.
 *
 * ```marble
 * source  -a-b-c--|
 *         toArray()
 * result  --------(x|)      x = [a, b, c]
 * ```
 *
 * - Complete: emits what was collected, then completes.
 * - Error, unsubscribe: drops what was collected, without settling it.
 * - Delivery: the array is emitted in the scope of all its events. When all events of the window are kept, so that no more
 *   can come, emits what it has early: then there are several arrays. Choose a window larger than what comes.
 * - Memory: all values, on a rxforce stream at most its window.
 */
export function toArray<T>(): OperatorFunction<T, T[]> {
  return (source) => collected(source, rxToArray());
}
