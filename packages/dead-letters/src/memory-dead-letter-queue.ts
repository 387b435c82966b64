import { checkCount } from '@rxforce/core/internal';
import { checkOptionNames, DeadLetterQueueError, Ok, type Result } from '@rxforce/core/model';
import type { DeadLetter, DeadLetterQueue, TakeOptions } from './dead-letter-queue.js';
import { parseDeadLetter, writeLetters, type WrittenLetter } from './dead-letter-codec.js';
import { checkLimit, KeptLetters } from './kept-letters.js';

/** How much a `memoryDeadLetterQueue` keeps. */
export interface MemoryDeadLetterQueueOptions {
  /**
   * Most letters; at least 1. When the queue is full, `put` rejects, and no letter is dropped.
   *
   * @defaultValue 10_000
   */
  readonly maxLetters?: number;
}

/**
 * Keeps dead letters in memory, as long as the queue object exists: for tests, and for events that may be lost with the
 * process.
 *
 * A letter is kept as text, as in queues that outlive a process. So a test sees the same values that come back from
 * those queues.
 *
 * - Full: `put` rejects, so that a pipeline stops rather than loses an event.
 * - Memory: the text of `maxLetters` letters.
 *
 * @throws `ConfigurationError` when an option is unknown, or `maxLetters` is below 1.
 */
export function memoryDeadLetterQueue(options: MemoryDeadLetterQueueOptions = {}): DeadLetterQueue {
  checkOptionNames(options, NAMES, { of: 'memoryDeadLetterQueue()' });
  const { maxLetters = 10_000 } = options;
  return new MemoryDeadLetterQueue(checkCount('memoryDeadLetterQueue() got maxLetters', maxLetters, 1, true));
}

const NAMES: readonly string[] = ['maxLetters'] satisfies (keyof MemoryDeadLetterQueueOptions)[];

interface Kept extends WrittenLetter {
  /** Its place in the order of all letters that were put. */
  readonly turn: number;
  isTaken: boolean;
}

class MemoryDeadLetterQueue implements DeadLetterQueue {
  private readonly kept = new KeptLetters<Kept>((a, b) => a.lastFailedAt - b.lastFailedAt || a.turn - b.turn);
  private turn = 0;

  constructor(private readonly maxLetters: number) {}

  put(letters: readonly DeadLetter[]): Promise<void> {
    return promised(() => {
      const written = writeLetters(letters);
      this.refuseIfFull(written);
      for (const letter of written) this.kept.add({ ...letter, turn: this.turn++, isTaken: false });
    });
  }

  list(): AsyncIterable<Result<DeadLetter, DeadLetterQueueError>> {
    return { [Symbol.asyncIterator]: () => this.letters() };
  }

  take({ limit, failedBefore }: TakeOptions): Promise<readonly DeadLetter[]> {
    return promised(() => {
      checkLimit(limit);
      const taken = this.kept.free(limit, failedBefore);
      for (const letter of taken) letter.isTaken = true;
      return taken.map(letterIn);
    });
  }

  release(ids: readonly string[]): Promise<void> {
    return promised(() => ids.forEach((id) => this.kept.release(id)));
  }

  remove(ids: readonly string[]): Promise<void> {
    return promised(() => ids.forEach((id) => this.kept.delete(this.kept.get(id))));
  }

  purge(failedBefore?: number): Promise<number> {
    return promised(() => {
      const old = [...this.kept.inOrder(failedBefore)];
      for (const letter of old) this.kept.delete(letter);
      return old.length;
    });
  }

  depth(): Promise<number> {
    return Promise.resolve(this.kept.size);
  }

  private async *letters(): AsyncGenerator<Result<DeadLetter, DeadLetterQueueError>> {
    for (const { id } of [...this.kept.inOrder()]) {
      // The letter may have been removed or replaced while the caller worked on another one.
      const letter = await Promise.resolve(this.kept.get(id));
      if (letter) yield Ok(letterIn(letter));
    }
  }

  private refuseIfFull(letters: readonly WrittenLetter[]): void {
    const { maxLetters, kept } = this;
    const newCount = letters.filter(({ id }) => !kept.get(id)).length;
    if (kept.size + newCount <= maxLetters) return;
    throw new DeadLetterQueueError(
      `This memoryDeadLetterQueue() has ${kept.size} of the ${maxLetters} letters that it keeps at most, and no room for ` +
        `${newCount} more. Redrive or purge it, or take a queue on a disk, such as fileDeadLetterQueue().`,
      { retriable: newCount <= maxLetters },
    );
  }
}

/** Runs `work` now, and rejects with the error that it throws. */
function promised<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}

function letterIn({ text }: Kept): DeadLetter {
  return parseDeadLetter(text).unwrap();
}
