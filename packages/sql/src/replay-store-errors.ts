import type { PositionKey } from '@rxforce/core';
import { PositionCorruptedError, PositionInUseError, ReplayStoreError } from '@rxforce/core/model';

/** The row of a position holds something that is not a position. */
export function damaged({ topic, name }: PositionKey, table: string): PositionCorruptedError {
  return new PositionCorruptedError(
    `The row of the position "${name}" of ${topic} in ${table} holds no position: it was changed, or written by a newer ` +
      'version of rxforce. Restore it from a backup; or delete it, and the subscription starts from its option `from`, as ' +
      'if for the first time.',
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
      'the database for so long that another one took the position over. Nothing was saved. Subscribe again to compete ' +
      'for it.',
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
