import { readText, textPoints } from './known-texts.js';

/** What a compiled decoder calls for all that is rare or long. It is a table, so that the decoder's text stays short. */
export interface DecoderKit {
  /** The place behind what one of the functions below read, and how many more values of no byte the payload may have. */
  readonly at: { p: number; free: number };
  /** Whether a long was read as a bigint, which JSON cannot hold. */
  readonly saw: { bigint: boolean };
  /** Ends the decoding. The reader that interprets the schema then says what is wrong. */
  readonly fail: () => never;
  /** A zigzag number of 32 bits whose first byte is just before `p`, and says that there are more. */
  readonly int: (bytes: Buffer, p: number) => number;
  /** The same with 64 bits: a number where that is exact, a bigint beyond 2^53. */
  readonly long: (bytes: Buffer, p: number) => number | bigint;
  /** A zigzag number of 64 bits at `p`, as a bigint whatever its size. */
  readonly bigint: (bytes: Buffer, p: number) => bigint;
  /** The place behind a number of 64 bits at `p`. */
  readonly skipLong: (bytes: Buffer, p: number) => number;
  readonly float: (bytes: Buffer, p: number) => number;
  readonly double: (bytes: Buffer, p: number) => number;
  readonly text: typeof readText;
  readonly textPoints: typeof textPoints;
  /** A copy, as the message's memory is not the event's. */
  readonly copy: (bytes: Buffer, start: number, end: number) => Buffer;
}

/** The last number's two halves of 32 bits, low first as on all processors that Node runs on, and both at once. */
const halves = new Int32Array(2);
const whole = new BigInt64Array(halves.buffer);
const floats = new Float32Array(1);
const floatBytes = new Uint8Array(floats.buffer);
const doubles = new Float64Array(1);
const doubleBytes = new Uint8Array(doubles.buffer);

const TWO_TO_32 = 0x1_0000_0000;
/** Numbers whose upper half is in this range on both sides of zero are within 2^53. */
const EXACT_UPPER_HALF = 0x20_0000;

class Undecodable extends Error {}
const UNDECODABLE = new Undecodable();

const at = { p: 0, free: 0 };
const saw = { bigint: false };

function fail(): never {
  throw UNDECODABLE;
}

/** Reads the number at `p` into `halves`, and undoes the zigzag there. Longer than ten bytes it cannot be. */
function readHalves(bytes: Buffer, p: number): void {
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = bytes[p++] ?? fail();
    // The tenth byte has room for one bit more.
    if (shift === 63 && byte > 1) fail();
    const bits = byte & 0x7f;
    if (shift < 32) low |= bits << shift;
    if (shift > 25) high |= shift < 32 ? bits >>> (32 - shift) : bits << (shift - 32);
    if (byte < 0x80) {
      const sign = -(low & 1);
      halves[0] = ((low >>> 1) | (high << 31)) ^ sign;
      halves[1] = (high >>> 1) ^ sign;
      at.p = p;
      return;
    }
  }
  fail();
}

function long(bytes: Buffer, p: number): number | bigint {
  const start = p - 1;
  let unsigned = (bytes[start] ?? 0) & 0x7f;
  // In doubles, which are exact to 53 bits.
  for (let scale = 0x80; scale <= 0x80 ** 6; scale *= 0x80) {
    const byte = bytes[p++] ?? fail();
    unsigned += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      at.p = p;
      return unsigned % 2 === 0 ? unsigned / 2 : -(unsigned + 1) / 2;
    }
  }
  readHalves(bytes, start);
  const [low = 0, high = 0] = halves;
  if (high >= -EXACT_UPPER_HALF && high < EXACT_UPPER_HALF) return high * TWO_TO_32 + (low >>> 0);
  saw.bigint = true;
  return whole[0] ?? 0n;
}

function int(bytes: Buffer, p: number): number {
  const value = long(bytes, p);
  return typeof value === 'number' && (value | 0) === value ? value : fail();
}

function bigint(bytes: Buffer, p: number): bigint {
  readHalves(bytes, p);
  return whole[0] ?? 0n;
}

function skipLong(bytes: Buffer, p: number): number {
  const tenth = p + 9;
  while ((bytes[p] ?? fail()) > 0x7f) if (p++ === tenth) fail();
  if (p === tenth && (bytes[p] ?? 0) > 1) fail();
  return p + 1;
}

function float(bytes: Buffer, p: number): number {
  for (let index = 0; index < 4; index++) floatBytes[index] = bytes[p + index] ?? 0;
  return floats[0] ?? 0;
}

function double(bytes: Buffer, p: number): number {
  for (let index = 0; index < 8; index++) doubleBytes[index] = bytes[p + index] ?? 0;
  return doubles[0] ?? 0;
}

function copy(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.from(bytes.subarray(start, end));
}

/** The same for all decoders. */
export const DECODER_KIT: DecoderKit = {
  at,
  saw,
  fail,
  int,
  long,
  bigint,
  skipLong,
  float,
  double,
  text: readText,
  textPoints,
  copy,
};
