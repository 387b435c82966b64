import type { Type } from 'avsc';
import { types } from '../../packages/core/src/codec/avsc.js';
import { unionBranches } from '../../packages/core/src/codec/union-branches.js';
import type { Seeded } from '../../packages/core/test/fault/support/seeded.js';
import { bytesOf } from './mutate.js';

/** Texts as events have them: the same again and again, empty, long, of several bytes a character. */
const TEXTS = ['', 'Account', 'com/salesforce/api/soap/62.0', '001000000000001AAA', 'Zürich 東京 🚀', 'é', 'abcd'];
const LONGS = [0, -1, 64, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, -(2 ** 53) + 1, 2n ** 53n, 2n ** 62n, -(2n ** 63n)];
const INTS = [0, 1, -1, 63, 64, -65, 2 ** 31 - 1, -(2 ** 31)];

/** A value of a type, to be written. */
export function valueOf(type: Type, random: Seeded): unknown {
  const branches = unionBranches(type);
  if (branches) return valueOf(random.pick(branches), random);
  if (type instanceof types.RecordType) {
    const isHeader = type.name === 'fuzz.ChangeEventHeader';
    const entries = type.fields.map(({ name, type: inner }) => [
      name,
      isHeader && name.endsWith('Fields') ? bitmapsOf(random) : valueOf(inner, random),
    ]);
    return Object.fromEntries(entries);
  }
  if (type instanceof types.ArrayType) return many(random, () => valueOf(type.itemsType, random));
  if (type instanceof types.MapType) {
    return Object.fromEntries(many(random, () => [textOf(random), valueOf(type.valuesType as Type, random)]));
  }
  if (type instanceof types.EnumType) return random.pick(type.symbols);
  if (type instanceof types.FixedType) return randomBytes(random, type.size);
  return primitiveOf(type.typeName, random);
}

function primitiveOf(typeName: string, random: Seeded): unknown {
  switch (typeName) {
    case 'null':
      return null;
    case 'boolean':
      return random.below(2) === 0;
    case 'int':
      return random.pick(INTS);
    case 'long':
    case 'abstract:long':
      return random.pick(LONGS);
    case 'float':
      return Math.fround(random.next() * 1_000);
    case 'double':
      return random.next() * 1_000;
    case 'bytes':
      return randomBytes(random, random.below(20));
    default:
      return textOf(random);
  }
}

function many<T>(random: Seeded, make: () => T): T[] {
  return Array.from({ length: random.below(4) }, make);
}

/** Bitmaps that name fields: the schema has at least one besides the header. */
function bitmapsOf(random: Seeded): string[] {
  return random.pick([[], ['0x01'], ['0x02'], ['0x03']]);
}

function textOf(random: Seeded): string {
  return random.below(2) === 0 ? random.pick(TEXTS) : 'x'.repeat(random.below(90)) + String(random.below(1_000));
}

function randomBytes(random: Seeded, length: number): Buffer {
  return bytesOf(length, () => random.below(256));
}
