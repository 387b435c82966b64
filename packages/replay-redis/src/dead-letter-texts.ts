import { Err, type DeadLetterQueueError, type Result } from '@rxforce/core/model';
import { parseDeadLetter, type DeadLetter } from '@rxforce/dead-letters';
import type { LetterAnswer, Position } from './dead-letter-calls.js';
import { letterDamaged } from './dead-letter-errors.js';

/** A letter as `TAKE` answers it. */
export interface TakenLetter {
  readonly id: string;
  readonly text: string;
}

/** What one `TAKE` answers. */
export interface TakenPage {
  readonly letters: readonly TakenLetter[];
  /** After which letter to go on; `undefined` at the end. */
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

/** Reads what a queue keeps. */
export function letterIn(text: string, name: string, id: string): Result<DeadLetter, DeadLetterQueueError> {
  const letter = parseDeadLetter(text);
  return letter.ok ? letter : Err(letterDamaged(name, id, letter.val));
}
