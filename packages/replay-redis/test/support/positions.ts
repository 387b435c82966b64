import { ReplayId } from '@rxforce/core';
import type { PositionKey, StreamPosition } from '@rxforce/core';
import type { Result } from '@rxforce/core/model';
import { expect } from 'chai';

/** Some subscription's. */
export const KEY: PositionKey = {
  organizationId: '00D000000000001',
  topic: '/data/AccountChangeEvent',
  name: 'crm-sync',
};

/** What `hashTag` makes of it. */
export const TAG = '{rxforce:00D000000000001:/data/AccountChangeEvent:crm-sync}';

/** A count as a replay id of ten bytes, as the service's are. */
export function idOf(count: number): ReplayId {
  const bytes = Buffer.alloc(10);
  bytes.writeUInt32BE(count, 4);
  return ReplayId.fromBytes(bytes);
}

/** The count that a position is; 0 for none. */
export function countOf(position: StreamPosition | undefined): number {
  return position instanceof ReplayId ? Buffer.from(position.toBytes()).readUInt32BE(4) : 0;
}

/** Checks the code of an `Err`, whether it may pass, and what it says. */
export function expectErr(
  result: Result<unknown, Error>,
  { code, retriable, says }: { readonly code: string; readonly retriable: boolean; readonly says: RegExp },
): void {
  expect(result.err, 'is an Ok').to.equal(true);
  expect(result.val).to.include({ code, retriable });
  expect((result.val as Error).message).to.match(says);
}
