import type { PositionKey } from '@rxforce/core';
import { damagedPosition, lostLock, storeCallFailed } from '@rxforce/core/internal';
import type { PositionCorruptedError, PositionInUseError, ReplayStoreError } from '@rxforce/core/model';
import type { RedisFailure } from './redis-failure.js';

/** A call to Redis failed. */
export function storeFailure(what: string, { topic }: PositionKey, failure: RedisFailure): ReplayStoreError {
  return storeCallFailed(`${what} of ${topic} on Redis`, failure, topic);
}

/** The error of a call that looks for all positions. */
export function listFailure(failure: RedisFailure): ReplayStoreError {
  return storeCallFailed('Listing the positions on Redis', failure);
}

/** The key of a position holds something that is not a position. */
export function damaged(key: PositionKey, redisKey: string): PositionCorruptedError {
  return damagedPosition(key, `The Redis key ${redisKey} is not the position "${key.name}" of ${key.topic}`);
}

/** The lock expired, and another process has had it. */
export function lost(key: PositionKey): PositionInUseError {
  return lostLock(key, 'Redis', '; or give all replicas a redisLease(), and they take turns by themselves');
}
