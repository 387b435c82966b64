import { isObservable, type ObservableInput } from 'rxjs';
import { isThenable } from '@rxforce/core/delivery';
import { DeadLetterQueueError, kindOf } from '@rxforce/core/model';
import type { DeadLetter, DeadLetterQueue } from './dead-letter-queue.js';

/*
 * What a queue resolves with is checked where operators call it: one that was written in plain JavaScript has no
 * compiler, and an answer that is misread could lose an event.
 */

/** The methods that operators call. */
export type AskedMethod = 'put' | 'take' | 'release' | 'remove';

/** What a method resolves with. */
export type QueueAnswer<M extends AskedMethod> = Awaited<ReturnType<DeadLetterQueue[M]>>;

/** What each method must resolve with, in words. */
const EXPECTED: Readonly<Record<AskedMethod, string>> = {
  put: 'nothing, once the letters are kept',
  take: 'an array of what put() was given, which may be empty',
  release: 'nothing, once the letters may be taken again',
  remove: 'nothing, once the letters are forgotten',
};

/**
 * What was asked of a queue.
 *
 * @throws `DeadLetterQueueError` when it is no promise.
 */
export function promiseOf<T>(method: AskedMethod, asked: ObservableInput<T>): ObservableInput<T> {
  if (isThenable(asked) || isObservable(asked)) return asked;
  throw wrongAnswer(method, 'returned', asked);
}

/**
 * What a queue resolved with.
 *
 * @throws `DeadLetterQueueError` when it is something else than the method resolves with.
 */
export function checkAnswer<M extends AskedMethod>(method: M, answered: unknown): QueueAnswer<M> {
  const isRight = method === 'take' ? Array.isArray(answered) && answered.every(isLetter) : answered === undefined;
  if (isRight) return answered as QueueAnswer<M>;
  throw wrongAnswer(method, 'resolved with', answered);
}

/** The error of a queue that answers what none may: nobody knows what it did. */
export function wrongAnswer(
  method: AskedMethod,
  did: 'returned' | 'resolved with',
  given: unknown,
): DeadLetterQueueError {
  return new DeadLetterQueueError(
    `${method}() of the dead-letter queue ${did} ${kindOf(given)}, but must return a promise that resolves with ` +
      `${EXPECTED[method]}, and rejects with a DeadLetterQueueError where it fails. Mend it; nobody knows what it did.`,
    { retriable: false },
  );
}

function isLetter(value: unknown): value is DeadLetter {
  return typeof (Object(value) as Partial<DeadLetter>).id === 'string';
}
