import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigurationError, PositionInUseError, PositionCorruptedError } from '../model/errors.js';
import { Err, Ok, type Result } from '../model/result.js';
import type { PositionKey, PositionLock, ReplayStore, StreamPosition } from '../ports/replay-store.js';
import { fileFailure, writeDurably } from './durable-file.js';
import { FileLocks, type FileLock } from './file-lock.js';
import { isPartOf } from './is-part-of.js';
import { formatPosition, keyInPosition, parsePosition, positionFileStem } from './position-file.js';
import { codeOf, makeDirectory, syncDirectory } from './private-files.js';

/**
 * Keeps positions in files of a directory, one for each org, topic and name. A saved position survives the death of the
 * process at any moment, and a power failure.
 *
 * - Locks: keeps a second process from a position, on this host and on others that share the directory. The successor
 *   of a dead process gets the lock at once on the same host (within one container or outside of any), and after 30 s
 *   on another.
 * - Damage: a file that is empty, truncated or changed is `position-corrupted`. It never leads to a start from another
 *   position.
 * - Directory: created when it is missing, for this user only. An existing one is left as it is. It must outlive the
 *   process, which a container's own directory does not. Files are readable by this user only (0600).
 *
 * @param directory - The directory of the files. A relative path is resolved at the call.
 * @throws `ConfigurationError` when `directory` is not a path.
 */
export function fileReplayStore(directory: string): ReplayStore {
  if (typeof directory !== 'string' || directory.trim() === '' || directory.includes('\0')) {
    throw new ConfigurationError(
      `fileReplayStore() was given ${JSON.stringify(directory)}, but needs the path of a directory, such as "./replay".`,
    );
  }
  return new FileReplayStore(resolve(directory));
}

class FileReplayStore implements ReplayStore {
  private readonly locks: FileLocks;
  /** The locks this store has, by the stem of their position. */
  private readonly held = new Map<string, FileLock>();

  constructor(private readonly directory: string) {
    this.locks = new FileLocks(directory);
  }

  async load(key: PositionKey): Promise<StreamPosition | undefined> {
    const path = this.pathOf(positionFileStem(key), 'json');
    const found = await this.read(key, path).catch((error: unknown) => {
      throw fileFailure('Reading a position', path, error);
    });
    if (found.err) throw damaged(key, path, found.val);
    return found.val;
  }

  async save(key: PositionKey, position: StreamPosition): Promise<void> {
    const stem = positionFileStem(key);
    const lock = this.held.get(stem);
    let isReplaced: boolean;
    try {
      isReplaced = await this.replace(stem, formatPosition(key, position, new Date()), lock);
    } catch (error) {
      const isLost = (await lock?.isHeld().catch(() => true)) === false;
      throw isLost ? lost(key, lock) : fileFailure('Saving a position', this.pathOf(stem, 'json'), error);
    }
    if (!isReplaced) throw lost(key, lock);
  }

  async lock(key: PositionKey): Promise<PositionLock> {
    const stem = positionFileStem(key);
    try {
      await makeDirectory(this.directory);
      const lock = await this.locks.acquire(key);
      await this.clean(stem).catch(async (error: unknown) => {
        await lock.release();
        throw error;
      });
      this.held.set(stem, lock);
      return { release: () => this.release(stem, lock) };
    } catch (error) {
      throw PositionInUseError.is(error) ? error : fileFailure('Locking a position', this.directory, error);
    }
  }

  async list(of: Partial<PositionKey> = {}): Promise<readonly PositionKey[]> {
    try {
      await makeDirectory(this.directory);
      const names = (await readdir(this.directory)).filter((name) => name.endsWith('.json'));
      const keys = await Promise.all(names.map((name) => this.keyIn(name)));
      return keys.filter((key) => key !== undefined).filter((key) => isPartOf(of, key));
    } catch (error) {
      throw fileFailure('Listing positions', this.directory, error);
    }
  }

  async delete(key: PositionKey): Promise<void> {
    const stem = positionFileStem(key);
    const lock = this.held.get(stem);
    const path = this.pathOf(stem, 'json');
    try {
      if (lock && !(await lock.isHeld())) throw lost(key, lock);
      await rm(path, { force: true });
      await syncDirectory(this.directory);
    } catch (error) {
      if (PositionInUseError.is(error)) throw error;
      // Without a directory, there is no position.
      if (codeOf(error) !== 'ENOENT') throw fileFailure('Deleting a position', path, error);
    }
  }

  /** The key of a position's file; `undefined` where it is another file, or gone, or damaged. */
  private async keyIn(name: string): Promise<PositionKey | undefined> {
    const text = await readFile(join(this.directory, name), 'utf8').catch((error: unknown) => {
      if (['ENOENT', 'EISDIR'].includes(codeOf(error) ?? '')) return '';
      throw error;
    });
    const key = keyInPosition(text);
    return key && `${positionFileStem(key)}.json` === name ? key : undefined;
  }

  /** The content of a file. An `Err` says why it is no position. */
  private async read(key: PositionKey, path: string): Promise<Result<StreamPosition | undefined, string>> {
    await makeDirectory(this.directory);
    try {
      return parsePosition(key, await readFile(path, 'utf8'));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return Ok(undefined);
      if (codeOf(error) === 'EISDIR') return Err('it is a directory');
      throw error;
    }
  }

  /**
   * Puts a new file in the place of the old one. Resolves `false` when the lock is lost.
   *
   * The order matters. A process that takes a lost lock over removes its file, then our temporary one, and then reads
   * the position. So we find the lock gone, or have nothing left to rename, or the other process reads what we wrote.
   */
  private async replace(stem: string, text: string, lock: FileLock | undefined): Promise<boolean> {
    // Nobody can guess this name, so nobody can put a link there.
    const temporary = this.pathOf(stem, `tmp.${randomUUID()}`);
    if (!lock) await makeDirectory(this.directory);
    try {
      await writeDurably(temporary, text);
      if (lock && !(await lock.isHeld())) {
        await rm(temporary, { force: true });
        return false;
      }
      await rename(temporary, this.pathOf(stem, 'json'));
      await syncDirectory(this.directory);
      return true;
    } catch (error) {
      // A part written to a full disk must not stay.
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** Removes the files that dead processes left. */
  private async clean(stem: string): Promise<void> {
    const left = (await readdir(this.directory)).filter((name) => name.startsWith(`${stem}.tmp.`));
    await Promise.all(left.map((name) => rm(join(this.directory, name), { force: true })));
  }

  private async release(stem: string, lock: FileLock): Promise<void> {
    if (this.held.get(stem) === lock) this.held.delete(stem);
    await lock.release();
  }

  private pathOf(stem: string, ending: string): string {
    return join(this.directory, `${stem}.${ending}`);
  }
}

function damaged({ topic, name }: PositionKey, path: string, what: string): PositionCorruptedError {
  return new PositionCorruptedError(
    `The file ${path} is not the position "${name}" of ${topic}: ${what}. Restore it from a backup; or delete it, and the ` +
      'subscription starts from its option `from`, as if for the first time.',
    { topic },
  );
}

function lost({ topic, name }: PositionKey, lock: FileLock | undefined): PositionInUseError {
  return new PositionInUseError(
    `The lock of the position "${name}" of ${topic} is gone (${lock?.path ?? ''}): it was deleted, or this process stood ` +
      'still for so long that another host took the position over. Nothing was saved. Subscribe again to compete for it.',
    { topic },
  );
}
