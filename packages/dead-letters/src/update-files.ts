import type { FileHandle } from 'node:fs/promises';
import type { DeadLetterQueueError } from '@rxforce/core/model';
import { fileFailure } from './durable-file.js';
import { damagedFile, lookAt, openPath, openToRead, readLines } from './letter-file.js';
import type { LetterFile, LetterIndex, PlacedRecord } from './letter-index.js';
import { parseRecord } from './letter-record.js';

/** Most files read at a time. */
const AT_A_TIME = 16;

/** Adds the new lines of some files to an index, and forgets the files that are gone. Does not reject. */
export async function updateFiles(directory: string, index: LetterIndex, files: readonly LetterFile[]): Promise<void> {
  for (let start = 0; start < files.length; start += AT_A_TIME) {
    await Promise.all(files.slice(start, start + AT_A_TIME).map((file) => updateFile(directory, index, file)));
  }
}

async function updateFile(directory: string, index: LetterIndex, file: LetterFile): Promise<void> {
  const path = openPath(directory, file.name);
  try {
    const look = await lookAt(directory, file.name);
    if (look && isAsSeen(file, look)) return;
    const handle = look && (await openToRead(directory, file.name));
    if (!handle) return index.forget(file);
    try {
      file.trouble = look.size < file.bytes ? shorter(path, file) : await readOn(handle, path, index, file);
      file.seen = look;
    } finally {
      await handle.close();
    }
  } catch (error) {
    file.trouble = fileFailure('Reading dead letters', path, error);
    file.seen = undefined;
  }
}

/** Adds the puts and removals that were written completely. Returns the problem of a damaged line, if there is one. */
async function readOn(
  handle: FileHandle,
  path: string,
  index: LetterIndex,
  file: LetterFile,
): Promise<DeadLetterQueueError | undefined> {
  let records: PlacedRecord[] = [];
  for await (const { offset, bytes, isWhole } of readLines(handle, file.bytes)) {
    const line = file.lines + records.length + 1;
    const head = parseRecord(isWhole ? bytes : bytes.subarray(0, -1), line, file.name);
    if (!isWhole) return head.ok ? damagedFile(path, line, 'its end was changed') : undefined;
    if (head.err) return damagedFile(path, line, head.val);
    records.push({ head: head.val, offset, length: bytes.length });
    if (head.val.type === 'put' && head.val.more > 0) continue;
    index.add(file, records);
    records = [];
  }
  return undefined;
}

/** A damaged file is read again after it was repaired. */
function isAsSeen({ seen, trouble }: LetterFile, look: { size: number; mtimeMs: number }): boolean {
  return seen?.size === look.size && (!trouble || seen.mtimeMs === look.mtimeMs);
}

function shorter(path: string, { lines }: LetterFile): DeadLetterQueueError {
  return damagedFile(path, lines, 'it was there, and the file is cut off before its end');
}
