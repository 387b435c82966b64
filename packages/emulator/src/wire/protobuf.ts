/** The tag byte of a field with a length: strings, bytes and messages. */
export function lengthTag(field: number): number {
  return (field << 3) | 2;
}

/** Tag byte of a field that holds a number. */
export function varintTag(field: number): number {
  return field << 3;
}

/** From this value on, bitwise operators cannot be used on a number. */
const TWO_TO_31 = 0x80000000;

/** Bytes that a whole number of at least 0 takes. */
export function varintSize(value: number): number {
  let size = 1;
  let small = value;
  for (; small >= TWO_TO_31; small = Math.floor(small / 0x80)) {
    size++;
  }
  for (let rest = small >>> 7; rest > 0; rest >>>= 7) {
    size++;
  }
  return size;
}

/** The bytes that a field takes: tag, length and content. */
export function fieldSize(contentSize: number): number {
  return 1 + varintSize(contentSize) + contentSize;
}

/** Writes the fields of one message in sequence. The caller must compute the size beforehand. */
export class ProtobufWriter {
  readonly bytes: Buffer;
  private offset = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  /** The position of the next byte. */
  get position(): number {
    return this.offset;
  }

  /** Begins a field whose content follows. */
  openField(field: number, contentSize: number): void {
    this.bytes[this.offset++] = lengthTag(field);
    this.writeVarint(contentSize);
  }

  /** A field of ASCII text, which all ids are. */
  asciiField(field: number, text: string): void {
    this.openField(field, text.length);
    this.offset += this.bytes.write(text, this.offset, 'latin1');
  }

  /** A field of bytes. */
  bytesField(field: number, content: Uint8Array): void {
    this.openField(field, content.length);
    this.raw(content);
  }

  /** A field of a whole number of at least 0. */
  numberField(field: number, value: number): void {
    this.bytes[this.offset++] = varintTag(field);
    this.writeVarint(value);
  }

  /** Bytes as they are. */
  raw(content: Uint8Array): void {
    this.bytes.set(content, this.offset);
    this.offset += content.length;
  }

  private writeVarint(value: number): void {
    let rest = value;
    for (; rest >= TWO_TO_31; rest = Math.floor(rest / 0x80)) {
      this.bytes[this.offset++] = (rest % 0x80) | 0x80;
    }
    while (rest > 0x7f) {
      this.bytes[this.offset++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.offset++] = rest;
  }
}
