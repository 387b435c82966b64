import { asyncScheduler, timer, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { delayWhen } from './delay-when.js';

/**
 * RxJS's `delay`, which holds the events of the values that wait.
 *
 * ```marble
 * source  -a-b------|
 *         delay(4)
 * result  -----a-b--|
 * settled -----a-b---
 * ```
 *
 * - Complete: as RxJS's. A kept value that will never be emitted is settled, like a value that a filter drops.
 * - Error, unsubscribe: drops what was kept, without settling it.
 * - Delivery: a value is emitted in its event's scope.
 * - Memory: the values that wait, on a rxforce stream at most its window: the window bounds how many can wait at a
 *   time.
 */
export function delay<T>(due: number | Date, scheduler: SchedulerLike = asyncScheduler): MonoTypeOperatorFunction<T> {
  const duration = timer(due, scheduler);
  return delayWhen(() => duration);
}
