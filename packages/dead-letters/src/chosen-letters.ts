import type { DeadLetter, DeadLetterQueue, TakeOptions } from './dead-letter-queue.js';

/** Which letters are meant. */
export interface LetterChoice {
  readonly ids?: readonly string[];
  /** A text that the letter's error, topic, object or record ids have. */
  readonly match?: string;
}

/** Whether a letter is one of those that are meant. */
export function isChosen({ id, topic = '', error, value }: DeadLetter, { ids = [], match }: LetterChoice): boolean {
  if (ids.length > 0 && !ids.includes(id)) return false;
  if (match === undefined) return true;
  const { header } = Object(value) as {
    readonly header?: { readonly entityName?: string; readonly recordIds?: readonly string[] };
  };
  const text = [topic, error.message, error.code, header?.entityName, ...(header?.recordIds ?? [])].join(' ');
  return text.toLowerCase().includes(match.toLowerCase());
}

/**
 * A queue that gives out only some letters. The others are put back when `release` is called at the end.
 *
 * @param limit - Most letters that are given out.
 */
export function someLetters(queue: DeadLetterQueue, choice: LetterChoice, limit: number) {
  const left: string[] = [];
  let given = 0;
  const take = async (options: TakeOptions): Promise<readonly DeadLetter[]> => {
    while (given < limit) {
      const letters = await queue.take(options);
      if (letters.length === 0) return [];
      const chosen = letters.filter((letter) => isChosen(letter, choice)).slice(0, limit - given);
      left.push(...letters.filter((letter) => !chosen.includes(letter)).map(({ id }) => id));
      given += chosen.length;
      if (chosen.length > 0) return chosen;
    }
    return [];
  };
  const view: DeadLetterQueue = {
    take,
    put: (letters) => queue.put(letters),
    list: () => queue.list(),
    remove: (ids) => queue.remove(ids),
    release: (ids) => queue.release(ids),
    depth: () => queue.depth(),
    purge: (failedBefore) => queue.purge(failedBefore),
  };
  return { view, release: () => queue.release(left) };
}
