const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
/** The instance of the emulated org: the two characters after the key prefix of every id. */
const INSTANCE = 'Hs';

/**
 * The 18-character form of an id, which keeps case apart even in software that ignores it. Each of the three added
 * characters says which of five characters are upper case.
 */
export function to18(id: string): string {
  if (id.length === 18) return id;
  const id15 = id.slice(0, 15);
  const suffix = [0, 5, 10].map((start) => {
    const bits = Array.from(id15.slice(start, start + 5), (char, bit) => (char >= 'A' && char <= 'Z' ? 1 << bit : 0));
    return CHECKSUM[bits.reduce((sum, bit) => sum | bit, 0)] ?? '';
  });
  return id15 + suffix.join('');
}

/** The 18-character id of a record: key prefix, instance, and its number. */
export function recordIdOf(keyPrefix: string, number: number): string {
  return to18(keyPrefix + INSTANCE + base62(number).padStart(10, '0'));
}

/** Issues record ids, one after the other for each key prefix. */
export class RecordIds {
  private readonly nextNumbers = new Map<string, number>();

  /** @param first - The number of the first id of every key prefix. */
  constructor(private readonly first: number) {}

  /** The next id of an object. */
  next(keyPrefix: string): string {
    const number = this.nextNumbers.get(keyPrefix) ?? this.first;
    this.nextNumbers.set(keyPrefix, number + 1);
    return recordIdOf(keyPrefix, number);
  }
}

/** A whole number from 0 in digits and letters; 0 is the empty text. */
export function base62(number: number): string {
  let text = '';
  for (let rest = number; rest > 0; rest = Math.floor(rest / 62)) {
    text = (BASE62[rest % 62] ?? '') + text;
  }
  return text;
}
