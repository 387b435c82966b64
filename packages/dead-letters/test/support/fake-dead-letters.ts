import { AsyncSubject, asyncScheduler } from 'rxjs';
import { DeadLetterQueueError, Ok } from '@rxforce/core/model';
import type { DeadLetter, DeadLetterQueue } from '../../src/dead-letter-queue.js';

/** What can be asked of the queue in an operator. */
export type QueueMethod = 'put' | 'take' | 'release' | 'remove';

/**
 * How a call fails. `unheard`: it is done, but says that it is not. `silent`: it is done and never answers. No queue
 * may do the others: `rejects` with what is no error of a queue, `throws` at the call, `nonsense` as the answer.
 */
export type Mishap = 'retriable' | 'permanent' | 'unheard' | 'silent' | 'rejects' | 'throws' | 'nonsense';

/** A call that was made. */
export interface QueueCall {
  readonly method: QueueMethod;
  /** What of: ids of letters; for `take` the limit. */
  readonly of: readonly (string | number)[];
  /** When, by RxJS's clock: frames in a marble test. */
  readonly at: number;
}

/** How the queue behaves. */
export interface FakeDeadLettersOptions {
  /** What it holds at first. */
  readonly letters?: readonly DeadLetter[];
  /** How long an answer takes, in milliseconds; what was asked is done then. */
  readonly answerMs?: (method: QueueMethod) => number;
  /** Which calls fail. */
  readonly mishap?: (method: QueueMethod, ofThisMethod: number) => Mishap | undefined;
}

/** A queue in memory that tells what was asked of it. */
export interface FakeDeadLetters extends DeadLetterQueue {
  readonly calls: readonly QueueCall[];
  /** What it holds, in the order of arrival. */
  letters(): readonly DeadLetter[];
  /** Ids of the letters that somebody has taken. */
  taken(): readonly string[];
  /** When each letter was last put, by id. */
  readonly putAt: ReadonlyMap<string, number>;
}

/** Makes a queue that answers in RxJS's time, so in virtual time in a marble test. */
export function fakeDeadLetters(options: FakeDeadLettersOptions = {}): FakeDeadLetters {
  const { answerMs = () => 0, mishap = () => undefined } = options;
  const kept = new Map((options.letters ?? []).map((letter) => [letter.id, letter]));
  const taken = new Set<string>();
  const calls: QueueCall[] = [];
  const putAt = new Map<string, number>();

  function ask<T>(method: QueueMethod, of: QueueCall['of'], work: () => T): Promise<T> {
    calls.push({ method, of, at: asyncScheduler.now() });
    const failure = mishap(method, calls.filter((call) => call.method === method).length);
    if (failure === 'throws') throw new Error(`${method} throws`);
    return inTime(answerMs(method), failure === 'silent', () => answer(failure, method, work));
  }

  return {
    calls,
    putAt,
    letters: () => [...kept.values()],
    taken: () => [...taken],
    put: (letters) =>
      ask(
        'put',
        letters.map(({ id }) => id),
        () => {
          for (const letter of letters) {
            kept.delete(letter.id);
            kept.set(letter.id, letter);
            taken.delete(letter.id);
            putAt.set(letter.id, asyncScheduler.now());
          }
        },
      ),
    take: ({ limit, failedBefore = Infinity }) =>
      ask('take', [limit], () => {
        const found = [...kept.values()]
          .filter(({ id, lastFailedAt }) => !taken.has(id) && lastFailedAt < failedBefore)
          .sort((a, b) => a.lastFailedAt - b.lastFailedAt)
          .slice(0, limit);
        found.forEach(({ id }) => taken.add(id));
        return found;
      }),
    release: (ids) => ask('release', ids, () => ids.forEach((id) => taken.delete(id))),
    remove: (ids) =>
      ask('remove', ids, () =>
        ids.forEach((id) => {
          kept.delete(id);
          taken.delete(id);
        }),
      ),
    list: () => inTurn([...kept.values()].map((letter) => Ok(letter))),
    purge: () => {
      const count = kept.size;
      kept.clear();
      return Promise.resolve(count);
    },
    depth: () => Promise.resolve(kept.size),
  };
}

function answer<T>(failure: Mishap | undefined, method: string, work: () => T): T {
  switch (failure) {
    case undefined:
    case 'silent':
      return work();
    case 'retriable':
      throw new DeadLetterQueueError(`${method} failed for now`);
    case 'permanent':
      throw new DeadLetterQueueError(`${method} failed for good`, { retriable: false });
    case 'rejects':
      throw new Error(`${method} rejects`);
    case 'nonsense':
      return 'nonsense' as never;
    case 'unheard':
    case 'throws':
      work();
      throw new DeadLetterQueueError(`${method} was not heard`);
  }
}

/** What an operator needs of a promise, with RxJS's time in the place of microtasks. */
function inTime<T>(ms: number, silent: boolean, work: () => T): Promise<T> {
  const outcome = new AsyncSubject<T>();
  asyncScheduler.schedule(() => {
    try {
      outcome.next(work());
      if (!silent) outcome.complete();
    } catch (error) {
      outcome.error(error);
    }
  }, ms);
  const then = (onValue: (value: T) => void, onError: (error: unknown) => void) => {
    outcome.subscribe({ next: onValue, error: onError });
    return { then: () => undefined };
  };
  return { then } as unknown as Promise<T>;
}

async function* inTurn<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
  await Promise.resolve();
}
