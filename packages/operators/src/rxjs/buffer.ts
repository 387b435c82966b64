import { buffer as rxBuffer, type ObservableInput, type OperatorFunction } from 'rxjs';
import { collected } from './kept/arrays.js';

/**
 * RxJS's `buffer`, which holds the events of the values that it collects.
 *
 * ```marble
 * source  -a-b-c-d-e--|
 *         buffer(notifier)        notifies at 4 and 8
 * result  ----x---y---(z|)      x = [a, b], y = [c, d], z = [e]
 * settled ----(ab)(cd)e---
 * ```
 *
 * - Complete: emits what was collected, then completes.
 * - Error, unsubscribe: drops what was collected, without settling it.
 * - Delivery: each array is emitted in the scope of all its events. When all events of the window are kept, so that no
 *   more can come, it emits its values early, and later values at the next notification.
 * - Memory: the values in the buffer, on a rxforce stream at most its window.
 */
export function buffer<T>(closingNotifier: ObservableInput<unknown>): OperatorFunction<T, T[]> {
  return (source) => collected(source, rxBuffer(closingNotifier));
}
