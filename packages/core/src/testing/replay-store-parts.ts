import assert from 'node:assert/strict';
import { kindOf } from '../model/answer.js';
import { PositionInUseError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { PositionKey, PositionLock, ReplayStore, StreamPosition } from '../ports/replay-store.js';
import { loadedPosition, lockAnswer, savedAnswer } from '../ports/store-answers.js';

/** The key of the position of most cases. */
export const KEY: PositionKey = {
  organizationId: '00D000000000001',
  topic: '/data/AccountChangeEvent',
  name: 'crm-sync',
};

/** A replay id for a number. */
export function idOf(count: number): ReplayId {
  return ReplayId.fromBytes(Uint8Array.of(0, 0, count >> 8, count & 0xff));
}

/** The same replay id, as another copy of this package would make it: of another class, and recognized by its brand. */
export function foreign(id: ReplayId): ReplayId {
  const members = {
    [Symbol.for('@rxforce/core/ReplayId')]: true,
    toBytes: () => id.toBytes(),
    toString: () => id.toString(),
    toJSON: () => id.toJSON(),
    equals: (other: ReplayId) => id.equals(other),
  };
  return members as unknown as ReplayId;
}

/** The position that a store has, checked as a subscription checks it. */
export async function loaded(store: ReplayStore, key = KEY): Promise<StreamPosition | undefined> {
  return loadedPosition(key, await store.load(key));
}

/** Saves a position, and checks the answer as a subscription does. */
export async function saved(store: ReplayStore, position: StreamPosition, key = KEY): Promise<void> {
  savedAnswer(await store.save(key, position));
}

/** Locks a position, and checks the answer as a subscription does. */
export async function locked(store: ReplayStore, key = KEY): Promise<PositionLock> {
  if (!store.lock) assert.fail('has no lock');
  return lockAnswer(await store.lock(key));
}

/** Fails, unless the position cannot be locked. */
export async function assertInUse(store: ReplayStore, key: PositionKey): Promise<void> {
  const refusal = await locked(store, key).then(
    () => assert.fail('is locked twice'),
    (error: unknown) => error,
  );
  assertIsInUse(refusal);
}

/** Fails, unless this is the error of a position that is in use. */
export function assertIsInUse(refusal: unknown): void {
  if (!PositionInUseError.is(refusal)) assert.fail(`rejects with no PositionInUseError, but with ${kindOf(refusal)}`);
}

/** Fails, unless both are the same position. */
export function assertSame(actual: StreamPosition | undefined, expected: StreamPosition): void {
  assert.deepEqual(valueIn(actual), valueIn(expected));
}

/** A value that can be compared and printed. */
function valueIn(position: StreamPosition | undefined): unknown {
  return ReplayId.is(position) ? { replayId: position.toString() } : position;
}
