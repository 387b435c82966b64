import { randomUUID } from 'node:crypto';
import { access, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import type { PositionKey, PositionLock } from '../ports/replay-store.js';
import { DEAD_AFTER_MS, formatHolder, inUse, parseHolder, type Holder, type Rival } from './lock-file.js';
import { isAbandoned, lockUnused, lockUsed } from './own-locks.js';
import { positionFileStem } from './position-file.js';
import { codeOf, EXISTING_FILE, FILE_MODE } from './private-files.js';
import { lookAt, ownMark } from './process-mark.js';

/** How often a holder gives a sign of life, in milliseconds. */
const BEAT_INTERVAL_MS = 5_000;

/**
 * Most attempts, and the longest first pause, in milliseconds. The pause doubles, so that two contenders do not meet
 * again.
 */
const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 20;

/**
 * Locks of positions, as files: `<stem>.lock.<token>`, one for each contender, under a name that is never used again.
 *
 * A contender makes its own file, then lists the files of others. Of two that come at once, at least one finds the
 * other's file, and gives way. Anybody can remove the file of a dead contender at any time, as no other file will ever
 * have its name.
 */
export class FileLocks {
  /** When lock files whose holders cannot be checked were first seen, in epoch milliseconds. */
  private readonly firstSeen = new Map<string, number>();

  constructor(private readonly directory: string) {}

  /**
   * Takes a lock. Rejects with a `PositionInUseError` when another holder has it, which is retriable while that holder
   * may be dead, and with errors of the file system.
   */
  async acquire(key: PositionKey): Promise<FileLock> {
    let before: string | undefined;
    for (let attempt = 1; ; attempt++) {
      const taken = await this.contend(positionFileStem(key));
      if (taken instanceof FileLock) return taken;
      // A file that was there before belongs to the holder, or to one that is about to hold the lock: contenders that
      // gave way have another file by now.
      if (attempt === ATTEMPTS || (taken && taken.path === before)) throw inUse(key, taken);
      before = taken?.path;
      await pause(Math.random() * FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }

  /** The lock, or the rival in the way. `undefined` when the rival is gone already. */
  private async contend(stem: string): Promise<FileLock | Rival | undefined> {
    const token = randomUUID();
    const path = join(this.directory, `${stem}.lock.${token}`);
    const temporary = join(this.directory, `${stem}.tmp.${token}`);
    const holder = { ...(await ownMark()), threadId, since: new Date().toISOString(), token };
    // This comes before the file exists: another contender of this thread must not consider it abandoned.
    lockUsed(token);
    try {
      const text = formatHolder(holder);
      await writeFile(temporary, text, { flag: 'wx', mode: FILE_MODE });
      // The rename makes sure that it is never seen half-written.
      await rename(temporary, path);
      const rival = await this.rivalOf(stem, path);
      if (rival === undefined) return new FileLock(path, text, token);
      await rm(path, { force: true });
      lockUnused(token);
      return rival;
    } catch (error) {
      await Promise.allSettled([temporary, path].map((left) => rm(left, { force: true })));
      lockUnused(token);
      // A contender that has just taken the lock cleans up, and removes our files, too.
      if (codeOf(error) === 'ENOENT' && (await exists(this.directory))) return undefined;
      throw error;
    }
  }

  private async rivalOf(stem: string, ownPath: string): Promise<Rival | undefined> {
    // The clock that stamps the files counts. On a network file system it is another machine's.
    const { mtimeMs: now } = await stat(ownPath);
    for (const name of await readdir(this.directory)) {
      const path = join(this.directory, name);
      if (!name.startsWith(`${stem}.lock.`) || path === ownPath) continue;
      const rival = await this.judge(path, now);
      if (rival) return rival;
    }
    this.firstSeen.clear();
    return undefined;
  }

  /** Removes the lock file of a dead holder, and one that this thread could not remove when it released the lock. */
  private async judge(path: string, now: number): Promise<Rival | undefined> {
    const seen = await readLockFile(path);
    if (seen === undefined) return undefined;
    const { holder, beatAt } = seen;
    const state = holder ? await lookAt(holder) : 'unknown';
    const isLeft = state === 'dead' || (holder !== undefined && (await isAbandoned(holder)));
    if (state === 'running' && !isLeft) return { path, holder, beatAt, isAlive: true };
    if (isLeft || now - beatAt > DEAD_AFTER_MS) {
      await rm(path, { force: true });
      return undefined;
    }
    const firstBeatAt = this.firstSeen.get(path) ?? beatAt;
    this.firstSeen.set(path, firstBeatAt);
    return { path, holder, beatAt, isAlive: state === 'likely' || beatAt !== firstBeatAt };
  }
}

/** A lock that is held. It may be lost to another host that considers this process dead. */
export class FileLock implements PositionLock {
  private readonly timer = setInterval(() => this.beat(), BEAT_INTERVAL_MS).unref();
  private beating: Promise<unknown> = Promise.resolve();

  constructor(
    readonly path: string,
    private readonly text: string,
    private readonly token: string,
  ) {}

  /** Whether the lock is still held. Rejects when that cannot be found out. */
  isHeld(): Promise<boolean> {
    return exists(this.path);
  }

  /** Gives the lock up, also where its file cannot be removed. The next contender of this thread removes it. */
  async release(): Promise<void> {
    clearInterval(this.timer);
    await this.beating;
    await rm(this.path, { force: true }).catch(() => undefined);
    lockUnused(this.token);
  }

  private beat(): void {
    // It writes instead of calling utimes(), which would set the time of our clock. It creates no file where it was
    // removed.
    this.beating = writeFile(this.path, this.text, { flag: EXISTING_FILE }).catch(() => undefined);
  }
}

/**
 * The holder in a lock file, and when the file was last written, in epoch milliseconds. `undefined` when it is gone.
 */
async function readLockFile(path: string): Promise<{ holder: Holder | undefined; beatAt: number } | undefined> {
  try {
    // The order matters: opening a file makes network file systems refresh its age.
    const text = await readFile(path, 'utf8').catch(() => '');
    const found = await stat(path);
    if (found.isDirectory()) throw Object.assign(new Error(`${path} is a directory`), { code: 'EISDIR' });
    return { holder: parseHolder(text), beatAt: found.mtimeMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
