import { DecodeError } from '../model/errors.js';

/** As many values that take no byte may come for each byte: an item that is a record has some of its own. */
const BYTELESS_FOR_A_BYTE = 8;

/** A place in an Avro payload. Every read checks the end, so a truncated payload is an error, never a wrong value. */
export class Cursor {
  position = 0;
  /** Whether a long was read as a bigint, which JSON cannot hold. */
  private hasBigint = false;
  /** Values made so far that took no byte. */
  private byteless = 0;

  constructor(readonly bytes: Buffer) {}

  /** Bytes left. */
  get remaining(): number {
    return this.bytes.length - this.position;
  }

  /** A zigzag varint of 32 bits at most: union branches, enum symbols, lengths, ints. */
  readInt(): number {
    const first = this.readByte();
    if (first < 0x80) return (first >>> 1) ^ -(first & 1);
    const value = this.readLongAfter(first);
    if (typeof value === 'bigint' || value > 0x7fffffff || value < -0x80000000) {
      throw new DecodeError(`Expected a 32-bit number at byte ${this.position}, found ${value.toString()}.`);
    }
    return value;
  }

  /** A zigzag varint of 64 bits: a number where that is exact, a bigint beyond 2^53. */
  readLong(): number | bigint {
    const first = this.readByte();
    return first < 0x80 ? (first >>> 1) ^ -(first & 1) : this.readLongAfter(first);
  }

  /** Sums the varint in doubles, which are exact to 53 bits, and starts again with bigints where it is longer. */
  private readLongAfter(first: number): number | bigint {
    const start = this.position - 1;
    let unsigned = first & 0x7f;
    let scale = 0x80;
    for (let length = 2; length <= 7; length++) {
      const byte = this.readByte();
      unsigned += (byte & 0x7f) * scale;
      if (byte < 0x80) return unsigned % 2 === 0 ? unsigned / 2 : -(unsigned + 1) / 2;
      scale *= 0x80;
    }
    this.position = start;
    return this.readBigLong();
  }

  /** Gathers the bits in two halves of 32, and undoes the zigzag there: a bigint for each byte takes twice as long. */
  private readBigLong(): number | bigint {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.readByte();
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      if (shift > 25) high |= shift < 32 ? bits >>> (32 - shift) : bits << (shift - 32);
      // The tenth byte has room for one bit more.
      if (shift === 63 && byte > 1) break;
      if (byte < 0x80) return this.noteBigint(longOfHalves(low, high));
    }
    throw new DecodeError(`A number at byte ${this.position} is longer than 64 bits.`);
  }

  /** Whether a long was a bigint since this was asked last. */
  takeBigint(): boolean {
    const taken = this.hasBigint;
    this.hasBigint = false;
    return taken;
  }

  private noteBigint(value: number | bigint): number | bigint {
    if (typeof value === 'bigint') this.hasBigint = true;
    return value;
  }

  /**
   * Takes note of values that take no byte: without a bound on them, a few bytes could name more than fit in memory.
   */
  makeByteless(values: number): void {
    this.byteless += values;
    if (this.byteless <= this.bytes.length * BYTELESS_FOR_A_BYTE) return;
    throw new DecodeError(
      `The payload of ${this.bytes.length} bytes stands for more than ${this.bytes.length * BYTELESS_FOR_A_BYTE} values that ` +
        'take no byte, such as nulls in an array.',
    );
  }

  readBoolean(): boolean {
    const byte = this.readByte();
    if (byte > 1) throw new DecodeError(`Expected a boolean at byte ${this.position - 1}, found ${byte}.`);
    return byte === 1;
  }

  readFloat(): number {
    return this.bytes.readFloatLE(this.advance(4));
  }

  readDouble(): number {
    return this.bytes.readDoubleLE(this.advance(8));
  }

  readString(): string {
    const length = this.readInt();
    const start = this.advance(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  /** A copy: the payload's own memory belongs to the message it came in. */
  readBytes(length = this.readInt()): Buffer {
    const start = this.advance(length);
    return Buffer.from(this.bytes.subarray(start, start + length));
  }

  readByte(): number {
    const byte = this.bytes[this.position];
    if (byte === undefined) throw this.truncated(1);
    this.position++;
    return byte;
  }

  private advance(length: number): number {
    const start = this.position;
    if (length < 0 || start + length > this.bytes.length) throw this.truncated(length);
    this.position = start + length;
    return start;
  }

  private truncated(length: number): DecodeError {
    return new DecodeError(
      `The payload has ${this.bytes.length} bytes, but its schema wants ${length} more at byte ${this.position}.`,
    );
  }
}

/** Reads one value at the cursor, and moves the cursor past it. */
export type Reader = (cursor: Cursor) => unknown;

/** The zigzag long whose bits stand in two halves: a number where that is exact. */
function longOfHalves(low: number, high: number): number | bigint {
  const sign = -(low & 1);
  const value = (BigInt((high >>> 1) ^ sign) << 32n) | BigInt((((low >>> 1) | (high << 31)) ^ sign) >>> 0);
  return BigInt.asIntN(54, value) === value ? Number(value) : value;
}
