import { isObservable, type ObservableInput } from 'rxjs';
import { isThenable } from '@rxforce/core/delivery';
import { errorIn } from '@rxforce/core/internal';
import { DeadLetterQueueError, kindOf } from '@rxforce/core/model';
import type { DeadLetter, DeadLetterQueue } from './dead-letter-queue.js';

/*
 * Operators check the values that a queue resolves with. A queue that was written in plain JavaScript has no compiler,
 * and a misread answer could lose an event.
 */

/** The methods that operators call. */
export type AskedMethod = 'put' | 'take' | 'release' | 'remove';

/** The value that a method resolves with. */
export type QueueAnswer<M extends AskedMethod> = Awaited<ReturnType<DeadLetterQueue[M]>>;

/** The value that each method must resolve with, in words. */
const EXPECTED: Readonly<Record<AskedMethod, string>> = {
  put: 'nothing, once the letters are kept',
  take: 'an array of what put() was given, which may be empty',
  release: 'nothing, once the letters may be taken again',
  remove: 'nothing, once the letters are forgotten',
};

/**
 * Checks that a call of a queue returned a promise.
 *
 * @throws `DeadLetterQueueError` when it is not a promise.
 */
export function promiseOf<T>(method: AskedMethod, asked: ObservableInput<T>): ObservableInput<T> {
  if (isThenable(asked) || isObservable(asked)) return asked;
  throw wrongAnswer(method, 'returned', asked);
}

/**
 * Checks the value that a queue resolved with.
 *
 * @throws `DeadLetterQueueError` when the method must not resolve with such a value.
 */
export function checkAnswer<M extends AskedMethod>(method: M, answered: unknown): QueueAnswer<M> {
  const isRight = method === 'take' ? Array.isArray(answered) && answered.every(isLetter) : answered === undefined;
  if (isRight) return answered as QueueAnswer<M>;
  throw wrongAnswer(method, 'resolved with', answered);
}

/** The error of a queue with an answer that is not allowed: nobody knows what the queue did. */
export function wrongAnswer(
  method: AskedMethod,
  did: 'returned' | 'resolved with',
  given: unknown,
): DeadLetterQueueError {
  return new DeadLetterQueueError(
    `${method}() of the dead-letter queue ${did} ${kindOf(given)}, but must return a promise that resolves with ` +
      `${EXPECTED[method]}, and rejects with a DeadLetterQueueError where it fails. Mend it; nobody knows what it did.`,
    { retriable: false, cause: errorIn(given) },
  );
}

function isLetter(value: unknown): value is DeadLetter {
  return typeof (Object(value) as Partial<DeadLetter>).id === 'string';
}
