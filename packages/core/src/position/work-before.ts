import { from, ignoreElements, map, merge, take, tap, timer, type Observable, type SchedulerLike } from 'rxjs';
import type { PositionMemory } from './position-memory.js';

/** How long a subscription waits for the work of the one before, in milliseconds. */
export const WORK_BEFORE_MS = 30_000;
/** After how long it says so, in milliseconds. */
const TELL_AFTER_MS = 1_000;

const UNDER_WAY = 'work of the subscription before is still under way and cannot be stopped; this one';

/**
 * Waits for work that an ended subscription of the same position left behind and that cannot be stopped: begun anew at once, it
 * could be overtaken by a newer value of its record and write an older one over it. `undefined` where there is none.
 */
export function workBefore(
  { running }: PositionMemory,
  scheduler: SchedulerLike,
  warn: (message: string) => void,
): Observable<unknown> | undefined {
  for (const work of running) if (work.size === 0) running.delete(work);
  if (running.size === 0) return undefined;
  const over = from(Promise.allSettled([...running].flatMap((work) => [...work])));
  const told = timer(TELL_AFTER_MS, scheduler).pipe(
    tap(() =>
      warn(
        `${UNDER_WAY} waits up to ${WORK_BEFORE_MS / 1000} s for it, so that no older value of a record overtakes a newer one.`,
      ),
    ),
    ignoreElements(),
  );
  const tooLong = timer(WORK_BEFORE_MS, scheduler).pipe(
    tap(() =>
      warn(
        `${UNDER_WAY} has waited ${WORK_BEFORE_MS / 1000} s and goes on: what is still written may be older than what follows.`,
      ),
    ),
  );
  return merge(over, told, tooLong).pipe(
    take(1),
    map(() => undefined),
  );
}
