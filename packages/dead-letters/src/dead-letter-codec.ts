import { DeadLetterQueueError, Err, Ok, type Result } from '@rxforce/core/model';
import type { DeadLetter } from './dead-letter-queue.js';
import { formatTagged, parseTagged } from './tagged-json.js';
import { reasonOf } from '@rxforce/core/internal';

/**
 * Writes a letter as JSON text without line breaks, for queues that keep text. `parseDeadLetter` reads it.
 *
 * Bigints, bytes, dates, replay ids, sets, maps, `undefined`, `NaN` and the infinities in its value survive. An object
 * of a class becomes the result of its `toJSON()`, or else a plain object of its fields; functions and symbols are left
 * out. Returns an `Err` for a value that contains itself, and for anything else that cannot be written; a retry does
 * not help.
 */
export function formatDeadLetter(letter: DeadLetter): Result<string, DeadLetterQueueError> {
  try {
    const { id, lastFailedAt } = letter;
    if (typeof id !== 'string') throw new TypeError('its id is not a string');
    if (!Number.isFinite(lastFailedAt)) throw new TypeError('its lastFailedAt is not a time in epoch milliseconds');
    return Ok(formatTagged(letter));
  } catch (error) {
    return Err(notWritable(letter, error));
  }
}

/** Reads the text that `formatDeadLetter` wrote; an `Err` says what is wrong with it. */
export function parseDeadLetter(text: string): Result<DeadLetter, string> {
  try {
    const letter = parseTagged(text);
    return isLetter(letter) ? Ok(letter) : Err('it is no dead letter');
  } catch (error) {
    return Err(reasonOf(error));
  }
}

/** A letter as text, with the fields that a queue needs. */
export interface WrittenLetter {
  readonly id: string;
  readonly lastFailedAt: number;
  readonly text: string;
}

/**
 * Writes letters, all or none. Of several letters with the same id, the last one counts.
 *
 * @throws `DeadLetterQueueError` when one cannot be written.
 */
export function writeLetters(letters: readonly DeadLetter[]): readonly WrittenLetter[] {
  const written = new Map<string, WrittenLetter>();
  for (const letter of letters) {
    const text = formatDeadLetter(letter);
    if (text.err) throw text.val;
    const { id, lastFailedAt } = letter;
    written.delete(id);
    written.set(id, { id, lastFailedAt, text: text.val });
  }
  return [...written.values()];
}

function isLetter(value: unknown): value is DeadLetter {
  const { id, lastFailedAt } = Object(value) as Partial<DeadLetter>;
  return typeof id === 'string' && typeof lastFailedAt === 'number';
}

function notWritable(letter: DeadLetter, error: unknown): DeadLetterQueueError {
  return new DeadLetterQueueError(
    `The dead letter ${String((Object(letter) as { id?: unknown }).id)} cannot be written: ${reasonOf(error)}. Put plain data ` +
      'into the queue: numbers, bigints, strings, bytes, dates, arrays and objects.',
    { cause: error, retriable: false },
  );
}
