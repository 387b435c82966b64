import { map, timer } from 'rxjs';
import type { Result } from '@rxforce/core/model';
import { fakeDeadLetters, type FakeDeadLetters, type FakeDeadLettersOptions } from './fake-dead-letters.js';
import { deadLetterOf } from '../../src/dead-letter.js';
import type { DeadLetter } from '../../src/dead-letter-queue.js';
import { redrive, type RedriveOptions } from '../../src/redrive.js';

/** Short pauses, all of one length. */
export const CONSTANT = { type: 'constant', delayMs: 3 } as const;

/** Letters of one character each, that failed last in this order, all before the test begins. */
export function lettersOf(values: string): DeadLetter<string>[] {
  return values.split('').map((value, index) => ({
    ...deadLetterOf(value, 'old', { attempts: 4, firstFailedAt: -99, lastFailedAt: index - 50 }),
    id: value,
  }));
}

/** A queue with a letter for each value, oldest first. */
export const queueOf = (values: string, options: FakeDeadLettersOptions = {}) =>
  fakeDeadLetters({ letters: lettersOf(values), ...options });

/** The ids of the letters that a queue has. */
export const idsIn = (queue: FakeDeadLetters) =>
  queue
    .letters()
    .map(({ id }) => id)
    .join('');

/** Work takes 2, and fails for x. */
export const work = (value: string) =>
  timer(2).pipe(
    map(() => {
      if (value === 'x') throw new Error(`no ${value}`);
      return value;
    }),
  );

/** In capitals what was put back: an `Err` has a stack of its own, so results are compared by what they hold. */
export const shown = map((result: Result<string, DeadLetter<string>>) =>
  result.ok ? result.val : result.val.value.toUpperCase(),
);

/** Redrives a queue with the work of these specs. */
export const redriven = (queue: FakeDeadLetters, options: RedriveOptions<string> = {}) =>
  redrive(queue, work, { queueRetry: { delays: CONSTANT }, ...options }).pipe(shown);
