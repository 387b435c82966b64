/**
 * Times of sending, in events: microseconds of the clock that all processes of a machine share. They are counted from a
 * large number, so that each takes 8 bytes as an Avro long.
 *
 * @packageDocumentation
 */
import { hrtime } from 'node:process';

/** The stamp of the clock's beginning. */
export const FIRST_STAMP = 2 ** 50;

/** The stamp of now. */
export function stampNow(): number {
  return FIRST_STAMP + Number(hrtime.bigint() / 1_000n);
}

/** Milliseconds since a stamp. */
export function millisecondsSince(stamp: number): number {
  return (stampNow() - stamp) / 1_000;
}

const HALF_BITS = 2 ** 28;

/** Writes a stamp as an Avro long: 8 groups of 7 bits, the lowest first. */
export function writeStamp(bytes: Buffer, position: number, stamp: number): void {
  const zigzag = stamp * 2;
  writeGroups(bytes, position, zigzag % HALF_BITS);
  writeGroups(bytes, position + 4, Math.floor(zigzag / HALF_BITS));
  const last = position + 7;
  bytes.writeUInt8(bytes.readUInt8(last) & 0x7f, last);
}

function writeGroups(bytes: Buffer, position: number, bits: number): void {
  for (let group = 0; group < 4; group++) {
    bytes.writeUInt8(((bits >>> (7 * group)) & 0x7f) | 0x80, position + group);
  }
}
