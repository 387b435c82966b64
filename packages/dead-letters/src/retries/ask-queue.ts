import { defer, map, throwIfEmpty, type Observable, type ObservableInput } from 'rxjs';
import {
  checkOptionNames,
  DeadLetterQueueError,
  kindOf,
  plainText,
  RxforceError,
  WorkTimeoutError,
} from '@rxforce/core/model';
import { checkAnswer, promiseOf, wrongAnswer, type AskedMethod, type QueueAnswer } from '../queue-answers.js';
import { attempts } from './attempts.js';
import { resolveRetryPolicy, type ResolvedRetryPolicy, type RetryPolicy } from './retry-policy.js';

/** How a failing dead-letter queue is tried again. */
export interface QueueRetryPolicy extends Pick<RetryPolicy, 'delays'> {
  /**
   * Most attempts after the first, where the queue reports a temporary failure; from 0, `Infinity` to try until it
   * works.
   *
   * @defaultValue 10
   */
  readonly maxRetries?: number;
  /**
   * How long the queue may take to answer, in milliseconds, above 0. After that the attempt has failed, and the queue
   * is asked again.
   *
   * @defaultValue `Infinity`
   */
  readonly timeoutMs?: number;
}

/**
 * Checks the policy for a failing queue.
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
    retryable: (error) => (DeadLetterQueueError.is(error) || WorkTimeoutError.is(error)) && error.retriable,
    ...(delays !== undefined && { delays }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(random !== undefined && { random }),
    ...(scheduler !== undefined && { scheduler }),
  });
}

/**
 * `resolveQueuePolicy`, for an option `queueRetry`.
 *
 * @param caller - The name of the option's owner in messages, such as `redrive()`.
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
 * Calls a method of a dead-letter queue, and calls it again after a pause where the queue reports a temporary failure.
 * Emits the result of the queue, or errors with its `DeadLetterQueueError`. When the queue breaks its contract, it
 * errors with one at once.
 *
 * @param method - The method that is called; its result is checked.
 */
export function askQueue<M extends AskedMethod>(
  method: M,
  ask: () => ObservableInput<QueueAnswer<M>>,
  policy: ResolvedRetryPolicy,
): Observable<QueueAnswer<M>> {
  const answer = () =>
    defer(() => promiseOf(method, ask())).pipe(
      map((answered) => checkAnswer(method, answered)),
      throwIfEmpty(() => wrongAnswer(method, 'resolved with', undefined)),
    );
  return attempts(answer, policy).pipe(
    map((outcome) => {
      if (!outcome.ok) throw queueErrorOf(outcome.val.error);
      return outcome.val[0] as QueueAnswer<M>;
    }),
  );
}

function queueErrorOf(error: unknown): RxforceError {
  const code = RxforceError.is(error) ? error.code : undefined;
  if (code === 'dead-letter-queue') return error as RxforceError;
  if (code !== 'work-timeout') return outsideThePort(error);
  return new DeadLetterQueueError('The dead-letter queue did not answer in time.', { cause: error });
}

/** The error of a queue that breaks its contract. It is not tried again, because nobody knows what it would do. */
function outsideThePort(cause: unknown): DeadLetterQueueError {
  return new DeadLetterQueueError(
    `The dead-letter queue rejected with what is no DeadLetterQueueError: ${reasonOf(cause)}. Where a failure may pass, have the ` +
      'queue reject with new DeadLetterQueueError(message): only then it is asked again.',
    { retriable: false, cause },
  );
}

/** Anything may be thrown, even an object without a prototype, which has no text. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof Error) return plainText(thrown.message);
  return typeof thrown === 'string' ? plainText(thrown) : kindOf(thrown);
}
