import { shortText } from '../model/short-text.js';

/** How a value is written: the lower three bits of its tag. */
const VARINT = 0;
const EIGHT_BYTES = 1;
const WITH_LENGTH = 2;
const FOUR_BYTES = 5;

/**
 * Goes through the fields of one message in protobuf's wire format. Each field is a tag, which holds its number and how
 * its value is written, and then the value. Whatever is not exactly so is refused with an `Error`.
 */
export class WireFields {
  /** The number of the current field. */
  number = 0;
  /** Where the value of `moveOverBytes` starts and ends. */
  valueStart = 0;
  valueEnd = 0;
  private written = 0;

  /**
   * @param bytes - The bytes that the message is in.
   * @param next - Where it starts.
   * @param end - Where it ends.
   */
  constructor(
    private readonly bytes: Buffer,
    private next: number,
    private readonly end: number,
  ) {}

  /** Moves to the next field. Returns whether there is one. */
  moveOn(): boolean {
    if (this.next >= this.end) {
      if (this.next > this.end) throw broken('a field goes on after the end of its message');
      return false;
    }
    const tag = this.varint();
    this.number = tag >>> 3;
    this.written = tag & 7;
    if (this.number === 0) throw broken('a field has no number');
    return true;
  }

  /** Reads the current field, a number of 32 bits with a sign. */
  int32(): number {
    this.expect(VARINT);
    return this.varint() | 0;
  }

  /** Reads the current field, a number of 64 bits with a sign. */
  int64(): bigint {
    this.expect(VARINT);
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      // The tenth byte has room for one bit more.
      if (shift === 63n && byte > 1) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw broken('a number has more than 64 bits');
  }

  /** Moves over the current field, a text, bytes or a message, and sets `valueStart` and `valueEnd`. */
  moveOverBytes(): void {
    this.expect(WITH_LENGTH);
    const length = this.varint();
    this.valueStart = this.next;
    this.skip(length);
    this.valueEnd = this.next;
  }

  /** Reads the current field, which is true or false. */
  boolean(): boolean {
    return this.int64() !== 0n;
  }

  /** Reads the current field, a text. It does not keep the bytes alive. */
  text(): string {
    this.moveOverBytes();
    return shortText(this.bytes, this.valueStart, this.valueEnd);
  }

  /** Reads the current field, bytes: a view, which keeps the whole message alive. */
  byteString(): Buffer {
    this.moveOverBytes();
    return this.bytes.subarray(this.valueStart, this.valueEnd);
  }

  /** The fields of the current field, a message. */
  message(): WireFields {
    this.moveOverBytes();
    return new WireFields(this.bytes, this.valueStart, this.valueEnd);
  }

  /** Moves over the current field, which is not known. */
  moveOver(): void {
    switch (this.written) {
      case VARINT:
        this.int64();
        break;
      case EIGHT_BYTES:
        this.skip(8);
        break;
      case WITH_LENGTH:
        this.skip(this.varint());
        break;
      case FOUR_BYTES:
        this.skip(4);
        break;
      default:
        throw broken('a field is written in a way that the service does not use');
    }
  }

  private expect(written: number): void {
    if (this.written !== written) throw broken('a field has another type than the contract says');
  }

  private skip(length: number): void {
    if (length > this.end - this.next) throw broken('a field goes on after the end of its message');
    this.next += length;
  }

  /** A number of 32 bits, without a sign. */
  private varint(): number {
    const first = this.byte();
    return first < 0x80 ? first : this.longVarint(first);
  }

  private longVarint(first: number): number {
    let value = first & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    const fifth = this.byte();
    value |= fifth << 28;
    if (fifth > 0x0f && !this.extendsSign(fifth)) throw broken('a number has more than 32 bits');
    return value >>> 0;
  }

  /** Whether the rest of a number repeats its sign: a negative number is written with 64 bits, in ten bytes. */
  private extendsSign(fifth: number): boolean {
    if (fifth < 0xf8) return false;
    for (let length = 6; length < 10; length++) if (this.byte() !== 0xff) return false;
    return this.byte() === 1;
  }

  private byte(): number {
    const byte = this.bytes[this.next++];
    if (byte === undefined) throw broken('it is cut off');
    return byte;
  }
}

/** The error of a message that is not as the contract says. */
export function broken(why: string): Error {
  return new Error(`The message is not as the service's contract says: ${why}.`);
}
