import type { DeadLetter, DeadLetterQueue } from '@rxforce/dead-letters';
import * as kit from '../../../dead-letters/src/testing/queue-kit.js';

/** A letter that failed at a time; its value is its id, by default. */
export const letterOf = (id: string, lastFailedAt = 1, value: unknown = id): DeadLetter =>
  kit.letterOf(id, lastFailedAt, { value });

/** Ids in the order of texts, too. */
export function idsOf(count: number, prefix = ''): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(5, '0')}`);
}

/** The ids of the letters that are kept. */
export async function listed(queue: DeadLetterQueue): Promise<readonly string[]> {
  return (await kit.listed(queue)).map(({ id }) => id);
}

/** The ids of the letters that are taken. */
export async function taken(queue: DeadLetterQueue, limit = Infinity): Promise<readonly string[]> {
  return (await queue.take({ limit })).map(({ id }) => id);
}
