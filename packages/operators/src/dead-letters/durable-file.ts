import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DeadLetterQueueError } from '@rxforce/core/model';

/** What does not pass by itself, and what to do about it. */
const PERMANENT: Readonly<Partial<Record<string, string>>> = {
  EACCES: 'Give this process the right to read and write there, or choose another directory.',
  EROFS: 'Its file system is read-only: choose another directory.',
  ENOTDIR: 'A part of the path is a file: choose another directory.',
  EEXIST: 'It is a file: choose another directory.',
  EISDIR: 'A directory is in the place of the file: move it away.',
  ENAMETOOLONG: 'Choose a directory with a shorter path.',
  ELOOP: 'Its symbolic links go in a circle: choose another directory.',
};

/** What may pass, and what to do about it. */
const TRANSIENT: Readonly<Partial<Record<string, string>>> = {
  ENOSPC: 'The disk is full: free some space.',
  EDQUOT: 'The quota is used up: free some space.',
  EMFILE: 'This process has too many files open: raise its limit, or close some.',
  ENFILE: 'The system has too many files open: raise its limit, or close some.',
  EIO: 'Check the disk.',
  ESTALE: 'Check the network file system.',
};

/** The code of a file system's error, such as `ENOENT`. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
}

/** What a file system's error means to whom uses the queue. What is an error of the queue already stays as it is. */
export function fileFailure(doing: string, path: string, thrown: unknown): DeadLetterQueueError {
  if (thrown instanceof DeadLetterQueueError) return thrown;
  const code = codeOf(thrown) ?? '';
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const advice = PERMANENT[code] ?? TRANSIENT[code] ?? `Check ${path}.`;
  return new DeadLetterQueueError(`${doing} failed at ${path}: ${reason}. ${advice}`, {
    cause: thrown,
    retriable: mayPass(code),
  });
}

function mayPass(code: string): boolean {
  // On Windows also a file that another program has open, such as a virus scanner.
  if (code === 'EPERM') return process.platform === 'win32';
  return code !== '' && PERMANENT[code] === undefined;
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
  // `r+`, because Windows syncs no file that is open for reading only.
  const file = await open(path, 'r+');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Makes durable which files a directory has, under which names. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open directories. It keeps their changes in its journal.
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } catch (error) {
    // Some network and FUSE file systems know no such thing.
    if (codeOf(error) !== 'EINVAL' && codeOf(error) !== 'ENOTSUP') throw error;
  } finally {
    await directory.close();
  }
}

/** Makes a directory and those above it, where they are missing, durably. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}
