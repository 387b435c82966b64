import { HEADER } from '../../packages/core/test/support/fake-service.js';
import type { Seeded } from '../../packages/core/test/fault/support/seeded.js';

const PRIMITIVES = ['boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'] as const;

/**
 * A schema of change events or of platform events, with fields of all types that Avro has. Each value takes a byte at
 * least: of others, our readers take only as many as there are bytes left.
 */
export function schemaOf(random: Seeded): object {
  const names = new Names();
  const odd = random.below(4) === 0 ? 1 : -1;
  // Now and then more than a decoder reads in one function.
  const most = random.below(8) === 0 ? 200 : 12;
  const fields = Array.from({ length: 1 + random.below(most) }, (_, index) => ({
    name: index === odd ? '__proto__' : `Field${index}`,
    type: random.below(3) > 0 ? ['null', typeOf(random, names, 0)] : typeOf(random, names, 0),
  }));
  const header = random.below(3) > 0 ? [{ name: 'ChangeEventHeader', type: HEADER }] : [];
  return { type: 'record', name: 'Thing', namespace: 'fuzz', fields: [...header, ...fields] };
}

class Names {
  private count = 0;
  /** Records that exist, and may be used again. */
  readonly records: string[] = [];

  next(): string {
    return `Named${this.count++}`;
  }
}

function typeOf(random: Seeded, names: Names, level: number): unknown {
  if (level > 2) return random.pick(PRIMITIVES);
  switch (random.below(11)) {
    case 0:
      return { type: 'array', items: typeOf(random, names, level + 1) };
    case 1:
      return { type: 'map', values: typeOf(random, names, level + 1) };
    case 2:
      return { type: 'enum', name: names.next(), symbols: ['A', 'B', 'C'] };
    case 3:
      return { type: 'fixed', name: names.next(), size: 1 + random.below(5) };
    case 4:
      return recordOf(random, names, level);
    case 5:
      return names.records.length > 0 ? random.pick(names.records) : 'string';
    default:
      return random.pick(PRIMITIVES);
  }
}

function recordOf(random: Seeded, names: Names, level: number): object {
  const name = names.next();
  const fields = Array.from({ length: 1 + random.below(3) }, (_, index) => ({
    name: `part${index}`,
    type: ['null', ...branchesOf(random, names, level)],
  }));
  // Only now, as no type contains itself.
  names.records.push(name);
  return { type: 'record', name, fields };
}

/** One or three branches, whose values tell which of them they are. */
function branchesOf(random: Seeded, names: Names, level: number): unknown[] {
  return random.below(4) === 0 ? ['string', 'int', 'boolean'] : [typeOf(random, names, level + 1)];
}
