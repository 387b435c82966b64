import { open } from 'node:fs/promises';
import { ReplayStoreError } from '../model/errors.js';
import { describeFailure, FILE_MODE } from './private-files.js';

/** Turns a file system's error into the store's error. */
export function fileFailure(doing: string, path: string, thrown: unknown): ReplayStoreError {
  const { message, details } = describeFailure(doing, path, thrown);
  return new ReplayStoreError(message, details);
}

/**
 * Writes a new file, whose content is on the disk when this resolves. Its name in the directory may not be durable yet.
 * Only this user may read it. Rejects where anything of that name exists, also a link.
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
