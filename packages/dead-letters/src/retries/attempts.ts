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

/** Attempts that failed, up to the last one. */
export interface Failure {
  /** What the last one failed with. */
  readonly error: unknown;
  /** How many. */
  readonly attempts: number;
  /** When the first one failed, in epoch milliseconds. */
  readonly firstFailedAt: number;
  /** When the last one failed, in epoch milliseconds. */
  readonly lastFailedAt: number;
}

/**
 * Does work, and does it again as the policy says, until it has completed. Gives one value: all results of the attempt
 * that succeeded, or what became of the attempts once there are no more. So an attempt that fails in the middle leaves
 * no results. Errors only with what a function of the policy throws.
 *
 * @param work - Starts an attempt. It is told which one it is, from 1, those made before counted.
 * @param before - Attempts at the same that have failed already. They use up no retries.
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

/** For work that emits once, when it is done. */
function within<T>({ timeoutMs, scheduler }: ResolvedRetryPolicy): MonoTypeOperatorFunction<T> {
  if (timeoutMs === Infinity) return identity;
  return timeout({ first: timeoutMs, scheduler, with: () => throwError(() => tookTooLong(timeoutMs)) });
}

function tookTooLong(timeoutMs: number): WorkTimeoutError {
  return new WorkTimeoutError(
    `An attempt took longer than ${timeoutMs} ms and was unsubscribed. Raise timeoutMs if the work may take longer.`,
  );
}
