import { catchError, defer, map, of, throwIfEmpty, type Observable, type ObservableInput } from 'rxjs';
import { checkOptionNames, DeadLetterQueueError, Err, type Result, RxforceError } from '@rxforce/core/model';
import { attempts } from './attempts.js';
import { resolveRetryPolicy, type ResolvedRetryPolicy, type RetryPolicy } from './retry-policy.js';

/** How a dead-letter queue that fails is tried again. */
export interface QueueRetryPolicy extends Pick<RetryPolicy, 'delays'> {
  /**
   * Most attempts after the first, where the queue says that its failure may pass; from 0, `Infinity` to wait for it.
   *
   * @defaultValue 10
   */
  readonly maxRetries?: number;
  /**
   * How long the queue may take to answer, in milliseconds, above 0: then it has failed, and is asked again.
   *
   * @defaultValue `Infinity`
   */
  readonly timeoutMs?: number;
}

/**
 * Checks how a queue that fails is tried again.
 *
 * @throws `ConfigurationError` when a field is out of its range.
 */
export function resolveQueuePolicy(
  caller: string,
  queueRetry: QueueRetryPolicy,
  { random, scheduler }: Pick<RetryPolicy, 'random' | 'scheduler'>,
): ResolvedRetryPolicy {
  const { maxRetries = 10, delays, timeoutMs } = queueRetry;
  return resolveRetryPolicy(caller, {
    maxRetries,
    retryable: (error) => RxforceError.is(error) && error.retriable,
    ...(delays !== undefined && { delays }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(random !== undefined && { random }),
    ...(scheduler !== undefined && { scheduler }),
  });
}

/**
 * `resolveQueuePolicy`, for an option `queueRetry`.
 *
 * @param caller - Whose option it is, for the messages: such as `redrive()`.
 * @throws `ConfigurationError` when a field is unknown, or out of its range.
 */
export function resolveQueueRetry(
  caller: string,
  queueRetry: QueueRetryPolicy,
  options: Pick<RetryPolicy, 'random' | 'scheduler'>,
): ResolvedRetryPolicy {
  checkOptionNames(queueRetry, QUEUE_RETRY_NAMES, { of: caller, prefix: 'queueRetry.' });
  return resolveQueuePolicy(`${caller}'s queueRetry`, queueRetry, options);
}

const QUEUE_RETRY_NAMES: readonly string[] = Object.keys({
  maxRetries: true,
  delays: true,
  timeoutMs: true,
} satisfies Record<keyof QueueRetryPolicy, true>);

/**
 * Asks something of a dead-letter queue, and again after a pause where it says that its failure may pass. Emits what the
 * queue answers, or errors with its `DeadLetterQueueError`; at once with one when the queue does what none may do.
 */
export function askQueue<T>(
  ask: () => ObservableInput<Result<T, DeadLetterQueueError>>,
  policy: ResolvedRetryPolicy,
): Observable<T> {
  const answer = () =>
    defer(ask).pipe(
      catchError((rejection: unknown) => of(Err(outsideThePort(rejection)))),
      map((answer: unknown) => valueOrThrow<T>(answer)),
      throwIfEmpty(() => noResult(undefined)),
    );
  return attempts(answer, policy).pipe(
    map((outcome) => {
      if (!outcome.ok) throw queueErrorOf(outcome.val.error);
      return outcome.val[0] as T;
    }),
  );
}

/** A result is known by its shape: a queue may have another copy of ts-results. */
function valueOrThrow<T>(answer: unknown): T {
  const { ok, val } = Object(answer) as Partial<Result<T, unknown>>;
  if (typeof ok !== 'boolean' || !('val' in Object(answer))) throw noResult(answer);
  if (ok) return val as T;
  throw val;
}

function queueErrorOf(error: unknown): RxforceError {
  const code = RxforceError.is(error) ? error.code : undefined;
  if (code === 'dead-letter-queue') return error as RxforceError;
  if (code !== 'work-timeout') return outsideThePort(error);
  return new DeadLetterQueueError('The dead-letter queue did not answer in time.', { cause: error });
}

function noResult(answer: unknown): DeadLetterQueueError {
  const given = typeof answer === 'object' && answer !== null ? 'an object that is none' : typeof answer;
  return new DeadLetterQueueError(
    `The dead-letter queue resolved with ${given}, but must resolve with a Result: Ok(value) or Err(new DeadLetterQueueError(…)). ` +
      'Mend it; nobody knows what it did.',
    { retriable: false },
  );
}

/** What no queue may do: try nothing again, as nobody knows what it would do. */
function outsideThePort(cause: unknown): DeadLetterQueueError {
  return new DeadLetterQueueError(
    `The dead-letter queue rejected, or gave no Result of a DeadLetterQueueError, which no queue may do. Mend it: ${String(cause)}`,
    { retriable: false, cause },
  );
}
