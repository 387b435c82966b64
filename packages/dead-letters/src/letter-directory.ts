import { readdir, rm } from 'node:fs/promises';
import type { DeadLetterQueueError } from '@rxforce/core/model';
import { fileFailure, ifThere, syncFile } from './durable-file.js';
import { append, beganAt, nameIn, nextName, openPath, seal, sealedPath } from './letter-file.js';
import { LetterIndex, type LetterFile, type PlacedRecord } from './letter-index.js';
import { firstLineOf, formatRecord, type LetterRecord, type RecordHead } from './letter-record.js';
import { makeDirectory, syncDirectory } from '@rxforce/core/internal';
import { updateFiles } from './update-files.js';

/** A file without a record is about to get its first, or its writer died before that: died, after this long. */
const STILLBORN_AFTER_MS = 60_000;

/**
 * The files of a directory, to which several processes may write. The calls of its methods must not overlap; they
 * reject with `DeadLetterQueueError`s.
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
   * Why not everything could be read, where that is so: an error for each file. Then letters may be missing, and
   * removed ones be there.
   */
  get troubles(): readonly DeadLetterQueueError[] {
    return this.index.files.flatMap(({ trouble }) => trouble ?? []);
  }

  /** Reads what was written since, by whomever. What is wrong with a single file is `trouble`. */
  async refresh(): Promise<void> {
    try {
      await makeDirectory(this.path);
      const names = (await readdir(this.path)).map(nameIn).filter((name) => name !== undefined);
      names.forEach((name) => this.index.file(name));
    } catch (error) {
      throw fileFailure('Reading dead letters', this.path, error);
    }
    const looked = new Set<LetterFile>();
    // Those read may refer to files that were not listed, because they are gone, or very new.
    for (let left = this.index.files; left.length > 0; left = this.index.files.filter((file) => !looked.has(file))) {
      left.forEach((file) => looked.add(file));
      await updateFiles(this.path, this.index, left);
    }
  }

  /**
   * Writes records, all or none. They are on the disk, and in the index, when this resolves to `true`. `false` means
   * that the file was sealed meanwhile: refresh, and decide anew what to write.
   */
  async append(records: readonly LetterRecord[]): Promise<boolean> {
    const file = this.fileFor(records);
    const isNew = file.lines === 0;
    const { content, placed } = layOut(records, file);
    this.current = undefined;
    try {
      if (!(await append(this.path, file.name, content, isNew))) return false;
    } catch (error) {
      // What is in the file now is not known: it is read as if another had written it.
      if (isNew) await this.removeIfBlank(file);
      throw fileFailure('Writing dead letters', openPath(this.path, file.name), error);
    }
    this.index.add(file, placed);
    file.seen = { size: file.bytes, mtimeMs: 0 };
    this.current = file;
    return true;
  }

  /** Deletes the files that nothing would be missing without. Those that cannot be deleted now are tried again. */
  async tidy(): Promise<void> {
    if (this.troubles.length > 0) return;
    try {
      // The oldest first, because what is said about them keeps the younger ones.
      for (const file of this.index.files) if (mayBeDeleted(file)) await this.delete(file);
    } catch {
      // They are in nobody's way.
    }
  }

  /**
   * Removals are written to a file that is younger than what they refer to. So files never keep each other in a circle.
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
    // What its writer added until then.
    await updateFiles(this.path, this.index, [file]);
    if (!mayBeDeleted(file)) return;
    // What another wrote in the place of its letters may not be on the disk yet, and must be before they are gone.
    for (const { name, refersTo } of this.index.files) if (refersTo.has(file.name)) await this.sync(name);
    // Also the deletion of the files that this one refers to must be there before its own.
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

/** Beyond the first line, which says that it begins. */
function hasRecords(file: LetterFile): boolean {
  return file.lines > 1;
}

/** The bytes to be added to a file, and what they say. */
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
