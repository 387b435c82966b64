import { ReplayId, type PositionKey, type StreamPosition } from '@rxforce/core';
import { expect } from 'chai';

/** Some subscription's. */
export const KEY: PositionKey = {
  organizationId: '00D000000000001',
  topic: '/data/AccountChangeEvent',
  name: 'crm-sync',
};

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

/** What an error must be: its code, whether it may pass, and what it says. */
export interface ExpectedError {
  readonly code: string;
  readonly retriable: boolean;
  readonly says: RegExp;
}

/** What a call rejects with. Rejects itself when that resolves. */
export async function rejection(call: Promise<unknown>): Promise<unknown> {
  const resolved = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in resolved) return resolved.error;
  throw new Error(`It resolved with ${String(resolved.value)}, and did not reject.`);
}

/** Checks what a call rejects with. */
export async function expectRejection(call: Promise<unknown>, expected: ExpectedError): Promise<void> {
  expectError(await rejection(call), expected);
}

/** Checks an error. */
export function expectError(error: unknown, { code, retriable, says }: ExpectedError): void {
  expect(error).to.include({ code, retriable });
  expect((error as Error).message).to.match(says);
}
