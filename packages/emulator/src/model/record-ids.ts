const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const [UPPER_A, UPPER_Z] = [0x41, 0x5a];
/** The instance of the emulated org: the two characters after the key prefix of every id. */
const INSTANCE = 'Hs';

/**
 * The 18-character form of an id, which keeps case apart even in software that ignores it. Each of the three added
 * characters says which of five characters are upper case.
 */
export function to18(id: string): string {
  if (id.length === 18) return id;
  const codes: number[] = [];
  for (let at = 0; at < Math.min(15, id.length); at++) {
    codes.push(id.charCodeAt(at));
  }
  // A text that is made of codes is one piece; one that is put together keeps its parts in memory.
  return String.fromCharCode(...codes, checksum(codes, 0), checksum(codes, 5), checksum(codes, 10));
}

function checksum(codes: readonly number[], start: number): number {
  let bits = 0;
  for (let bit = 0; bit < 5; bit++) {
    const code = codes[start + bit] ?? 0;
    if (code >= UPPER_A && code <= UPPER_Z) bits |= 1 << bit;
  }
  return CHECKSUM.charCodeAt(bits);
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
