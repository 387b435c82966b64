/** Random choices that come out the same for the same seed. */
export interface Seeded {
  /** From 0, below 1. */
  next(): number;
  /** A whole number from 0, below `limit`. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
}

/** The seed of this run: `RXFORCE_SEED`, for another one than in CI, or the one that is given. */
export function seedOf(seed: number): number {
  return Number(process.env.RXFORCE_SEED ?? seed);
}

/** The seed of a suite, to be called inside `describe`. A test that fails prints it, also where its time is over. */
export function suiteSeed(seed: number): number {
  const used = seedOf(seed);
  afterEach(function () {
    if (this.currentTest?.isFailed()) console.log(`    RXFORCE_SEED=${used}`);
  });
  return used;
}

/** Random choices for the tests of a suite, to be called inside `describe`. A test that fails prints the seed. */
export function seededSuite(seed: number): Seeded {
  return seeded(suiteSeed(seed));
}

/**
 * How often something is tried: as often as CI has time for, or, with `RXFORCE_TIMES=10`, ten times as often. Each time
 * is another draw, so more of them find what is rarer.
 */
export function times(count: number): number {
  return Math.ceil(count * Number(process.env.RXFORCE_TIMES ?? 1));
}

/** Starts a sequence of random choices: a xorshift generator of 32 bits. */
export function seeded(seed: number): Seeded {
  let state = seed | 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { next, below, pick: <T>(items: readonly T[]) => items[below(items.length)] as T };
}
