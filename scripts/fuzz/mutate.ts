import type { Seeded } from '../../packages/core/test/fault/support/seeded.js';

/** Bytes that have a meaning in both formats: ends of numbers, tags, and lengths that are far too large. */
const TELLING = [0x00, 0x01, 0x02, 0x03, 0x0a, 0x12, 0x1a, 0x7f, 0x80, 0xff];

/** Changes the bytes in one to four places: some get another value, some go, some come, and some come twice. */
export function mutate(bytes: Buffer, random: Seeded): Buffer {
  let mutated: Buffer = Buffer.from(bytes);
  for (let times = 1 + random.below(4); times > 0; times--) mutated = mutateOnce(mutated, random);
  return mutated;
}

function mutateOnce(bytes: Buffer, random: Seeded): Buffer {
  const at = random.below(bytes.length + 1);
  const length = 1 + random.below(4);
  switch (random.below(6)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), anyBytes(length, random), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.below(bytes.length + 1))]);
    default:
      return withByte(bytes, at, random);
  }
}

function withByte(bytes: Buffer, at: number, random: Seeded): Buffer {
  if (at < bytes.length) bytes[at] = random.below(2) === 0 ? random.pick(TELLING) : random.below(256);
  return bytes;
}

function anyBytes(length: number, random: Seeded): Buffer {
  return bytesOf(length, () => (random.below(2) === 0 ? random.pick(TELLING) : random.below(256)));
}

/** Bytes that are made one after the other. */
export function bytesOf(length: number, next: () => number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index++) bytes[index] = next();
  return bytes;
}
