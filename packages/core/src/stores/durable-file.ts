import { open } from 'node:fs/promises';
import { ReplayStoreError } from '../model/errors.js';
import { adviceOn, FILE_MODE, mayPass } from './private-files.js';

/** What a file system's error means to whom uses the store. */
export function fileFailure(doing: string, path: string, thrown: unknown): ReplayStoreError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new ReplayStoreError(`${doing} failed at ${path}: ${reason}. ${adviceOn(thrown, path)}`, {
    cause: thrown,
    retriable: mayPass(thrown),
  });
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
