import {
  asyncScheduler,
  windowTime as rxWindowTime,
  type Observable,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import { schedulerOf } from './kept/scheduler-of.js';
import { windowed } from './kept/windows.js';

/**
 * RxJS's `windowTime`, whose windows keep and hold values until somebody subscribes to them.
 *
 * ```marble
 * source  -a-b-----c--|
 *         windowTime(4), mergeMap(toArray())
 * result  ----x---y---(z|)      x = [a, b], y = [], z = [c]
 * settled ----(ab)----c---
 * ```
 *
 * - Complete, error: as RxJS's; the values of a window without a subscriber continue to wait after the completion.
 * - Unsubscribe: drops the values of windows without a subscriber, without settling them.
 * - Delivery: a window is emitted outside of any event's scope, and emits each value in its event's scope. Until
 *   somebody subscribes to it, it keeps its values and holds their events; its first subscriber gets these values
 *   first. A window that nobody subscribes to stops the stream when its events fill the window of the stream.
 * - Memory: the values that wait, on a rxforce stream at most its window.
 */
export function windowTime<T>(windowTimeSpan: number, scheduler?: SchedulerLike): OperatorFunction<T, Observable<T>>;
export function windowTime<T>(
  windowTimeSpan: number,
  windowCreationInterval: number,
  scheduler?: SchedulerLike,
): OperatorFunction<T, Observable<T>>;
export function windowTime<T>(
  windowTimeSpan: number,
  // As in RxJS's own signature.
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type
  windowCreationInterval: number | null | void,
  maxWindowSize: number,
  scheduler?: SchedulerLike,
): OperatorFunction<T, Observable<T>>;
export function windowTime<T>(
  windowTimeSpan: number,
  ...others: (number | null | undefined | void | SchedulerLike)[]
): OperatorFunction<T, Observable<T>> {
  const { scheduler = asyncScheduler, numbers } = schedulerOf(others);
  const [interval, maxSize = Infinity] = numbers;
  return (source) => windowed(source, rxWindowTime(windowTimeSpan, interval, maxSize ?? Infinity, scheduler));
}
