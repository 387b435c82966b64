import type { OperatorFunction, Subscriber } from 'rxjs';
import { operate } from '@rxforce/core/delivery';
import { OpenBuffers } from './kept/open-buffers.js';

/**
 * RxJS's `bufferCount`, which holds the events of the values that it collects.
 *
 * ```marble
 * source  -a-b-c-d-e--|
 *         bufferCount(2)
 * result  ---x---y----(z|)      x = [a, b], y = [c, d], z = [e]
 * settled ---(ab)(cd)-e---
 * ```
 *
 * - Complete: emits what was collected, then completes.
 * - Error, unsubscribe: drops what was collected, without settling it.
 * - Delivery: each array is emitted in the scope of all its events. A value that is in no buffer is settled at once.
 *   When all events of the window are kept, so that no more can come, buffers emit their values early, and the rest
 *   when the buffer is complete.
 * - Memory: the values in the buffers, on a rxforce stream at most its window.
 */
export function bufferCount<T>(bufferSize: number, startBufferEvery: number | null = null): OperatorFunction<T, T[]> {
  const every = startBufferEvery ?? bufferSize;
  return (source) =>
    operate(source, 'keeps', (subscriber: Subscriber<T[]>) => {
      const buffers = new OpenBuffers<T>(subscriber);
      let count = 0;
      return {
        next: (value) => {
          if (count++ % every === 0) buffers.begin();
          const open = buffers.all();
          for (const buffer of open) buffers.add(buffer, value);
          for (const buffer of open) if (bufferSize <= buffer.seen) buffers.end(buffer);
        },
        complete: () => buffers.complete(),
      };
    });
}
