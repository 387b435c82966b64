import { randomBytes } from 'node:crypto';
import type { PositionKey, PositionLock } from '@rxforce/core';
import { PositionInUseError } from '@rxforce/core/model';
import { positionKeys, type PositionKeys } from './position-keys.js';
import type { RedisConnection } from './redis-connection.js';
import { storeFailure } from './replay-store-errors.js';
import { LOCK, RENEW_LOCK, UNLOCK } from './replay-store-scripts.js';

/** How many times a lock is renewed within its time to live. */
const RENEWALS = 3;
/**
 * By how much a lock's end must move to count as renewed, in milliseconds. Smaller moves come from reading at another
 * moment.
 */
const MOVED_MS = 10;

/** The lock of another process, as it was first seen. */
interface Rival {
  readonly holder: string;
  readonly untilMs: number;
}

/** The locks of one store: keys with a time to live, which are renewed until they are released. */
export class RedisLocks {
  /** The locks that this store holds, by tag. */
  private readonly held = new Map<string, RedisLock>();
  private readonly firstSeen = new Map<string, Rival>();

  constructor(
    private readonly connection: RedisConnection,
    /** How long a lock lasts without renewal, in milliseconds. */
    readonly ttlMs: number,
  ) {}

  /** The token that a save must present; empty where there is no lock. */
  tokenOf(tag: string): string {
    return this.held.get(tag)?.token ?? '';
  }

  /**
   * Takes a lock. Rejects with a `PositionInUseError` when another process has it. The error is retriable while that
   * process may be dead.
   */
  async acquire(key: PositionKey): Promise<PositionLock> {
    const keys = positionKeys(this.connection.prefix, key);
    const lock = new RedisLock(this.connection, keys, this.ttlMs);
    const args = [lock.token, this.ttlMs];
    const answer = await this.connection.run(LOCK, [keys.position, keys.lock, keys.lease], args, {
      lane: keys.tag,
      late: () => void lock.release(),
    });
    if (answer.err) throw storeFailure(`Locking the position "${key.name}"`, key, answer.val);
    const [status, holder = '', untilMs = ''] = answer.val as string[];
    if (status !== 'done') throw this.inUse(key, keys.tag, { holder, untilMs: Number(untilMs) });
    this.firstSeen.delete(keys.tag);
    this.held.set(keys.tag, lock);
    lock.keep();
    return { release: () => this.release(keys.tag, lock) };
  }

  /** Stops the renewal of all locks. */
  stop(): void {
    this.held.forEach((lock) => lock.stop());
  }

  private release(tag: string, lock: RedisLock): Promise<void> {
    if (this.held.get(tag) === lock) this.held.delete(tag);
    return lock.release();
  }

  private inUse({ topic, name }: PositionKey, tag: string, rival: Rival): PositionInUseError {
    const first = this.firstSeen.get(tag);
    if (first?.holder !== rival.holder) this.firstSeen.set(tag, rival);
    const isRenewed = first?.holder === rival.holder && rival.untilMs - first.untilMs > MOVED_MS;
    const isAlive = isRenewed || this.held.has(tag);
    return new PositionInUseError(
      `The position "${name}" of ${topic} is ${rival.holder ? 'locked by' : 'under the lease of'} another process, or ` +
        "another store of this one. Two would overwrite each other's position and lose events: give each consumer a name of " +
        `its own, or all replicas a redisLease(). A process that died is succeeded after ${this.ttlMs} ms.`,
      { topic, retriable: !isAlive },
    );
  }
}

/** One lock, which is kept until it is released or lost. */
class RedisLock {
  readonly token = randomBytes(6).toString('base64url');
  private timer: NodeJS.Timeout | undefined;
  private renewing: Promise<unknown> | undefined;

  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: PositionKeys,
    private readonly ttlMs: number,
  ) {}

  keep(): void {
    this.timer = setInterval(() => this.renew(), Math.ceil(this.ttlMs / RENEWALS)).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Releases the lock, in the lane of the calls that were made under it: a call still under way would lock again. */
  async release(): Promise<void> {
    this.stop();
    await this.renewing;
    await this.run(UNLOCK, [this.token]);
  }

  private renew(): void {
    this.renewing ??= this.run(RENEW_LOCK, [this.token, this.ttlMs]).then((answer) => {
      this.renewing = undefined;
      // The next save reports the loss.
      if (answer.ok && answer.val === 'lost') this.stop();
    });
  }

  private run(script: typeof LOCK, args: readonly (string | number)[]) {
    const { position, lock, tag } = this.keys;
    return this.connection.run(script, [position, lock], args, { lane: tag });
  }
}
