import { nameOf } from './fake-store.js';
import type { Result } from '../../src/model/result.js';
import type { PositionKey, ReplayStore, StreamPosition, StoreError } from '../../src/ports/replay-store.js';
import { PositionClaim } from '../../src/position/position-claim.js';

/** Some position. */
export const KEY: PositionKey = { organizationId: '00D000000000001', topic: '/data/ThingChangeEvent', name: 'default' };

/** A claim of a position in a store. */
export const claimed = (store: ReplayStore, key: Partial<PositionKey> = {}) =>
  PositionClaim.claim(store, { ...KEY, ...key }).unwrap();

/** Opens a claim: the position's name, or the error's code. */
export async function open(claim: PositionClaim, before?: StreamPosition): Promise<string | undefined> {
  const opened: Result<StreamPosition | undefined, StoreError> = await claim.open(before);
  return opened.ok ? nameOf(opened.val) : opened.val.code;
}

/** Whether a promise has ended, and how, as far as it has. */
export function watch<T>(promise: Promise<T>): { ended: boolean; value?: T } {
  const watched: { ended: boolean; value?: T } = { ended: false };
  void promise.then((value) => Object.assign(watched, { ended: true, value }));
  return watched;
}
