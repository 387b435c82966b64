import { asyncScheduler, type SchedulerLike } from 'rxjs';

/**
 * Now, in milliseconds, for durations. Only the difference of two such values has a meaning. The wall clock jumps (NTP,
 * a suspended machine, a user who sets it), and must not make a duration longer or shorter; a scheduler of the user's
 * own, such as one of virtual time, is the clock itself.
 */
export function monotonicNow(scheduler: SchedulerLike): number {
  return scheduler === asyncScheduler ? performance.now() : scheduler.now();
}
