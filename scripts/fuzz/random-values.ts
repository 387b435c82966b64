import type { Seeded } from '../../packages/core/test/fault/support/seeded.js';
import { bytesOf } from './mutate.js';

/** Texts that are empty, short, long, and not of ASCII alone. */
export function textOf(random: Seeded): string {
  return random.pick([
    '',
    'a',
    '9a1b7c3e-0b6f-4f0e-8f5e-3b9d2c1a7e55',
    'Zürich 東京 🚀',
    'x'.repeat(random.below(200)),
  ]);
}

/** Any bytes. */
export function randomBytes(random: Seeded, length: number): Buffer {
  return bytesOf(length, () => random.below(256));
}

/** Some objects, up to one less than `most`. */
export function several<T>(random: Seeded, most: number, make: () => T): T[] {
  return Array.from({ length: random.below(most) }, make);
}
