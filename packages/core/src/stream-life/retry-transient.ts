import { defer, retry, timer, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { RxforceError } from '../model/errors.js';
import { isRefusal } from '../model/refusal.js';
import { backoffMs } from './backoff.js';
import { afterRefusal } from './refusals.js';

/** What tries again works with. */
export interface RetryContext {
  readonly scheduler: SchedulerLike;
  /** Chance, from 0 to 1. */
  readonly random: () => number;
}

/**
 * Tries again after a pause, as long as the error says that it may pass, or the service refuses the session and may take it
 * later, or the next one.
 *
 * @param tell - Told of each pause.
 * @param maxAttempts - How many may fail in a row.
 * @param hasWorked - Whether a call of this kind has worked here: then refusals are borne for minutes, else for seconds.
 */
export function retryTransient<T>(
  context: RetryContext,
  tell: (attempt: number, delayMs: number, cause: RxforceError) => void,
  maxAttempts = Infinity,
  hasWorked: () => boolean = () => false,
): MonoTypeOperatorFunction<T> {
  return (source) =>
    defer(() => {
      let refusals = 0;
      const delay = (thrown: unknown, attempt: number) => {
        const error = RxforceError.from(thrown);
        const isRefused = isRefusal(error);
        if (isRefused) refusals++;
        else if (!error.retriable) throw error;
        const random = context.random();
        const delayMs = isRefused
          ? pauseAfterRefusal({ error, refusals, failures: attempt, hasWorked: hasWorked(), random })
          : backoffMs(attempt, error, random);
        if (attempt >= maxAttempts) throw error;
        tell(attempt, delayMs, error);
        return timer(delayMs, context.scheduler);
      };
      return source.pipe(retry({ delay }));
    });
}

/** Tries a call again whose session is refused, and nothing else: for calls that somebody waits for. */
export function retryRefused<T>({ scheduler, random }: RetryContext): MonoTypeOperatorFunction<T> {
  return retry({
    delay: (thrown: unknown, refusals) => {
      const error = RxforceError.from(thrown);
      if (!isRefusal(error)) throw error;
      const refusal = { error, refusals, failures: refusals, hasWorked: false, random: random() };
      return timer(pauseAfterRefusal(refusal), scheduler);
    },
  });
}

/** @throws The error that it ends with, where it is final. */
function pauseAfterRefusal(refusal: Parameters<typeof afterRefusal>[0]): number {
  const after = afterRefusal(refusal);
  if (after.type === 'fail') throw after.error;
  // Where it could be called again at once, the call itself has done so.
  return after.type === 'pause' ? after.delayMs : backoffMs(refusal.failures, refusal.error, refusal.random);
}
