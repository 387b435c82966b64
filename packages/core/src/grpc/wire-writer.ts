/** How a value is written: the lower three bits of its tag. */
const VARINT = 0;
const WITH_LENGTH = 2;

/** Most bytes that a tag and a length take together, for numbers of fields below 16. */
const MOST_BEFORE_VALUE = 6;

/**
 * Writes the fields of one message in protobuf's wire format. A field whose value is `undefined` is left out. Numbers
 * of fields are below 16.
 */
export class WireWriter {
  private bytes: Buffer;
  private length = 0;

  /** @param room - How many bytes the message may have before its buffer has to grow. */
  constructor(room = 256) {
    this.bytes = Buffer.allocUnsafe(room);
  }

  /** Writes a whole number from 0 to 2^31 - 1. */
  number(field: number, value: number | undefined): void {
    if (value === undefined) return;
    this.makeRoom(MOST_BEFORE_VALUE);
    this.byte((field << 3) | VARINT);
    this.varint(value);
  }

  text(field: number, value: string | undefined): void {
    if (value === undefined) return;
    const length = Buffer.byteLength(value);
    this.before(field, length);
    this.length += this.bytes.write(value, this.length);
  }

  byteString(field: number, value: Uint8Array | undefined): void {
    if (value === undefined) return;
    this.before(field, value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  /** Begins a message inside. What is written until `end` belongs to it. Returns where it starts, for `end`. */
  begin(field: number): number {
    this.makeRoom(1);
    this.byte((field << 3) | WITH_LENGTH);
    return this.length;
  }

  /** Ends the message inside that starts there. */
  end(start: number): void {
    const length = this.length - start;
    const width = varintBytes(length);
    this.makeRoom(width);
    this.bytes.copyWithin(start + width, start, this.length);
    this.length = start;
    this.varint(length);
    this.length += length;
  }

  /** The message. */
  finish(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  private before(field: number, length: number): void {
    this.makeRoom(MOST_BEFORE_VALUE + length);
    this.byte((field << 3) | WITH_LENGTH);
    this.varint(length);
  }

  private makeRoom(length: number): void {
    if (this.length + length <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + length));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  private varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.byte((rest & 0x7f) | 0x80);
    this.byte(rest);
  }

  private byte(byte: number): void {
    this.bytes[this.length++] = byte;
  }
}

/** How many bytes a number takes, seven bits in each. */
function varintBytes(value: number): number {
  return Math.max(1, Math.ceil((32 - Math.clz32(value)) / 7));
}
