import { open } from 'node:fs/promises';
import { DeadLetterQueueError } from '@rxforce/core/model';
import { codeOf, describeFailure, EXISTING_FILE } from '@rxforce/core/internal';

/** Turns an error of the file system into an error of the queue. An error of the queue stays as it is. */
export function fileFailure(doing: string, path: string, thrown: unknown): DeadLetterQueueError {
  if (thrown instanceof DeadLetterQueueError) return thrown;
  const { message, details } = describeFailure(doing, path, thrown);
  return new DeadLetterQueueError(message, details);
}

/** Resolves with `undefined` where the file is missing; rejects with any other error. */
export async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes durable what other processes have written to a file. */
export async function syncFile(path: string): Promise<void> {
  // Opened for writing, because Windows does not sync a file that is open only for reading.
  const file = await open(path, EXISTING_FILE);
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}
