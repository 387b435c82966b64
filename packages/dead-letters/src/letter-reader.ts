import type { FileHandle } from 'node:fs/promises';
import { Err, type DeadLetterQueueError, type Result } from '@rxforce/core/model';
import type { DeadLetter } from './dead-letter-queue.js';
import { parseDeadLetter } from './dead-letter-codec.js';
import { fileFailure } from './durable-file.js';
import { damagedFile, openPath, openToRead, readLine } from './letter-file.js';
import type { LetterEntry, LetterFile } from './letter-index.js';
import { letterOf } from './letter-record.js';

/** Reads letters from their files, one after the other. It keeps the last file open. */
export class LetterReader {
  private opened: { readonly file: LetterFile; readonly handle: FileHandle } | undefined;

  constructor(private readonly directory: string) {}

  /**
   * The letter; `undefined` when its file is gone, so the letter was removed meanwhile. An `Err` when the letter cannot
   * be read; others may still be readable.
   */
  async read(entry: LetterEntry): Promise<Result<DeadLetter, DeadLetterQueueError> | undefined> {
    const path = openPath(this.directory, entry.file.name);
    try {
      const handle = await this.open(entry.file);
      if (!handle) return undefined;
      const text = letterOf(await readLine(handle, entry.offset, entry.length));
      const letter = text.ok ? parseDeadLetter(text.val) : text;
      return letter.ok ? letter : Err(damagedFile(path, entry.line, letter.val));
    } catch (error) {
      return Err(fileFailure('Reading a dead letter', path, error));
    }
  }

  /** Reads several letters; `undefined` when one was removed meanwhile. Rejects when one cannot be read. */
  async readAll(entries: readonly LetterEntry[]): Promise<readonly DeadLetter[] | undefined> {
    const letters: DeadLetter[] = [];
    for (const entry of entries) {
      const letter = await this.read(entry);
      if (letter === undefined) return undefined;
      if (letter.err) throw letter.val;
      letters.push(letter.val);
    }
    return letters;
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = undefined;
    await opened?.handle.close().catch(() => undefined);
  }

  private async open(file: LetterFile): Promise<FileHandle | undefined> {
    if (this.opened?.file === file) return this.opened.handle;
    await this.close();
    const handle = await openToRead(this.directory, file.name);
    if (handle) this.opened = { file, handle };
    return handle;
  }
}
