import { retry, timer, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { RxforceError } from '../model/errors.js';
import { backoffMs } from './backoff.js';

/**
 * Tries again after a pause, as long as the error says that it may pass.
 *
 * @param tell - Told of each pause.
 * @param maxAttempts - How many may fail in a row.
 */
export function retryTransient<T>(
  { scheduler, random }: { readonly scheduler: SchedulerLike; readonly random: () => number },
  tell: (attempt: number, delayMs: number, cause: RxforceError) => void,
  maxAttempts = Infinity,
): MonoTypeOperatorFunction<T> {
  return retry({
    delay: (thrown: unknown, attempt) => {
      const error = RxforceError.from(thrown);
      if (!error.retriable || attempt >= maxAttempts) throw error;
      const delayMs = backoffMs(attempt, error, random());
      tell(attempt, delayMs, error);
      return timer(delayMs, scheduler);
    },
  });
}
