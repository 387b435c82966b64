import { interval, NEVER, Observable, takeUntil, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { ReplayStoreError } from '../model/errors.js';

/** How long a call may take before that is told, in milliseconds. */
export const SILENCE_MS = 30_000;

/**
 * Tells that a call has not answered for `SILENCE_MS`, and again each time as long has passed.
 *
 * @param tell - Given how many times as long.
 * @param until - From here on nobody is told any more, and no timer keeps the process.
 */
export function tellSilence<T>(
  scheduler: SchedulerLike,
  tell: (times: number) => void,
  until: Observable<unknown> = NEVER,
): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((subscriber) => {
      const silence = interval(SILENCE_MS, scheduler).pipe(takeUntil(until));
      subscriber.add(silence.subscribe((index) => tell(index + 1)));
      subscriber.add(source.subscribe(subscriber));
    });
}

/** What is told of a replay store that does not answer. */
export function silentStore(times: number): ReplayStoreError {
  return new ReplayStoreError(
    `The replay store has not answered for ${(times * SILENCE_MS) / 1000} s. It is waited for, and until then no more than ` +
      'a window of events comes. Check what the store stands on: a network file system, a connection without a time limit.',
  );
}
