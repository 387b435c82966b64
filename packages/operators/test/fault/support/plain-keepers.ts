import { bufferTime, concatMap, debounceTime, delay, map, mergeAll, mergeMap, pipe, timer } from 'rxjs';
import type { OperatorFunction, SchedulerLike } from 'rxjs';
import type { Thing } from './event-log.js';

/**
 * Operators of RxJS that keep events without a hold, as people write them before the work. Each lets go of what it has
 * within seconds: what is kept for longer than it is waited for a sign of work cannot be told from what a filter drops.
 */
export const PLAIN_KEEPERS: Readonly<Record<string, (scheduler: SchedulerLike) => OperatorFunction<Thing, Thing>>> = {
  delay: (scheduler) => delay(7, scheduler),
  concatMap: (scheduler) => concatMap((event) => timer(3, scheduler).pipe(map(() => event))),
  'mergeMap of copies': (scheduler) => mergeMap((event) => timer(3, scheduler).pipe(map(() => ({ ...event })))),
  debounceTime: (scheduler) => debounceTime(5, scheduler),
  bufferTime: (scheduler) => pipe(bufferTime(5, scheduler), mergeAll()),
};
