import { DeadLetterQueueError } from '@rxforce/core/model';
import type { DeadLetter, DeadLetterQueue } from '@rxforce/dead-letters';

/** A letter that failed at a time. */
export function letterOf(id: string, lastFailedAt = 1, value: unknown = id): DeadLetter {
  return {
    id,
    value,
    payload: undefined,
    schemaId: undefined,
    topic: undefined,
    replayId: undefined,
    error: { name: 'Error', message: `no ${id}`, code: undefined, stack: undefined },
    attempts: 1,
    firstFailedAt: 0,
    lastFailedAt,
  };
}

/** Ids in the order of texts, too. */
export function idsOf(count: number, prefix = ''): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(5, '0')}`);
}

/** The ids of the letters that are kept. */
export async function listed(queue: DeadLetterQueue): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const letter of queue.list()) ids.push(letter.unwrap().id);
  return ids;
}

/** The ids of the letters that are taken. */
export async function taken(queue: DeadLetterQueue, limit = Infinity): Promise<readonly string[]> {
  return (await queue.take({ limit })).map(({ id }) => id);
}

export async function put(queue: DeadLetterQueue, ...letters: readonly DeadLetter[]): Promise<void> {
  await queue.put(letters);
}

/** What a call rejects with. */
export async function errorOf(asked: Promise<unknown>): Promise<DeadLetterQueueError> {
  const outcome: unknown = await asked.catch((error: unknown) => error);
  if (outcome instanceof DeadLetterQueueError) return outcome;
  throw new Error(`It rejects with no DeadLetterQueueError: ${String(outcome)}`);
}
