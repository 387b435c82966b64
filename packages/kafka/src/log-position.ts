import { ReplayId } from '@rxforce/core/model';

const LENGTH = 8;

/** The position after the entry at this offset: the offset in 8 bytes. */
export function positionOf(offset: bigint): ReplayId {
  const bytes = Buffer.alloc(LENGTH);
  bytes.writeBigUInt64BE(offset);
  return ReplayId.fromBytes(bytes);
}

/** The offset of a position. `undefined` where it is none of a log on Kafka. */
export function offsetOf(position: ReplayId): bigint | undefined {
  const bytes = Buffer.from(position.toBytes());
  return bytes.length === LENGTH ? bytes.readBigUInt64BE() : undefined;
}
