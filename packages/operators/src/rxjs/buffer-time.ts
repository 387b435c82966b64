import { asyncScheduler, type OperatorFunction, type SchedulerLike, type Subscriber } from 'rxjs';
import { operate } from '@rxforce/core/delivery';
import { later, OpenBuffers, type OpenBuffer } from './kept/open-buffers.js';
import { schedulerOf } from './kept/scheduler-of.js';

/**
 * RxJS's `bufferTime`, which holds the events of the values that it collects.
 *
 * ```marble
 * source  -a-b-----c--|
 *         bufferTime(4)
 * result  ----x---y---(z|)      x = [a, b], y = [], z = [c]
 * settled ----(ab)----c---
 * ```
 *
 * - Complete: emits what was collected, then completes.
 * - Error, unsubscribe: drops what was collected, without settling it.
 * - Delivery: each array is emitted in the scope of all its events. A value that is in no buffer is settled at once.
 *   When all events of the window are kept, so that no more can come, buffers emit their values early, and later values
 *   at their time.
 * - Memory: the values in the buffers, on a rxforce stream at most its window.
 */
export function bufferTime<T>(bufferTimeSpan: number, scheduler?: SchedulerLike): OperatorFunction<T, T[]>;
export function bufferTime<T>(
  bufferTimeSpan: number,
  bufferCreationInterval: number | null | undefined,
  scheduler?: SchedulerLike,
): OperatorFunction<T, T[]>;
export function bufferTime<T>(
  bufferTimeSpan: number,
  bufferCreationInterval: number | null | undefined,
  maxBufferSize: number,
  scheduler?: SchedulerLike,
): OperatorFunction<T, T[]>;
export function bufferTime<T>(
  bufferTimeSpan: number,
  ...others: (number | null | undefined | SchedulerLike)[]
): OperatorFunction<T, T[]> {
  const { scheduler = asyncScheduler, numbers } = schedulerOf(others);
  const [interval = null, maxSize] = numbers;
  const isRepeated = interval !== null && interval >= 0;
  // As in RxJS, 0 means no limit.
  const most = maxSize === 0 ? Infinity : (maxSize ?? Infinity);
  return (source) =>
    operate(source, 'keeps', (subscriber: Subscriber<T[]>) => {
      const buffers = new OpenBuffers<T>(subscriber);
      let isDone = false;
      const begin = () => {
        if (isDone || subscriber.closed) return;
        const buffer = buffers.begin();
        later(buffer.life, scheduler, bufferTimeSpan, () => end(buffer));
      };
      const end = (buffer: OpenBuffer<T>) => {
        buffers.end(buffer);
        if (!isRepeated) begin();
      };
      if (isRepeated) later(subscriber, scheduler, interval, begin, true);
      begin();
      return {
        next: (value) => {
          for (const buffer of buffers.all()) {
            buffers.add(buffer, value);
            if (most <= buffer.seen) end(buffer);
          }
        },
        complete: () => {
          isDone = true;
          buffers.complete();
        },
      };
    });
}
