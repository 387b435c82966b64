import { interval, NEVER, Observable, takeUntil, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { ReplayStoreError } from '../model/errors.js';

/** How long a call may take before that is reported, in milliseconds. */
export const SILENCE_MS = 30_000;

/**
 * Reports that a call has not answered for `SILENCE_MS`, and again after each further `SILENCE_MS`.
 *
 * @param tell - Called with how many times `SILENCE_MS` have passed.
 * @param until - Ends the reports. From then on no timer keeps the process alive.
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

/** The error of a replay store that does not answer. */
export function silentStore(times: number): ReplayStoreError {
  return new ReplayStoreError(
    `The replay store has not answered for ${(times * SILENCE_MS) / 1000} s. It is waited for, and until then no more than ` +
      'a window of events comes. Check what the store stands on: a network file system, a connection without a time limit.',
  );
}
