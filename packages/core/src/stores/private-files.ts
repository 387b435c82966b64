import { constants } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { reasonOf } from '../model/answer.js';

/*
 * Files with business data that belong to one user of the machine: positions here, dead letters in a package of their
 * own.
 */

/** The mode of a file: only its owner has access. */
export const FILE_MODE = 0o600;
/** The mode of a directory: only its owner has access. */
const DIRECTORY_MODE = 0o700;

/** Creates no file, and writes to none through a link, whose target may be somebody else's. */
export const EXISTING_FILE = constants.O_WRONLY | (process.platform === 'win32' ? 0 : constants.O_NOFOLLOW);

/** Errors that do not pass by themselves, and what to do about them. */
const PERMANENT: Readonly<Partial<Record<string, string>>> = {
  EACCES: 'Give this process the right to read and write there, or choose another directory.',
  EROFS: 'Its file system is read-only: choose another directory.',
  ENOTSUP: 'Its file system keeps no files of others: choose another directory.',
  ENOTDIR: 'A part of the path is a file: choose another directory.',
  EEXIST: 'It is a file: choose another directory.',
  EISDIR: 'A directory is in the place of the file: move it away.',
  ERR_FS_EISDIR: 'A directory is in the place of the file: move it away.',
  ENAMETOOLONG: 'Choose a directory with a shorter path.',
  ELOOP:
    'A symbolic link is in the place of a file, or links go in a circle: move it away, or choose another directory.',
};

/** Errors that may pass, and what to do about them. */
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

/** What to do about a file system's error. */
export function adviceOn(thrown: unknown, path: string): string {
  const code = codeOf(thrown) ?? '';
  // On Windows it is the code of a file that another program has open.
  if (code === 'EPERM' && process.platform !== 'win32') return PERMANENT.EACCES ?? '';
  return PERMANENT[code] ?? TRANSIENT[code] ?? `Check ${path}.`;
}

/** Whether a file system's error may pass by itself. */
export function mayPass(thrown: unknown): boolean {
  const code = codeOf(thrown) ?? '';
  // On Windows it may also be a file that another program has open, such as a virus scanner.
  if (code === 'EPERM') return process.platform === 'win32';
  // Node's own codes mean wrong calls.
  return code !== '' && !code.startsWith('ERR_') && PERMANENT[code] === undefined;
}

/** The content of a port's error about a file system: the message and the details. */
export interface FileFailure {
  /** Says what failed, where and why, and what to do about it. */
  readonly message: string;
  readonly details: { readonly cause: unknown; readonly retriable: boolean };
}

/**
 * Describes a file system's error for the user of a store.
 *
 * @param doing - The action that failed, such as `Saving a position`.
 */
export function describeFailure(doing: string, path: string, thrown: unknown): FileFailure {
  const reason = reasonOf(thrown);
  return {
    message: `${doing} failed at ${path}: ${reason}. ${adviceOn(thrown, path)}`,
    details: { cause: thrown, retriable: mayPass(thrown) },
  };
}

/** Makes the entries of a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open directories. It keeps their changes in its journal.
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } catch (error) {
    // Some network and FUSE file systems do not support this.
    if (codeOf(error) !== 'EINVAL' && codeOf(error) !== 'ENOTSUP') throw error;
  } finally {
    await directory.close();
  }
}

/**
 * Makes a directory and its missing parents, durably and for this user only. Existing directories are left as they are.
 *
 * It makes one after the other, from above: Node's own `recursive` reports a missing directory where a file system is
 * read-only.
 */
export async function makeDirectory(path: string): Promise<void> {
  if (await isDirectory(path)) return;
  try {
    await mkdir(path, DIRECTORY_MODE);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return checkMadeByAnother(path, error);
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeDirectory(dirname(path));
    await mkdir(path, DIRECTORY_MODE).catch((again: unknown) => notMade(path, again));
  }
  await syncDirectory(dirname(path));
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Checks that another process, or another call of this one, made the directory. A link without a target may get one
 * later.
 */
async function checkMadeByAnother(path: string, error: unknown): Promise<void> {
  if (!(await stat(path)).isDirectory()) throw error;
}

async function notMade(path: string, error: unknown): Promise<void> {
  if (codeOf(error) === 'EEXIST') return checkMadeByAnother(path, error);
  if (codeOf(error) !== 'ENOENT') throw error;
  // The parent exists by now. A file system such as /proc reports this error for everything that it does not create.
  throw Object.assign(new Error(`${path} cannot be made in ${dirname(path)}`), { code: 'ENOTSUP', cause: error });
}
