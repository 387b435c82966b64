import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect } from 'chai';
import type { DeadLetterQueueError } from '@rxforce/core/model';

/** Checks the error of a damaged file. */
export function expectDamage(error: DeadLetterQueueError, path: string, line: number, what = /./): void {
  expect(error).to.include({ code: 'dead-letter-queue', retriable: false });
  expect(error.message).to.include(path).and.include(`damaged at line ${line}: `).and.match(what);
  expect(error.message).to.match(/Restore it from a backup, or move it/);
}

/** The methods of all open files. */
export async function handleMethods(): Promise<FileHandle> {
  const file = await open(tmpdir(), 'r');
  await file.close();
  return Object.getPrototypeOf(file) as FileHandle;
}
