import { readdir, rm } from 'node:fs/promises';
import type { DeadLetterQueueError } from '@rxforce/core/model';
import { fileFailure, ifThere, syncFile } from './durable-file.js';
import { append, beganAt, nameIn, nextName, openPath, seal, sealedPath } from './letter-file.js';
import { LetterIndex, type LetterFile, type PlacedRecord } from './letter-index.js';
import { firstLineOf, formatRecord, type LetterRecord, type RecordHead } from './letter-record.js';
import { makeDirectory, syncDirectory } from '@rxforce/core/internal';
import { updateFiles } from './update-files.js';

/**
 * A file without a record is about to get its first one, or its writer died before that. After this time, the writer
 * counts as dead.
 */
const STILLBORN_AFTER_MS = 60_000;

/**
 * The files of a directory to which several processes may write. Calls of its methods must not overlap. They reject
 * with `DeadLetterQueueError`s.
 */
export class LetterDirectory {
  readonly index = new LetterIndex();
  /** The file that is written to. */
  private current: LetterFile | undefined;

  constructor(
    readonly path: string,
    private readonly maxFileBytes: number,
  ) {}

  /**
   * One error for each file that could not be read completely. When there is one, letters may be missing, and removed
   * letters may still appear.
   */
  get troubles(): readonly DeadLetterQueueError[] {
    return this.index.files.flatMap(({ trouble }) => trouble ?? []);
  }

  /**
   * Reads everything written since the last time, by any process. A problem of a single file goes into its `trouble`.
   */
  async refresh(): Promise<void> {
    try {
      await makeDirectory(this.path);
      const names = (await readdir(this.path)).map(nameIn).filter((name) => name !== undefined);
      names.forEach((name) => this.index.file(name));
    } catch (error) {
      throw fileFailure('Reading dead letters', this.path, error);
    }
    const looked = new Set<LetterFile>();
    // The files just read may refer to files that were not listed, because they are gone or very new.
    for (let left = this.index.files; left.length > 0; left = this.index.files.filter((file) => !looked.has(file))) {
      left.forEach((file) => looked.add(file));
      await updateFiles(this.path, this.index, left);
    }
  }

  /**
   * Writes records, all or none. They are on the disk and in the index when this resolves with `true`. `false` means
   * that the file was sealed meanwhile: refresh, and decide again what to write.
   */
  async append(records: readonly LetterRecord[]): Promise<boolean> {
    const file = this.fileFor(records);
    const isNew = file.lines === 0;
    const { content, placed } = layOut(records, file);
    this.current = undefined;
    try {
      if (!(await append(this.path, file.name, content, isNew))) return false;
    } catch (error) {
      // The content of the file is unknown now, so it is read as if another process had written it.
      if (isNew) await this.removeIfBlank(file);
      throw fileFailure('Writing dead letters', openPath(this.path, file.name), error);
    }
    this.index.add(file, placed);
    file.seen = { size: file.bytes, mtimeMs: 0 };
    this.current = file;
    return true;
  }

  /** Deletes the files that are no longer needed. Files that cannot be deleted now are tried again later. */
  async tidy(): Promise<void> {
    if (this.troubles.length > 0) return;
    try {
      // The oldest first, because removals of their lines keep the younger files.
      for (const file of this.index.files) if (mayBeDeleted(file)) await this.delete(file);
    } catch {
      // The remaining files do no harm.
    }
  }

  /**
   * Removals are written to a file that is younger than the files they refer to. So files never keep each other in a
   * circle.
   */
  private fileFor(records: readonly LetterRecord[]): LetterFile {
    const { current } = this;
    const isYoungest = ({ removes }: LetterRecord) =>
      [...removes.keys()].every((name) => name <= (current?.name ?? ''));
    if (current && current.bytes < this.maxFileBytes && records.every(isYoungest)) return current;
    return this.index.file(nextName(this.index.files.at(-1)?.name, Date.now()));
  }

  private async removeIfBlank(file: LetterFile): Promise<void> {
    await updateFiles(this.path, this.index, [file]);
    if (file.trouble || hasRecords(file)) return;
    await rm(openPath(this.path, file.name), { force: true }).catch(() => undefined);
    this.index.forget(file);
  }

  private async delete(file: LetterFile): Promise<void> {
    if (file === this.current) this.current = undefined;
    await seal(this.path, file.name);
    // Reads what its writer added until then.
    await updateFiles(this.path, this.index, [file]);
    if (!mayBeDeleted(file)) return;
    // Records of other processes that replace its letters may not be on the disk yet, but must be before the letters
    // are deleted.
    for (const { name, refersTo } of this.index.files) if (refersTo.has(file.name)) await this.sync(name);
    // The deletion of the files that this one refers to must also be durable before its own deletion.
    await syncDirectory(this.path);
    await rm(sealedPath(this.path, file.name), { force: true });
    this.index.forget(file);
  }

  private async sync(name: string): Promise<void> {
    await ifThere(syncFile(openPath(this.path, name)));
    await ifThere(syncFile(sealedPath(this.path, name)));
  }
}

function mayBeDeleted(file: LetterFile): boolean {
  const isStillborn = () => Date.now() - beganAt(file.name) > STILLBORN_AFTER_MS;
  return !file.trouble && file.isUseless && (hasRecords(file) || isStillborn());
}

/** Whether a file has records after its first line, which only marks the beginning. */
function hasRecords(file: LetterFile): boolean {
  return file.lines > 1;
}

/** The bytes to add to a file, and the records in them. */
function layOut(records: readonly LetterRecord[], file: LetterFile): { content: Buffer; placed: PlacedRecord[] } {
  const lines: Buffer[] = [];
  const placed: PlacedRecord[] = [];
  let offset = file.bytes;
  const add = (text: string, head: RecordHead) => {
    const bytes = Buffer.from(text);
    lines.push(bytes);
    placed.push({ head, offset, length: bytes.length - 1 });
    offset += bytes.length;
  };
  if (file.lines === 0) add(firstLineOf(file.name), { type: 'begin' });
  for (const record of records) add(formatRecord(file.lines + lines.length + 1, record), record);
  return { content: Buffer.concat(lines), placed };
}
