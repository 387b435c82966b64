import { readText, textPoints, type TextPoints } from './known-texts.js';

/**
 * What a compiled decoder calls for each value that is there. A function that reads sets `at.p` to the place behind
 * what it read, since two results would make an object.
 */
export interface DecoderKit {
  /** The place behind what was read last, and how many more values of no byte the payload may have. */
  readonly at: { p: number; free: number };
  /** Whether a long was read as a bigint, which JSON cannot hold. */
  readonly saw: { bigint: boolean };
  /** Ends the decoding. The reader that interprets the schema then says what is wrong. */
  readonly fail: () => never;
  /** Reads a zigzag number of 32 bits. */
  readonly int: (bytes: Buffer, p: number) => number;
  /** Reads a zigzag number of 64 bits: a number where that is exact, a bigint beyond 2^53. */
  readonly long: (bytes: Buffer, p: number) => number | bigint;
  /** Reads a zigzag number of 64 bits as a bigint, whatever its size. */
  readonly bigint: (bytes: Buffer, p: number) => bigint;
  readonly float: (bytes: Buffer, p: number) => number;
  readonly double: (bytes: Buffer, p: number) => number;
  /** Reads a text, which begins with its length. See `readText` for the points. */
  readonly text: (bytes: Buffer, p: number, end: number, points: TextPoints, field: number) => string;
  readonly textPoints: typeof textPoints;
  /** Reads bytes, which begin with their length. A copy, as the message's memory is not the event's. */
  readonly blob: (bytes: Buffer, p: number, end: number) => Buffer;
  /** Reads bytes of a known length, otherwise as `blob`. */
  readonly copy: (bytes: Buffer, p: number, end: number, length: number) => Buffer;
  /** The place behind a number at `p`. */
  readonly skipLong: (bytes: Buffer, p: number) => number;
  /** The place behind what begins at `p` with its length. */
  readonly skipSized: (bytes: Buffer, p: number, end: number) => number;
}

/** The last number's two halves of 32 bits, and both at once. Where the upper half comes first, nothing is compiled. */
const halves = new Int32Array(2);
const whole = new BigInt64Array(halves.buffer);
const floats = new Float32Array(1);
const floatBytes = new Uint8Array(floats.buffer);
const doubles = new Float64Array(1);
const doubleBytes = new Uint8Array(doubles.buffer);

const TWO_TO_32 = 0x1_0000_0000;
/** Numbers whose upper half is in this range on both sides of zero are within 2^53. */
const EXACT_UPPER_HALF = 0x20_0000;

/** Made once, as nobody sees it: the reader that interprets the schema gives the reason. */
const UNDECODABLE = new Error('The payload cannot be decoded.');

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
  const first = bytes[p] ?? fail();
  if (first < 0x80) {
    at.p = p + 1;
    return (first >>> 1) ^ -(first & 1);
  }
  return longAfter(first, bytes, p);
}

/** Numbers of more than a byte, in doubles, which are exact to 53 bits, and otherwise by their halves. */
function longAfter(first: number, bytes: Buffer, start: number): number | bigint {
  let unsigned = first & 0x7f;
  let p = start + 1;
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
  const first = bytes[p] ?? fail();
  if (first < 0x80) {
    at.p = p + 1;
    return (first >>> 1) ^ -(first & 1);
  }
  const value = longAfter(first, bytes, p);
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

function skipSized(bytes: Buffer, p: number, end: number): number {
  const length = int(bytes, p);
  return length < 0 || length > end - at.p ? fail() : at.p + length;
}

function float(bytes: Buffer, p: number): number {
  for (let index = 0; index < 4; index++) floatBytes[index] = bytes[p + index] ?? 0;
  at.p = p + 4;
  return floats[0] ?? 0;
}

function double(bytes: Buffer, p: number): number {
  for (let index = 0; index < 8; index++) doubleBytes[index] = bytes[p + index] ?? 0;
  at.p = p + 8;
  return doubles[0] ?? 0;
}

function text(bytes: Buffer, p: number, end: number, points: TextPoints, field: number): string {
  const after = skipSized(bytes, p, end);
  const start = at.p;
  at.p = after;
  return readText(bytes, start, after, points, field);
}

function blob(bytes: Buffer, p: number, end: number): Buffer {
  const length = int(bytes, p);
  return length < 0 ? fail() : copy(bytes, at.p, end, length);
}

function copy(bytes: Buffer, p: number, end: number, length: number): Buffer {
  if (length > end - p) fail();
  at.p = p + length;
  return Buffer.from(bytes.subarray(p, at.p));
}

/** The same for all decoders. */
export const DECODER_KIT: DecoderKit = {
  ...{ at, saw, fail, int, long, bigint, float, double, text, textPoints, blob, copy, skipLong, skipSized },
};
