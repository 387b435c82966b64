import { open } from 'node:fs/promises';
import { DeadLetterQueueError } from '@rxforce/core/model';
import { adviceOn, codeOf, EXISTING_FILE, mayPass } from './private-files.js';

/** What a file system's error means to whom uses the queue. What is an error of the queue already stays as it is. */
export function fileFailure(doing: string, path: string, thrown: unknown): DeadLetterQueueError {
  if (thrown instanceof DeadLetterQueueError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new DeadLetterQueueError(`${doing} failed at ${path}: ${reason}. ${adviceOn(thrown, path)}`, {
    cause: thrown,
    retriable: mayPass(thrown),
  });
}

/** `undefined` where the file is missing; rejects with any other error. */
export async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes durable what others have written to a file. */
export async function syncFile(path: string): Promise<void> {
  // To write, because Windows syncs no file that is open for reading only.
  const file = await open(path, EXISTING_FILE);
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}
