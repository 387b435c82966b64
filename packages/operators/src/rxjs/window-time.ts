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
 * RxJS's `windowTime`, whose windows keep and hold what comes while nobody has subscribed to them.
 *
 * ```marble
 * source  -a-b-----c--|
 *         windowTime(4), mergeMap(toArray())
 * result  ----x---y---(z|)      x = [a, b], y = [], z = [c]
 * ```
 *
 * - Complete, error: as RxJS's; what a window keeps that nobody has subscribed to yet goes on waiting after the completion.
 * - Unsubscribe: drops what waits in windows that nobody has subscribed to, without settling it.
 * - Delivery: a window is given away in nobody's scope, and emits each value in its event's scope. Until somebody subscribes to
 *   it, it keeps what comes and holds it; the first subscriber gets that first. One that nobody subscribes to stops the stream
 *   once the window of the stream is full of its events.
 * - Memory: what waits, on a rxforce stream at most its window.
 */
export function windowTime<T>(windowTimeSpan: number, scheduler?: SchedulerLike): OperatorFunction<T, Observable<T>>;
export function windowTime<T>(
  windowTimeSpan: number,
  windowCreationInterval: number,
  scheduler?: SchedulerLike,
): OperatorFunction<T, Observable<T>>;
export function windowTime<T>(
  windowTimeSpan: number,
  // RxJS's own signature says so.
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
