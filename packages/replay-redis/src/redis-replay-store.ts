import { checkFence, LONGEST_TIMER_MS, outdatedFence, wholeNumber } from '@rxforce/core/internal';
import type { PositionKey, PositionLock, ReplayStore, StreamPosition } from '@rxforce/core';
import { Ok, ReplayId, type Result } from '@rxforce/core/model';
import { isPartOf, keyInTag, positionTags } from './position-list.js';
import { positionKeys } from './position-keys.js';
import { formatPosition, parsePosition } from './position-value.js';
import { RedisConnection, type RedisConnectionOptions, type RedisSource } from './redis-connection.js';
import type { RedisFailure } from './redis-failure.js';
import { RedisLocks } from './redis-lock.js';
import { damaged, listFailure, lost, storeFailure } from './replay-store-errors.js';
import { DELETE, LOAD, REACHED, RESTORE, SAVE } from './replay-store-scripts.js';

/** How a `redisReplayStore` keeps positions. */
export interface RedisReplayStoreOptions extends RedisConnectionOptions {
  /**
   * How long a position stays locked after the process that locked it has died, in milliseconds, from 100.
   * Subscriptions with a lease do not lock.
   *
   * @defaultValue 30_000
   */
  readonly lockTtlMs?: number;
  /**
   * Records when positions were reached, so that `replay: { from: date }` starts near that time and not at the earliest
   * event. A mark takes about 100 bytes of Redis.
   *
   * @defaultValue none is kept
   */
  readonly history?: PositionHistoryOptions;
}

/** The marks of a history. */
export interface PositionHistoryOptions {
  /** Shortest time between two marks, in milliseconds, from 1. */
  readonly everyMs: number;
  /**
   * How long a mark is kept, in milliseconds, from 1.
   *
   * @defaultValue 259_200_000, the 72 h for which the service keeps events
   */
  readonly keepMs?: number;
}

/** Positions on Redis. */
export interface RedisReplayStore extends Required<ReplayStore> {
  /** Closes the connection, if the store made it from options. Never rejects. */
  close(): Promise<void>;
}

const HISTORY_KEEP_MS = 72 * 3_600_000;

/**
 * How far apart the clocks of Redis and the service may be, plus the time of an event on its way, in milliseconds. A
 * mark counts only for times that much later.
 */
const MARK_MARGIN_MS = 5 * 60_000;

/**
 * Keeps positions on Redis, so that they outlive the machine, and replicas can share them.
 *
 * **Positions are as durable as Redis is**: the README explains the effect of its persistence, replication and eviction
 * policy.
 *
 * - Saving: one script, one round trip; calls made at the same time are sent together. A position that was saved with a
 *   larger fencing token is never overwritten.
 * - Locks: without a lease, a lock keeps a second process from a position. After `lockTtlMs`, another process can
 *   replace one that died. A lock that expired while Redis was away is taken again, unless another process had it.
 * - Redis away, or silent: every call rejects after `timeoutMs`; the error is retriable if the failure may be
 *   temporary. Nothing is queued meanwhile.
 * - Redis empty: when Redis has lost a position that this process has read or saved, the store restores it from memory,
 *   with a warning. To start anew, delete the position while nobody is subscribed.
 * - Memory: one position for each subscription. In Redis under 200 bytes, without the history.
 *
 * @param redis - A client of ioredis, which the caller closes; or the options of one.
 * @throws `ConfigurationError` when an option is not valid.
 */
export function redisReplayStore(redis: RedisSource, options: RedisReplayStoreOptions = {}): RedisReplayStore {
  return new StoreOnRedis(redis, options);
}

class StoreOnRedis implements RedisReplayStore {
  private readonly connection: RedisConnection;
  private readonly locks: RedisLocks;
  private readonly history: Required<PositionHistoryOptions> | undefined;
  /** The position that was read or saved last, by tag. */
  private readonly known = new Map<string, StreamPosition>();

  constructor(redis: RedisSource, options: RedisReplayStoreOptions) {
    this.history = resolveHistory(options.history);
    const lockTtlMs = wholeNumber('lockTtlMs', options.lockTtlMs ?? 30_000, 100, LONGEST_TIMER_MS);
    this.connection = new RedisConnection(redis, options);
    this.locks = new RedisLocks(this.connection, lockTtlMs);
  }

  async load(key: PositionKey): Promise<StreamPosition | undefined> {
    const { tag, position: redisKey } = this.keysOf(key);
    const stored = await this.connection.run(LOAD, [redisKey], [], { lane: tag });
    const answer = stored.ok && stored.val === null ? await this.restored(key) : stored;
    if (answer.err) throw storeFailure(`Reading the position "${key.name}"`, key, answer.val);
    if (answer.val === null) return undefined;
    const position = typeof answer.val === 'string' ? parsePosition(answer.val) : undefined;
    if (position === undefined) throw damaged(key, redisKey);
    this.known.set(tag, copyOf(position));
    return position;
  }

  async save(key: PositionKey, position: StreamPosition, fence?: number): Promise<void> {
    checkFence(key, fence);
    const { tag, position: redisKey, lock, history } = this.keysOf(key);
    const saved = copyOf(position);
    const args = [
      fence ?? '',
      this.locks.tokenOf(tag),
      this.locks.ttlMs,
      ...formatPosition(saved),
      ...this.historyArgs(),
    ];
    const answer = await this.connection.run(SAVE, [redisKey, lock, history], args, { lane: tag });
    if (answer.err) throw storeFailure(`Saving the position "${key.name}"`, key, answer.val);
    switch (answer.val) {
      case 'saved':
        this.known.set(tag, saved);
        return;
      case 'corrupted':
        throw damaged(key, redisKey);
      case 'fenced':
        throw outdatedFence(key, fence ?? 0);
      default:
        throw lost(key);
    }
  }

  async reachedBefore(key: PositionKey, time: Date): Promise<ReplayId | undefined> {
    const { tag, history } = this.keysOf(key);
    const answer = await this.connection.run(REACHED, [history], [time.getTime() - MARK_MARGIN_MS], { lane: tag });
    if (answer.err) throw storeFailure(`Reading the history of "${key.name}"`, key, answer.val);
    return typeof answer.val === 'string' ? ReplayId.parse(answer.val) : undefined;
  }

  async list(of: Partial<PositionKey> = {}): Promise<readonly PositionKey[]> {
    const { connection } = this;
    const answer = await connection.call((redis) => positionTags(redis, connection.prefix), { lane: 'list' });
    if (answer.err) throw listFailure(answer.val);
    const keys = answer.val.map((tag) => keyInTag(connection.prefix, tag));
    return keys.filter((key) => key !== undefined).filter((key) => isPartOf(of, key));
  }

  async delete(key: PositionKey): Promise<void> {
    const { tag, position, lock, history } = this.keysOf(key);
    const args = [this.locks.tokenOf(tag), this.locks.ttlMs];
    const answer = await this.connection.run(DELETE, [position, lock, history], args, { lane: tag });
    if (answer.err) throw storeFailure(`Deleting the position "${key.name}"`, key, answer.val);
    if (answer.val !== 'deleted') throw lost(key);
    this.known.delete(tag);
  }

  lock(key: PositionKey): Promise<PositionLock> {
    return this.locks.acquire(key);
  }

  close(): Promise<void> {
    this.locks.stop();
    return this.connection.close();
  }

  /**
   * Restores a lost position. It may be older than one that others had saved, but events that come twice are not lost.
   */
  private async restored(key: PositionKey): Promise<Result<unknown, RedisFailure>> {
    const { tag, position: redisKey } = this.keysOf(key);
    const position = this.known.get(tag);
    if (position === undefined) return Ok(null);
    this.connection.warn(
      `Redis has lost the position "${key.name}" of ${key.topic}: it was deleted, or Redis was restarted without what it ` +
        'had. The subscription goes on from the last one that this process knows.',
    );
    const args = [this.locks.tokenOf(tag), ...formatPosition(position)];
    return this.connection.run(RESTORE, [redisKey], args, { lane: tag });
  }

  private historyArgs(): readonly [everyMs: number | '', keepMs: number | ''] {
    return this.history ? [this.history.everyMs, this.history.keepMs] : ['', ''];
  }

  private keysOf(key: PositionKey) {
    return positionKeys(this.connection.prefix, key);
  }
}

function resolveHistory(history: PositionHistoryOptions | undefined): Required<PositionHistoryOptions> | undefined {
  if (history === undefined) return undefined;
  const { everyMs, keepMs = HISTORY_KEEP_MS } = history;
  return {
    everyMs: wholeNumber('history.everyMs', everyMs, 1, Number.MAX_SAFE_INTEGER),
    keepMs: wholeNumber('history.keepMs', keepMs, 1, Number.MAX_SAFE_INTEGER),
  };
}

/** A caller can change a Date, but not a replay id. */
function copyOf<T extends StreamPosition>(position: T): T {
  return position instanceof Date ? (new Date(position) as T) : position;
}
