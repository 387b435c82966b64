import type { PositionKey } from '@rxforce/core';
import { ReplayStoreError, PositionInUseError, PositionCorruptedError } from '@rxforce/core/model';
import type { RedisFailure } from './redis-failure.js';

/** A call to Redis failed. */
export function storeFailure(what: string, { topic }: PositionKey, failure: RedisFailure): ReplayStoreError {
  const { reason, retriable, cause } = failure;
  return new ReplayStoreError(`${what} of ${topic} on Redis failed: ${reason}`, {
    topic,
    retriable,
    cause,
  });
}

/** The error of a call that looks for all positions. */
export function listFailure({ reason, retriable, cause }: RedisFailure): ReplayStoreError {
  return new ReplayStoreError(`Listing the positions on Redis failed: ${reason}`, { retriable, cause });
}

/** The key of a position holds something that is not a position. */
export function damaged({ topic, name }: PositionKey, redisKey: string): PositionCorruptedError {
  return new PositionCorruptedError(
    `The Redis key ${redisKey} is not the position "${name}" of ${topic}: it was changed, or written by a newer version of ` +
      'rxforce. Restore it from a backup; or delete it, and the subscription starts from its option `from`, as if for the ' +
      'first time.',
    { topic },
  );
}

/** A holder of a newer lease has saved. */
export function outdated({ topic, name }: PositionKey, fence: number): PositionInUseError {
  return new PositionInUseError(
    `The lease of the position "${name}" of ${topic} has passed to another replica: its fencing token is larger than ` +
      `${fence}. Nothing was saved. Whoever waits for the lease next goes on from what the other one commits.`,
    { topic },
  );
}

/** The lock expired, and another process has had it. */
export function lost({ topic, name }: PositionKey): PositionInUseError {
  return new PositionInUseError(
    `The lock of the position "${name}" of ${topic} is gone: it was deleted, or this process stood still or was without ` +
      'Redis for so long that another one took the position over. Nothing was saved. Subscribe again to compete for it; or ' +
      'give all replicas a redisLease(), and they take turns by themselves.',
    { topic },
  );
}

/** A token that cannot be compared. */
export function noToken({ topic }: PositionKey, fence: number): ReplayStoreError {
  return new ReplayStoreError(
    `The fencing token of the lease is ${fence}, but must be a whole number from 0 to 2^53 - 1.`,
    { topic, retriable: false },
  );
}
