import { Err, type DeadLetterQueueError, type Result } from '@rxforce/core/model';
import { parseDeadLetter, type DeadLetter } from '@rxforce/dead-letters';
import type { LetterAnswer, Position } from './dead-letter-calls.js';
import { letterDamaged } from './dead-letter-errors.js';

/** A letter from an answer of `TAKE`. */
export interface TakenLetter {
  readonly id: string;
  readonly text: string;
}

/** The answer of one `TAKE`. */
export interface TakenPage {
  readonly letters: readonly TakenLetter[];
  /** The letter after which the next page begins; `undefined` at the end. */
  readonly next: Position | undefined;
}

/** Reads the answer of `TAKE`. */
export function takenIn([, failedAt = '', place = '', ...texts]: LetterAnswer): TakenPage {
  const letters: TakenLetter[] = [];
  for (let at = 0; at < texts.length; at += 2) {
    const [id = '', text = ''] = texts.slice(at, at + 2);
    letters.push({ id, text });
  }
  return { letters, next: place === '' ? undefined : [failedAt, place] };
}

/** Reads a letter from the text that a queue keeps. */
export function letterIn(text: string, name: string, id: string): Result<DeadLetter, DeadLetterQueueError> {
  const letter = parseDeadLetter(text);
  return letter.ok ? letter : Err(letterDamaged(name, id, letter.val));
}
