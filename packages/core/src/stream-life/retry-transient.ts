import { defer, retry, tap, timer, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { RxforceError } from '../model/errors.js';
import { isRefusal } from '../model/refusal.js';
import { backoffMs } from './backoff.js';
import { NO_TROUBLE, oneMore, remedyFor, type Patience, type Trouble } from './reopen-policy.js';

/** The parts that a retry needs. */
export interface RetryContext {
  readonly scheduler: SchedulerLike;
  /** Chance, from 0 to 1. */
  readonly random: () => number;
}

/**
 * Tries again after a pause, while the error may pass, or while the service refuses the session and may accept it or
 * the next one later.
 *
 * @param tell - Called at each pause.
 * @param maxAttempts - How many attempts may fail in a row.
 * @param hasWorked - Whether a call of this kind has worked here. Then refusals are tolerated for minutes, otherwise
 * for seconds.
 */
export function retryTransient<T>(
  context: RetryContext,
  tell: (attempt: number, delayMs: number, cause: RxforceError) => void,
  maxAttempts = Infinity,
  hasWorked: () => boolean = () => false,
): MonoTypeOperatorFunction<T> {
  return (source) =>
    defer(() => {
      let trouble = NO_TROUBLE;
      const delay = (thrown: unknown, attempt: number) => {
        const error = RxforceError.from(thrown);
        trouble = oneMore(trouble, error);
        const patience = { maxAttempts, hasWorked: hasWorked(), random: context.random() };
        const delayMs = pauseAfter(error, { ...trouble, failures: attempt }, patience);
        tell(attempt, delayMs, error);
        return timer(delayMs, context.scheduler);
      };
      // A source may live for long, and fail once a day.
      return source.pipe(
        tap(() => (trouble = NO_TROUBLE)),
        retry({ delay, resetOnSuccess: true }),
      );
    });
}

/** Tries a call again only when its session is refused. For calls whose caller waits. */
export function retryRefused<T>({ scheduler, random }: RetryContext): MonoTypeOperatorFunction<T> {
  return retry({
    delay: (thrown: unknown, refusals) => {
      const error = RxforceError.from(thrown);
      if (!isRefusal(error)) throw error;
      const patience = { maxAttempts: Infinity, hasWorked: false, random: random() };
      return timer(pauseAfter(error, { refusals, failures: refusals }, patience), scheduler);
    },
  });
}

/** @throws The final error, where no other attempt follows. */
function pauseAfter(error: RxforceError, trouble: Trouble, patience: Patience): number {
  const remedy = remedyFor(error, trouble, patience);
  if (remedy.type === 'pause') return remedy.delayMs;
  if (remedy.type === 'fail') throw remedy.error;
  // The call was made again at once.
  if (trouble.failures >= patience.maxAttempts) throw error;
  return backoffMs(trouble.failures, error, patience.random);
}
