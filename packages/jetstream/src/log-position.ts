import { ReplayId } from '@rxforce/core/model';

const LENGTH = 10;
const STAMP_AT = 8;
/** How many stamps there are. 0 is none: it is not known. */
const STAMPS = 0xffff;

/** What a position says. */
export interface SequencePosition {
  /** The sequence of the stream that it is after; `Infinity` beyond what can be. */
  readonly sequence: number;
  /** What the message of this sequence had. 0 where that is not known. */
  readonly stamp: number;
}

/** Tells a message from another one that has the same sequence, after JetStream has lost the first one. */
export function stampOf(timeMs: number): number {
  return (timeMs % STAMPS) + 1;
}

/** The position after the message of this sequence: its sequence in 8 bytes, and its stamp in 2. */
export function positionOf(sequence: number, stamp: number): ReplayId {
  const bytes = Buffer.alloc(LENGTH);
  bytes.writeBigUInt64BE(BigInt(sequence));
  bytes.writeUInt16BE(stamp, STAMP_AT);
  return ReplayId.fromBytes(bytes);
}

/** What a position says. `undefined` where it is none of a log on JetStream. */
export function sequenceIn(position: ReplayId): SequencePosition | undefined {
  const bytes = Buffer.from(position.toBytes());
  if (bytes.length !== LENGTH) return undefined;
  const sequence = Number(bytes.readBigUInt64BE());
  return { sequence: Number.isSafeInteger(sequence) ? sequence : Infinity, stamp: bytes.readUInt16BE(STAMP_AT) };
}
