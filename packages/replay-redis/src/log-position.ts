import { ReplayId } from '@rxforce/core/model';

/** The number of bits for the place within a millisecond. */
const SEQ_BITS = 20n;
const MOST_SEQ = (1n << SEQ_BITS) - 1n;
const LENGTH = 8;

/** A number that grows with the ids of a stream: `1700000000000-7` is 1700000000000 · 2^20 + 7. */
export function versionOf(id: string): bigint {
  const [ms = '0', seq = '0'] = id.split('-');
  return (BigInt(ms) << SEQ_BITS) | BigInt(seq);
}

/** The position after the entry of this id: its version in 8 bytes. */
export function positionOf(id: string): ReplayId {
  const bytes = Buffer.alloc(LENGTH);
  bytes.writeBigUInt64BE(versionOf(id));
  return ReplayId.fromBytes(bytes);
}

/** The id of a position. `undefined` where it is none of a log on Redis. */
export function idOf(position: ReplayId): string | undefined {
  const bytes = Buffer.from(position.toBytes());
  if (bytes.length !== LENGTH) return undefined;
  const version = bytes.readBigUInt64BE();
  return `${version >> SEQ_BITS}-${version & MOST_SEQ}`;
}

/** When the entry of this id was appended, in epoch milliseconds. */
export function timeOf(id: string): number {
  return Number(id.split('-')[0]);
}
