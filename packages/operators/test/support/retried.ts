import { map, timer } from 'rxjs';
import type { Result } from '@rxforce/core/model';
import { fakeDeadLetters, type FakeDeadLettersOptions } from '../../../dead-letters/test/support/fake-dead-letters.js';
import type { DeadLetter } from '@rxforce/dead-letters';
import type { RetryWithDLQOptions } from '../../src/retry-with-dlq.js';

/** Short pauses, all of one length. */
export const CONSTANT = { type: 'constant', delayMs: 3 } as const;

/** Work that always fails for one value. */
export const failsFor = (poison: string) => (value: string) =>
  timer(2).pipe(
    map(() => {
      if (value.includes(poison)) throw new Error(`no ${value}`);
      return value;
    }),
  );

/** In capitals what was put aside: an `Err` has a stack of its own, so results are compared by what they hold. */
export const shown = map((result: Result<string, DeadLetter>) => (result.ok ? result.val : capitals(result.val.value)));

/** A value in capital letters. */
export const capitals = (value: unknown) => String(value).toUpperCase();

/** One retry after 3 ms, and a queue that answers at once. */
export function policy<T = string>(
  options: Partial<RetryWithDLQOptions<T>> = {},
  queue: FakeDeadLettersOptions = {},
): RetryWithDLQOptions<T> {
  return {
    maxRetries: 1,
    delays: CONSTANT,
    queueRetry: { delays: CONSTANT },
    deadLetters: fakeDeadLetters(queue),
    ...options,
  };
}

/** A function that throws. */
export function throwing(failure: Error): () => never {
  return () => {
    throw failure;
  };
}
