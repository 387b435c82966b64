/** Random choices that are the same for the same seed. */
export interface Random {
  /** A number from 0, below 1. */
  next(): number;
  /** A whole number from 0, below `limit`. */
  below(limit: number): number;
  /** Whether something that happens with this probability (0 to 1) happens. */
  chance(probability: number): boolean;
  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T;
  /** A UUID of version 4. */
  uuid(): string;
}

/** Starts a sequence of random choices. */
export function createRandom(seed: number): Random {
  const next32 = mulberry32(seed);
  const next = () => next32() / 0x100000000;
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: <T>(items: readonly T[]) => items[below(items.length)] as T,
    uuid: () => uuidOf(next32(), next32(), next32(), next32()),
  };
}

/** A random seed. */
export function anySeed(): number {
  return Math.floor(Math.random() * 0x100000000);
}

/** The generator of that name: 32 bits of state, well mixed, a few nanoseconds for each number. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Every byte in hexadecimal: an event has two UUIDs, and formatting numbers was the slowest part of them. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function uuidOf(a: number, b: number, c: number, d: number): string {
  const version4 = (b & 0xffff0fff) | 0x00004000;
  const variant1 = (c & 0x3fffffff) | 0x80000000;
  return `${high(a)}${low(a)}-${high(version4)}-${low(version4)}-${high(variant1)}-${low(variant1)}${high(d)}${low(d)}`;
}

/** The upper 16 bits. */
function high(word: number): string {
  return `${HEX[word >>> 24] ?? ''}${HEX[(word >>> 16) & 0xff] ?? ''}`;
}

/** The lower 16 bits. */
function low(word: number): string {
  return `${HEX[(word >>> 8) & 0xff] ?? ''}${HEX[word & 0xff] ?? ''}`;
}
