import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { DeadLetterQueueError } from '@rxforce/core/model';
import { ifThere } from './durable-file.js';
import { EXISTING_FILE, FILE_MODE, syncDirectory } from '@rxforce/core/internal';

/*
 * The name of a file has the time of its beginning and a token: no two files ever have the same name, and names sort by
 * age. Only the queue that began a file writes to it, as long as the file has that name. A process that wants to delete
 * a file seals it first, with another name. After that it reads what the writer added until then, and the writer sees
 * that it must continue in a new file.
 */

const FILE_NAME = /^dead-letters-(\d{8}T\d{9}Z-[0-9a-f-]{36})(?:\.sealed)?\.jsonl$/;
const TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z/;
/** Unlike `a`, this does not create a missing file. */
const APPEND = EXISTING_FILE | constants.O_APPEND;
const CHUNK_BYTES = 1 << 18;
const LINE_FEED = 0x0a;

/** A line as it is in a file. */
export interface RawLine {
  readonly offset: number;
  /** The line without its line feed. */
  readonly bytes: Buffer;
  /** `false` for text without a line feed at the end of the file: it was not written completely, or not yet. */
  readonly isWhole: boolean;
}

/** The name for a file that is begun now. It sorts after all existing names, whatever the clock says. */
export function nextName(newest: string | undefined, now: number): string {
  const time = newest === undefined ? now : Math.max(now, beganAt(newest) + 1);
  return `${new Date(time).toISOString().replace(/[-:.]/g, '')}-${randomUUID()}`;
}

/** When a file was begun, in epoch milliseconds. */
export function beganAt(name: string): number {
  return Date.parse(name.replace(/Z.*/, 'Z').replace(TIME, '$1-$2-$3T$4:$5:$6.$7Z'));
}

/** The name in a directory entry; `undefined` for a file that does not belong to the queue. */
export function nameIn(fileName: string): string | undefined {
  return FILE_NAME.exec(fileName)?.[1];
}

/** The path of a file while it may be written to. */
export function openPath(directory: string, name: string): string {
  return join(directory, `dead-letters-${name}.jsonl`);
}

/** The path of a file that is about to be deleted. */
export function sealedPath(directory: string, name: string): string {
  return join(directory, `dead-letters-${name}.sealed.jsonl`);
}

/** Opens a file for reading, under its current path; `undefined` when it is gone. */
export async function openToRead(directory: string, name: string): Promise<FileHandle | undefined> {
  // In the order in which a file changes its path, so that it is not missed in between.
  return (
    (await ifThere(open(openPath(directory, name), 'r'))) ?? (await ifThere(open(sealedPath(directory, name), 'r')))
  );
}

/** How long a file is, and when it was changed last; `undefined` when it is gone. */
export async function lookAt(directory: string, name: string): Promise<{ size: number; mtimeMs: number } | undefined> {
  return (await ifThere(stat(openPath(directory, name)))) ?? (await ifThere(stat(sealedPath(directory, name))));
}

/**
 * Writes to the end of a file. Resolves when the content is on the disk. Resolves with `false` when the file was sealed
 * meanwhile; then nobody may ever read the content.
 */
export async function append(directory: string, name: string, content: Buffer, isNew: boolean): Promise<boolean> {
  const path = openPath(directory, name);
  const file = isNew ? await open(path, 'ax', FILE_MODE) : await ifThere(open(path, APPEND));
  if (!file) return false;
  try {
    await file.appendFile(content);
    await file.datasync();
  } finally {
    await file.close();
  }
  if (isNew) await syncDirectory(directory);
  // A process that seals the file from now on reads it after that. A process that sealed it before may have read less.
  return (await ifThere(stat(path))) !== undefined;
}

/** Seals a file, so that its writer continues in another one. */
export async function seal(directory: string, name: string): Promise<void> {
  await ifThere(rename(openPath(directory, name), sealedPath(directory, name)));
}

/** The lines of a file, from an offset. */
export async function* readLines(file: FileHandle, from: number): AsyncGenerator<RawLine> {
  let offset = from;
  let begun: Buffer[] = [];
  for (let position = from; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position);
    if (bytesRead === 0) break;
    const chunk = buffer.subarray(0, bytesRead);
    let start = 0;
    for (let end = 0; (end = chunk.indexOf(LINE_FEED, start)) >= 0; start = end + 1) {
      const bytes = Buffer.concat([...begun, chunk.subarray(start, end)]);
      yield { offset, bytes, isWhole: true };
      begun = [];
      offset += bytes.length + 1;
    }
    begun.push(chunk.subarray(start));
    position += bytesRead;
  }
  const bytes = Buffer.concat(begun);
  if (bytes.length > 0) yield { offset, bytes, isWhole: false };
}

/** Reads a line at a known place; only the part that exists, where the file has become shorter. */
export async function readLine(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

/** The error of a line that has changed, or never was valid. */
export function damagedFile(path: string, line: number, what: string): DeadLetterQueueError {
  return new DeadLetterQueueError(
    `The file ${path} is damaged at line ${line}: ${what}. Restore it from a backup, or move it out of the directory: then ` +
      'the letters in it are gone, and letters of other files that it says were removed are there again.',
    { retriable: false },
  );
}
