import { from, ignoreElements, map, merge, take, tap, timer, type Observable, type SchedulerLike } from 'rxjs';
import type { PositionMemory } from './position-memory.js';

/** How long a subscription waits for the work of an earlier one, in milliseconds. */
export const WORK_BEFORE_MS = 30_000;
/** How long it waits before it reports that, in milliseconds. */
const TELL_AFTER_MS = 1_000;

const UNDER_WAY = 'work of the subscription before is still under way and cannot be stopped; this one';

/**
 * Waits for work that an ended subscription of the same position left, and that cannot be stopped. If the next
 * subscription began at once, that work could overwrite a newer value of its record with an older one. `undefined`
 * where there is no such work.
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
