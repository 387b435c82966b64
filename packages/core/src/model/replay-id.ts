import { ConfigurationError } from './errors.js';

/** Two copies of this package agree on what is a replay id by this brand. */
const BRAND = Symbol.for('@rxforce/core/ReplayId');

/**
 * A position in a topic's stream. Opaque: it can be stored, sent back and compared for equality, and nothing else.
 * The service gives no meaning to its bytes, its order or its length (10 bytes today, 8 are accepted too).
 */
export class ReplayId {
  /** One character a byte: small, immutable, and it does not keep the message alive that the bytes came in. */
  readonly #latin1: string;

  private constructor(latin1: string) {
    this.#latin1 = latin1;
  }

  /** The replay id with these bytes, which are copied. */
  static fromBytes(bytes: Uint8Array): ReplayId {
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new ReplayId(buffer.toString('latin1'));
  }

  /**
   * Reads what `toString` wrote.
   *
   * @throws `ConfigurationError` when `text` is not base64, or empty.
   */
  static parse(text: string): ReplayId {
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length === 0 || bytes.toString('base64') !== text) {
      throw new ConfigurationError(
        `"${text}" is not a replay id: expected the base64 text that ReplayId.toString() gave. ` +
          'Store replay ids as that text, or as their bytes, never as numbers.',
      );
    }
    return ReplayId.fromBytes(bytes);
  }

  /** Whether `value` is a replay id, of this copy of the package or of another. */
  static is(value: unknown): value is ReplayId {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  /** A replay id of any copy of the package as one of this copy: itself, where it is one. */
  static from(replayId: ReplayId): ReplayId {
    return replayId instanceof ReplayId ? replayId : ReplayId.fromBytes((replayId as ReplayId).toBytes());
  }

  /** Whether `other` is the same position. */
  equals(other: ReplayId): boolean {
    return this.#latin1 === ReplayId.from(other).#latin1;
  }

  /** The bytes as the service sent them: a new copy at each call. */
  toBytes(): Uint8Array {
    return Buffer.from(this.#latin1, 'latin1');
  }

  /** The bytes in base64, for logs and stores. */
  toString(): string {
    return Buffer.from(this.#latin1, 'latin1').toString('base64');
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

// On the prototype, and not on each of the many that a stream makes.
Object.defineProperty(ReplayId.prototype, BRAND, { value: true });
