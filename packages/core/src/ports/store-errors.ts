import { PositionCorruptedError, PositionInUseError, ReplayStoreError } from '../model/errors.js';
import type { EngineFailure } from './engine-failure.js';
import type { PositionKey } from './replay-store.js';

/**
 * A call of a replay store failed.
 *
 * @param what - Such as `Saving the position "a" of /data/ChangeEvents on Redis`.
 */
export function storeCallFailed(what: string, failure: EngineFailure, topic?: string): ReplayStoreError {
  const { reason, retriable, cause } = failure;
  return new ReplayStoreError(`${what} failed: ${reason}`, { retriable, cause, ...(topic !== undefined && { topic }) });
}

/**
 * What is stored is not a position.
 *
 * @param what - What is wrong with it, such as `The row of the position "a" of /data/ChangeEvents holds no position`.
 * @param how - How to delete it, where that needs to be said, such as ` ("nats kv del")`.
 */
export function damagedPosition({ topic }: PositionKey, what: string, how = ''): PositionCorruptedError {
  return new PositionCorruptedError(
    `${what}: it was changed, or written by a newer version of rxforce. Restore it from a backup; or delete it${how}, and ` +
      'the subscription starts from its option `from`, as if for the first time.',
    { topic },
  );
}

/** A holder of a newer lease has saved. */
export function outdatedFence({ topic, name }: PositionKey, fence: number): PositionInUseError {
  return new PositionInUseError(
    `The lease of the position "${name}" of ${topic} has passed to another replica: its fencing token is larger than ` +
      `${fence}. Nothing was saved. The next holder of the lease continues after the last commit of the other one.`,
    { topic },
  );
}

/**
 * The lock expired, and another process has had it.
 *
 * @param engine - What it may have been without, such as `Redis`.
 * @param or - What else helps beside subscribing again, such as `; or give all replicas a lease`.
 */
export function lostLock({ topic, name }: PositionKey, engine: string, or = ''): PositionInUseError {
  return new PositionInUseError(
    `The lock of the position "${name}" of ${topic} is gone: it was deleted, or this process stood still or was without ` +
      `${engine} for so long that another one took the position over. Nothing was saved. Subscribe again to compete for ` +
      `it${or}.`,
    { topic },
  );
}

/**
 * Checks the fencing token that a position is saved with.
 *
 * @throws `ReplayStoreError` when there is one that cannot be compared.
 */
export function checkFence({ topic }: PositionKey, fence: number | undefined): void {
  if (fence === undefined || (Number.isSafeInteger(fence) && fence >= 0)) return;
  throw new ReplayStoreError(
    `The fencing token of the lease is ${fence}, but must be a whole number from 0 to 2^53 - 1.`,
    { topic, retriable: false },
  );
}
