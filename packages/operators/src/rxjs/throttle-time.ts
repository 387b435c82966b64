import { asyncScheduler, timer, type MonoTypeOperatorFunction, type SchedulerLike, type ThrottleConfig } from 'rxjs';
import { throttle } from './throttle.js';

/**
 * RxJS's `throttleTime`, which holds the events of the value that it keeps, and of the values that it has superseded.
 *
 * ```marble
 * source  -a-b-c------d--|
 *         throttleTime(5)
 * result  -a----------d--|
 * settled -a-b-c------d---
 * ```
 *
 * - Complete, error, unsubscribe, delivery, memory: as with `throttle`. `throttleByKey` does it for each record.
 */
export function throttleTime<T>(
  duration: number,
  scheduler: SchedulerLike = asyncScheduler,
  config?: ThrottleConfig,
): MonoTypeOperatorFunction<T> {
  const duration$ = timer(duration, scheduler);
  return throttle(() => duration$, config);
}
