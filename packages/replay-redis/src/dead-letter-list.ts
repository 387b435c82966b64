import type { DeadLetterQueueError, Result } from '@rxforce/core/model';
import type { DeadLetter } from '@rxforce/dead-letters';
import { PAGE_BYTES, PAGE_LETTERS, START, type LetterCalls, type Position } from './dead-letter-calls.js';
import { LIST } from './dead-letter-scripts.js';
import { letterIn } from './dead-letter-texts.js';

interface ListedLetter {
  readonly position: Position;
  readonly id: string;
  /** The place of the letter when its id was first put. */
  readonly since: string;
  readonly text: string;
}

interface Page {
  /** The place that was put last; only on the first page. */
  readonly last: string;
  readonly letters: readonly ListedLetter[];
}

/**
 * All letters in order, page by page. Ids that were first put after the start are skipped. A letter that was replaced
 * since the start is listed at its new place, too, but at most once more: otherwise a reader that puts the letters it
 * reads would never end. A letter that cannot be read is an `Err`.
 *
 * @param changes - Counts the changes by the reader itself. After a change, the rest of a page is read again.
 */
export async function* listLetters(
  calls: LetterCalls,
  name: string,
  changes: () => number,
): AsyncGenerator<Result<DeadLetter, DeadLetterQueueError>> {
  const replaced = new Set<string>();
  let [after, size, lastAtStart] = [START, 1, ''];
  for (;;) {
    const page = await pageAfter(calls, after, size);
    if (page.letters.length === 0) return;
    lastAtStart ||= page.last;
    const before = changes();
    for (const letter of page.letters) {
      after = letter.position;
      if (isPassedOver(letter, lastAtStart, replaced)) continue;
      yield letterIn(letter.text, name, letter.id);
      if (changes() !== before) break;
    }
    size = changes() === before ? Math.min(2 * size, PAGE_LETTERS) : 1;
  }
}

function isPassedOver({ position, id, since }: ListedLetter, lastAtStart: string, replaced: Set<string>): boolean {
  const [, place] = position;
  if (place <= lastAtStart) return false;
  if (since > lastAtStart || replaced.has(id)) return true;
  replaced.add(id);
  return false;
}

async function pageAfter(calls: LetterCalls, after: Position, size: number): Promise<Page> {
  const [, last = '', ...texts] = await calls.ask('Listing', LIST, [...after, size, PAGE_BYTES]);
  const letters: ListedLetter[] = [];
  for (let at = 0; at < texts.length; at += 5) {
    const [failedAt = '', place = '', id = '', since = '', text = ''] = texts.slice(at, at + 5);
    letters.push({ position: [failedAt, place], id, since, text });
  }
  return { last, letters };
}
