import { open } from 'node:fs/promises';
import { ReplayStoreError } from '../model/errors.js';
import { describeFailure, FILE_MODE } from './private-files.js';

/** What a file system's error means to whom uses the store. */
export function fileFailure(doing: string, path: string, thrown: unknown): ReplayStoreError {
  const { message, details } = describeFailure(doing, path, thrown);
  return new ReplayStoreError(message, details);
}

/**
 * Writes a new file that is on the disk when this resolves; its name is not yet, in a directory that has not seen it. Only
 * this user may read it. Rejects where there is anything of that name, also a link.
 */
export async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', FILE_MODE);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}
