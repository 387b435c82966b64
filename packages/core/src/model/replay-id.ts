import { kindOf } from './answer.js';
import { ConfigurationError } from './errors.js';
import { plainText } from './plain-text.js';

/** By this brand, two copies of this package recognize each other's replay ids. */
const BRAND = Symbol.for('@rxforce/core/ReplayId');

/** In place of the last two of ten bytes. */
const NO_TAIL = -1;
const OTHER_LENGTH = -2;

let at: (bytes: Buffer, start: number, end: number) => ReplayId;
let numbers: (replayId: ReplayId, into: Int32Array, place: number) => boolean;

/**
 * A position in a topic's stream. It is opaque: it can only be stored, sent back and compared for equality. The service
 * gives no meaning to its bytes, its order or its length (10 bytes today, 8 are accepted too).
 */
export class ReplayId {
  // The bytes in three numbers, where there are 8 or 10 of them, as of all that the service sends: quicker to make, to
  // compare and to find than a text, and the message of the bytes is not kept alive. `#tail` tells the length.
  /* eslint-disable no-restricted-syntax -- Opaque at run time, too. */
  readonly #first: number;
  readonly #second: number;
  readonly #tail: number;
  /** One character for each byte, where there is another number of them. */
  readonly #latin1: string | undefined;
  /* eslint-enable no-restricted-syntax */

  private constructor(first: number, second: number, tail: number, latin1?: string) {
    this.#first = first;
    this.#second = second;
    this.#tail = tail;
    this.#latin1 = latin1;
  }

  static {
    at = (bytes, start, end) => {
      const length = end - start;
      if (length !== 8 && length !== 10) return new ReplayId(0, 0, OTHER_LENGTH, bytes.toString('latin1', start, end));
      const tail = length === 8 ? NO_TAIL : ((bytes[start + 8] ?? 0) << 8) | (bytes[start + 9] ?? 0);
      return new ReplayId(int32At(bytes, start), int32At(bytes, start + 4), tail);
    };
    numbers = (replayId, into, place) => {
      into[place] = replayId.#first;
      into[place + 1] = replayId.#second;
      into[place + 2] = replayId.#tail;
      return replayId.#latin1 === undefined;
    };
  }

  /**
   * Makes the replay id with these bytes, which are copied.
   *
   * @throws `ConfigurationError` when they are no bytes.
   */
  static fromBytes(bytes: Uint8Array): ReplayId {
    if (!(bytes instanceof Uint8Array)) {
      throw noReplayId(kindOf(bytes), 'bytes are wanted; ReplayId.parse() reads a text');
    }
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return at(buffer, 0, buffer.length);
  }

  /**
   * Reads a text of `toString`. Digits and hex are refused, although they could be base64. Other clients keep positions
   * in these forms, and as base64 they would be another position, or none.
   *
   * @throws `ConfigurationError` when `text` is not base64, or empty, or a number, or hex.
   */
  static parse(text: string): ReplayId {
    if (typeof text !== 'string') throw noReplayId(kindOf(text), FROM_OTHERS);
    const bytes = Buffer.from(text, 'base64');
    const problem = problemOf(text, bytes);
    if (problem !== undefined) throw noReplayId(`"${plainText(text, 60)}"`, problem);
    return ReplayId.fromBytes(bytes);
  }

  /** Whether `value` is a replay id, of this copy of the package or of another. */
  static is(value: unknown): value is ReplayId {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  /** A replay id of any copy of the package as one of this copy. Returns it unchanged where it is of this copy. */
  static from(replayId: ReplayId): ReplayId {
    return replayId instanceof ReplayId ? replayId : ReplayId.fromBytes((replayId as ReplayId).toBytes());
  }

  /** Whether `other` is the same position. */
  equals(other: ReplayId): boolean {
    const own = ReplayId.from(other);
    return (
      this.#second === own.#second &&
      this.#first === own.#first &&
      this.#tail === own.#tail &&
      this.#latin1 === own.#latin1
    );
  }

  /** The bytes as the service sent them. Each call returns a new copy. */
  toBytes(): Uint8Array {
    return this.#bytes();
  }

  /** The bytes in base64, for logs and stores. */
  toString(): string {
    return this.#bytes().toString('base64');
  }

  // eslint-disable-next-line no-restricted-syntax -- Opaque at run time, too.
  #bytes(): Buffer {
    if (this.#latin1 !== undefined) return Buffer.from(this.#latin1, 'latin1');
    const bytes = Buffer.alloc(this.#tail === NO_TAIL ? 8 : 10);
    bytes.writeInt32BE(this.#first, 0);
    bytes.writeInt32BE(this.#second, 4);
    if (this.#tail !== NO_TAIL) bytes.writeUInt16BE(this.#tail, 8);
    return bytes;
  }

  /** As `toString`. */
  toJSON(): string {
    return this.toString();
  }

  /** How Node prints it. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `ReplayId(${this.toString()})`;
  }
}

const FROM_OTHERS =
  'positions are bytes, and never numbers. Where another client has kept one as a number or in hex, see "Positions of other ' +
  'clients" in the concept page on replay, or start from a time: replay: { from: new Date(…) }';

/** The problem of a text that must be base64. `undefined` where there is none. */
function problemOf(text: string, bytes: Buffer): string | undefined {
  if (/^-?\d+$/.test(text)) return `it is a number: ${FROM_OTHERS}`;
  // Base64 of 8 or 10 bytes ends with "=", so none of the service's is taken for hex. A text without a digit is hardly
  // hex.
  if (/^(?:0x)?(?:[\da-f]+|[\dA-F]+)$/.test(text) && /\d/.test(text)) return `it is hex: ${FROM_OTHERS}`;
  if (bytes.length > 0 && bytes.toString('base64') === text) return undefined;
  const isTrimmed = /^[\w+/-]+={0,2}$/.test(text.trim()) && text.trim() !== '';
  return isTrimmed
    ? 'it is not the base64 text that ReplayId.toString() gave: white space around it, other letters for "+" and "/", or no "=" at its end'
    : 'expected the base64 text that ReplayId.toString() gave. Store replay ids as that text, or as their bytes, never as numbers';
}

function noReplayId(what: string, why: string): ConfigurationError {
  return new ConfigurationError(`${what} is not a replay id: ${why}.`);
}

// It is on the prototype, as a stream makes many replay ids.
Object.defineProperty(ReplayId.prototype, BRAND, { value: true });

function int32At(bytes: Buffer, start: number): number {
  return (
    ((bytes[start] ?? 0) << 24) |
    ((bytes[start + 1] ?? 0) << 16) |
    ((bytes[start + 2] ?? 0) << 8) |
    (bytes[start + 3] ?? 0)
  );
}

/** The replay id whose bytes are in a message from `start` to `end`. */
export function replayIdAt(message: Buffer, start: number, end: number): ReplayId {
  return at(message, start, end);
}

/**
 * Writes three numbers of 32 bits into `into`, from `place` on, which equal replay ids of this copy of the package
 * share.
 *
 * @returns Whether only equal ones share them. That is so for all replay ids that the service sends.
 */
export function numbersOf(replayId: ReplayId, into: Int32Array, place: number): boolean {
  return numbers(replayId, into, place);
}
