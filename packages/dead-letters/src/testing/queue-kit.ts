import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { DeadLetterQueueError, type Result } from '@rxforce/core/model';
import type { DeadLetter, DeadLetterQueue } from '../dead-letter-queue.js';

/**
 * The tools of a case: a new queue, and `again`, which opens another queue over its letters where that is possible.
 */
export interface Queues {
  readonly queue: DeadLetterQueue;
  readonly again: () => Promise<DeadLetterQueue>;
}

/** The expected behaviour, and the test for it. */
export type Cases = Readonly<Record<string, (queues: Queues) => Promise<void>>>;

/** A letter that failed at a time. */
export function letterOf(id: string, lastFailedAt = 1, fields: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id,
    value: { id },
    payload: undefined,
    schemaId: undefined,
    topic: undefined,
    replayId: undefined,
    error: { name: 'Error', message: `no ${id}`, code: undefined, stack: undefined },
    attempts: 1,
    firstFailedAt: 0,
    lastFailedAt,
    ...fields,
  };
}

/** The value of an `Ok`; an `Err` fails the case. */
export function valueOf<T>(result: Result<T, DeadLetterQueueError>): T {
  if (result.ok) return result.val;
  throw new assert.AssertionError({ message: `An Err: ${String(result.val)}`, actual: result.val });
}

/** The error that a call rejects with; a call that resolves fails the case. */
export async function errorOf(asked: Promise<unknown>): Promise<DeadLetterQueueError> {
  const error: unknown = await asked.then(
    () => assert.fail('It resolves'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DeadLetterQueueError, 'rejects with no DeadLetterQueueError');
  return error;
}

/** Unlike `assert.deepEqual`, this does not print the difference, which takes minutes for some of the values. */
export function assertSame(actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new assert.AssertionError({ message: 'It is not what was put', actual, expected, operator: 'deepStrictEqual' });
}

export async function put(queue: DeadLetterQueue, ...letters: DeadLetter[]): Promise<void> {
  assert.equal(await queue.put(letters), undefined);
}

export async function listed(queue: DeadLetterQueue): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for await (const letter of queue.list()) letters.push(valueOf(letter));
  return letters;
}

/** The ids of the kept letters, in order; `depth` must agree. */
export async function idsIn(queue: DeadLetterQueue): Promise<string[]> {
  const ids = (await listed(queue)).map(({ id }) => id);
  assert.equal(await queue.depth(), ids.length, 'depth() differs from what list() has');
  return ids;
}

/** The ids of the letters taken. */
export async function take(queue: DeadLetterQueue, limit: number, failedBefore?: number): Promise<string[]> {
  const options = failedBefore === undefined ? { limit } : { limit, failedBefore };
  return (await queue.take(options)).map(({ id }) => id);
}
