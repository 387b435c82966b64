import { interval, Observable, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { ReplayStoreError } from '../model/errors.js';

/** How long a call may take before that is told, in milliseconds. */
export const SILENCE_MS = 30_000;

/**
 * Tells that a call has not answered for `SILENCE_MS`, and again each time as long has passed.
 *
 * @param tell - Given how many times as long.
 */
export function tellSilence<T>(scheduler: SchedulerLike, tell: (times: number) => void): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((subscriber) => {
      subscriber.add(interval(SILENCE_MS, scheduler).subscribe((index) => tell(index + 1)));
      subscriber.add(source.subscribe(subscriber));
    });
}

/** What is told of a replay store that does not answer. */
export function silentStore(times: number): ReplayStoreError {
  return new ReplayStoreError(
    'replay-store',
    `The replay store has not answered for ${(times * SILENCE_MS) / 1000} s. It is waited for, and until then no more than ` +
      'a window of events comes. Check what the store stands on: a network file system, a connection without a time limit.',
  );
}
