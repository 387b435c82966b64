import {
  concat,
  defer,
  EMPTY,
  identity,
  map,
  of,
  retry,
  throwError,
  timeout,
  timer,
  toArray,
  type MonoTypeOperatorFunction,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import { Err, Ok, WorkTimeoutError, type Result } from '@rxforce/core/model';
import { isMisuse } from '@rxforce/core/internal';
import type { ResolvedRetryPolicy } from './retry-policy.js';

/** The failed attempts at a value. */
export interface Failure {
  /** The error of the last attempt. */
  readonly error: unknown;
  /** How many attempts failed. */
  readonly attempts: number;
  /** When the first one failed, in epoch milliseconds. */
  readonly firstFailedAt: number;
  /** When the last one failed, in epoch milliseconds. */
  readonly lastFailedAt: number;
}

/**
 * Does work, and tries it again as the policy says, until it has completed. Emits one value: all results of the attempt
 * that succeeded, or the failure when there are no more attempts. So an attempt that fails in the middle leaves no
 * results. Errors only with an error thrown by a function of the policy.
 *
 * @param work - Starts an attempt. It gets the number of the attempt, from 1, including earlier attempts.
 * @param before - Attempts at the same work that have already failed. They use no retries.
 */
export function attempts<R>(
  work: (attempt: number) => ObservableInput<R>,
  policy: ResolvedRetryPolicy,
  before?: Failure,
): Observable<Result<readonly R[], Failure>> {
  return defer(() => {
    const { scheduler, maxRetries } = policy;
    let failure = before;
    let gaveUp: Failure | undefined;
    const tried = defer(() => work((failure?.attempts ?? 0) + 1)).pipe(
      toArray(),
      within(policy),
      retry({
        delay: (error: unknown, failed) => {
          if (isMisuse(error)) return throwError(() => error);
          failure = failedAgain(failure, error, scheduler.now());
          if (failed <= maxRetries && policy.isRetryable(error)) return timer(policy.delayMs(failed, error), scheduler);
          gaveUp = failure;
          return EMPTY;
        },
      }),
      map((results) => Ok<readonly R[]>(results)),
    );
    return concat(
      tried,
      defer(() => (gaveUp === undefined ? EMPTY : of(Err(gaveUp)))),
    );
  });
}

function failedAgain(before: Failure | undefined, error: unknown, now: number): Failure {
  return {
    error,
    attempts: (before?.attempts ?? 0) + 1,
    firstFailedAt: before?.firstFailedAt ?? now,
    lastFailedAt: now,
  };
}

/** The time limit of an attempt, for work that emits once, when it is done. */
function within<T>({ timeoutMs, scheduler }: ResolvedRetryPolicy): MonoTypeOperatorFunction<T> {
  if (timeoutMs === Infinity) return identity;
  return timeout({ first: timeoutMs, scheduler, with: () => throwError(() => tookTooLong(timeoutMs)) });
}

function tookTooLong(timeoutMs: number): WorkTimeoutError {
  return new WorkTimeoutError(
    `An attempt took longer than ${timeoutMs} ms and was unsubscribed. Raise timeoutMs if the work may take longer.`,
  );
}
