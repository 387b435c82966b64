import { ReplayId } from '@rxforce/core/model';

const LENGTH = 8;

/** The position after the message of this sequence of the stream, in 8 bytes. */
export function positionOf(sequence: number): ReplayId {
  const bytes = Buffer.alloc(LENGTH);
  bytes.writeBigUInt64BE(BigInt(sequence));
  return ReplayId.fromBytes(bytes);
}

/** The sequence of a position; `Infinity` beyond what can be. `undefined` where it is none of a log on JetStream. */
export function sequenceOf(position: ReplayId): number | undefined {
  const bytes = Buffer.from(position.toBytes());
  if (bytes.length !== LENGTH) return undefined;
  const sequence = Number(bytes.readBigUInt64BE());
  return Number.isSafeInteger(sequence) ? sequence : Infinity;
}
