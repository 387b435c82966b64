import { resolve } from 'node:path';
import { checkCount } from '@rxforce/core/internal';
import { checkOptionNames, ConfigurationError, Err, type DeadLetterQueueError, type Result } from '@rxforce/core/model';
import type { DeadLetter, DeadLetterQueue, TakeOptions } from './dead-letter-queue.js';
import { writeLetters, type WrittenLetter } from './dead-letter-codec.js';
import { JobQueue, type Plan } from './job-queue.js';
import { checkLimit } from './kept-letters.js';
import { LetterDirectory } from './letter-directory.js';
import type { LetterIndex } from './letter-index.js';
import { LetterReader } from './letter-reader.js';
import type { LetterRecord } from './letter-record.js';

/** How a `fileDeadLetterQueue` keeps letters. */
export interface FileDeadLetterQueueOptions {
  /**
   * The length at which a new file is begun, in bytes; at least 1. A file is deleted when all its letters are removed.
   *
   * @defaultValue 16_777_216, 16 MiB
   */
  readonly maxFileBytes?: number;
}

/**
 * Keeps dead letters in files of a directory, as lines of JSON. Confirmed puts and removals survive the death of the
 * process at any moment, and a power failure.
 *
 * - Processes: several may use the directory at the same time, each through a queue of its own, such as an app that
 *   puts and a command that redrives. Each sees the changes of the others. Only `take` does not: two processes that
 *   take at the same time may both get the same letter, and it is handled twice.
 * - Values: come back as `formatDeadLetter` describes. `put` rejects a value that cannot be written, such as one that
 *   contains itself; that error is not retriable.
 * - Speed: letters that are put while the disk is at work are written and synced together.
 * - Damage: a line that is cut off at the end of a file was never confirmed, and is skipped. After any other damage
 *   every call rejects with the file and the line, except `release`, and `put`, which does not need the other letters.
 *   `list` has an `Err` for the damage, and continues with the letters that can be read.
 * - Failure: a `put` or `remove` that rejected may still have been written.
 * - Memory: about 0.3 kB for each kept letter; the letter itself stays on disk. `list` has one letter in memory at a
 *   time.
 * - The directory is created when it is missing, with access for this user only; an existing one is left as it is. It
 *   must outlive the process, so it must not be inside a container's own file system. Only this user can access the
 *   files (0600); files that do not belong to the queue are left alone. All processes that use the directory must run
 *   on one host: network file systems may show the changes of another host too late.
 *
 * @param directory - The directory of the files. A relative path is resolved now.
 * @throws `ConfigurationError` when `directory` is not a path, an option is unknown, or `maxFileBytes` is below 1.
 */
export function fileDeadLetterQueue(directory: string, options: FileDeadLetterQueueOptions = {}): DeadLetterQueue {
  checkOptionNames(options, NAMES, { of: 'fileDeadLetterQueue()' });
  const { maxFileBytes = 16 * 1024 * 1024 } = options;
  if (typeof directory !== 'string' || directory.trim() === '' || directory.includes('\0')) {
    throw new ConfigurationError(
      `fileDeadLetterQueue() was given ${JSON.stringify(directory)}, but needs the path of a directory, such as "./failed".`,
    );
  }
  checkCount('fileDeadLetterQueue() got maxFileBytes', maxFileBytes, 1);
  return new FileDeadLetterQueue(new LetterDirectory(resolve(directory), maxFileBytes));
}

const NAMES: readonly string[] = ['maxFileBytes'] satisfies (keyof FileDeadLetterQueueOptions)[];

class FileDeadLetterQueue implements DeadLetterQueue {
  private readonly jobs: JobQueue;
  private readonly index: LetterIndex;

  constructor(private readonly directory: LetterDirectory) {
    this.jobs = new JobQueue(directory);
    this.index = directory.index;
  }

  async put(letters: readonly DeadLetter[]): Promise<void> {
    const written = writeLetters(letters);
    return this.jobs.do({
      ids: written.map(({ id }) => id),
      bytes: written.reduce((sum, { text }) => sum + text.length, 0),
      plan: () => ({ records: this.recordsOf(written), answer: undefined }),
    });
  }

  list(): AsyncIterable<Result<DeadLetter, DeadLetterQueueError>> {
    return { [Symbol.asyncIterator]: () => this.letters() };
  }

  async take(options: TakeOptions): Promise<readonly DeadLetter[]> {
    checkLimit(options.limit);
    return this.read(() => this.takeNow(options));
  }

  release(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.index.kept.release(id);
    return Promise.resolve();
  }

  remove(ids: readonly string[]): Promise<void> {
    const those = [...ids];
    return this.jobs.do({ ids: those, plan: () => this.planRemoval(those, undefined) });
  }

  purge(failedBefore?: number): Promise<number> {
    return this.jobs.do({
      plan: () => {
        const ids = [...this.index.kept.inOrder(failedBefore)].map(({ id }) => id);
        return this.planRemoval(ids, ids.length);
      },
    });
  }

  depth(): Promise<number> {
    return this.read(() => this.index.kept.size);
  }

  /** Runs a function that needs to know all letters. */
  private read<T>(read: () => T | Promise<T>): Promise<T> {
    const plan = async () => {
      this.refuseTrouble();
      return { records: [], answer: await read() };
    };
    return this.jobs.do({ plan });
  }

  private refuseTrouble(): void {
    const [first] = this.directory.troubles;
    if (first) throw first;
  }

  private planRemoval<T>(ids: readonly string[], answer: T): Plan<T> {
    this.refuseTrouble();
    const removes = this.index.placesOf(ids);
    return { records: removes.size === 0 ? [] : [{ type: 'remove', removes }], answer };
  }

  private recordsOf(letters: readonly WrittenLetter[]): readonly LetterRecord[] {
    const putAt = Math.max(Date.now(), this.index.lastPutAt + 1);
    return letters.map(({ id, lastFailedAt, text }, index) => {
      const more = letters.length - 1 - index;
      return { type: 'put', more, id, lastFailedAt, putAt, removes: this.index.placesOf([id]), letter: text };
    });
  }

  private async takeNow(options: TakeOptions): Promise<readonly DeadLetter[]> {
    const entries = this.index.kept.free(options.limit, options.failedBefore);
    const reader = new LetterReader(this.directory.path);
    const letters = await reader.readAll(entries).finally(() => reader.close());
    if (letters) {
      entries.forEach((entry) => (entry.isTaken = true));
      return letters;
    }
    // Another process has removed some of the letters.
    await this.directory.refresh();
    this.refuseTrouble();
    return this.takeNow(options);
  }

  private async *letters(): AsyncGenerator<Result<DeadLetter, DeadLetterQueueError>> {
    const ids = await this.jobs.do({
      plan: () => ({ records: [], answer: [...this.index.kept.inOrder()].map(({ id }) => id) }),
    });
    for (const trouble of this.directory.troubles) yield Err(trouble);
    const reader = new LetterReader(this.directory.path);
    try {
      for (const id of ids) {
        const letter = await this.letterNow(id, reader);
        if (letter) yield letter;
      }
    } finally {
      await reader.close();
    }
  }

  /** The current letter with an id; `undefined` when it was removed. */
  private async letterNow(
    id: string,
    reader: LetterReader,
  ): Promise<Result<DeadLetter, DeadLetterQueueError> | undefined> {
    for (let entry = this.index.kept.get(id); entry; entry = this.index.kept.get(id)) {
      const letter = await reader.read(entry);
      if (letter) return letter;
      // Its file is gone: another process removed the letter, or put it again.
      await this.jobs.do({ plan: () => ({ records: [], answer: undefined }) });
    }
    return undefined;
  }
}
