import { asyncScheduler, timer, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { delayWhen } from './delay-when.js';

/**
 * RxJS's `delay`, which holds the events of the values that wait.
 *
 * ```marble
 * source  -a-b------|
 *         delay(4)
 * result  -----a-b--|
 * ```
 *
 * - Complete: as RxJS's. What was kept and never will be emitted is settled, as what a filter drops.
 * - Error, unsubscribe: drops what was kept, without settling it.
 * - Delivery: a value is emitted in its event's scope.
 * - Memory: the values waiting, on a rxforce stream at most its window: the window is how many can wait at a time.
 */
export function delay<T>(due: number | Date, scheduler: SchedulerLike = asyncScheduler): MonoTypeOperatorFunction<T> {
  const duration = timer(due, scheduler);
  return delayWhen(() => duration);
}
