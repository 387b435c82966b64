import type { PositionKey } from '@rxforce/core';
import { damagedPosition, lostLock } from '@rxforce/core/internal';
import type { PositionCorruptedError, PositionInUseError } from '@rxforce/core/model';

/** The row of a position holds something that is not a position. */
export function damaged(key: PositionKey, table: string): PositionCorruptedError {
  return damagedPosition(key, `The row of the position "${key.name}" of ${key.topic} in ${table} holds no position`);
}

/** The lock expired, and another process has had it. */
export function lost(key: PositionKey): PositionInUseError {
  return lostLock(key, 'the database');
}
