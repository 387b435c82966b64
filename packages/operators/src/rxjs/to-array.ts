import { toArray as rxToArray, type OperatorFunction } from 'rxjs';
import { collected } from './kept/arrays.js';

/**
 * RxJS's `toArray`, which holds the events of the values that it collects.
 *
 * ```marble
 * source  -a-b-c--|
 *         toArray()
 * result  --------(x|)      x = [a, b, c]
 * settled --------(abc)
 * ```
 *
 * - Complete: emits what was collected, then completes.
 * - Error, unsubscribe: drops what was collected, without settling it.
 * - Delivery: the array is emitted in the scope of all its events. When all events of the window are kept, so that no
 *   more can come, it emits its values early, and there are several arrays. Choose a window larger than the number of
 *   events.
 * - Memory: all values, on a rxforce stream at most its window.
 */
export function toArray<T>(): OperatorFunction<T, T[]> {
  return (source) => collected(source, rxToArray());
}
