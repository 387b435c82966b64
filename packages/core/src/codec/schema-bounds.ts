import type { Type } from 'avsc';
import { types } from './avsc.js';
import { SchemaError } from '../model/errors.js';
import { unionBranches } from './union-branches.js';

/** Salesforce's largest objects have some 900 fields, of which some have parts. */
const MOST_FIELDS = 10_000;
/** An event has a record, of which some fields are unions of records: four levels. */
const MOST_LEVELS = 64;

/** How much there is to an Avro type. */
interface Extent {
  /** Fields, with those of the records inside, each as often as it occurs. */
  readonly fields: number;
  /** Types inside each other. */
  readonly levels: number;
  /** Most values that a payload gets of it without a byte of its own: nulls, and records of nothing else. */
  readonly byteless: number;
}

/**
 * Refuses a schema that is small and describes something huge: a type that is used twice at each of 30 levels stands
 * for a billion fields.
 *
 * @throws `SchemaError` when a type has more fields, or is deeper, than any event's, or contains itself.
 */
export function checkBounds(type: Type): void {
  const { fields } = new Extents().of(type);
  if (fields > MOST_FIELDS) {
    throw new SchemaError(
      `The schema describes more than ${MOST_FIELDS} fields, those of the records in it counted as often as they occur. No ` +
        'event has as many.',
    );
  }
}

/** Most values that a payload gets of a type without a byte of its own. */
export function bytelessValuesOf(type: Type): number {
  return new Extents().of(type).byteless;
}

/** Each type is measured once, however often it is used. */
class Extents {
  private readonly known = new Map<Type, Extent>();
  private readonly open = new Set<Type>();

  of(type: Type, level = 1): Extent {
    const known = this.known.get(type);
    if (level + (known?.levels ?? 0) > MOST_LEVELS) {
      throw new SchemaError(`The schema has more than ${MOST_LEVELS} types inside each other. No event has as many.`);
    }
    if (known) return known;
    if (this.open.has(type)) {
      throw new SchemaError(
        `The schema's type "${type.name ?? type.typeName}" contains itself, which no event's does.`,
      );
    }
    this.open.add(type);
    const extent = this.measure(type, level + 1);
    this.open.delete(type);
    this.known.set(type, extent);
    return extent;
  }

  private measure(type: Type, level: number): Extent {
    if (type instanceof types.RecordType) {
      const fields = type.fields.map((field) => this.of(field.type, level));
      return { ...sumOf(fields, fields.length), byteless: 1 + sum(fields.map(({ byteless }) => byteless)) };
    }
    const branches = unionBranches(type);
    if (branches) {
      const inner = branches.map((branch) => this.of(branch, level));
      // The number of the branch takes a byte.
      return { ...sumOf(inner), byteless: Math.max(0, ...inner.map(({ byteless }) => byteless - 1)) };
    }
    if (type instanceof types.ArrayType) return { ...sumOf([this.of(type.itemsType, level)]), byteless: 0 };
    if (type instanceof types.MapType) return { ...sumOf([this.of(type.valuesType as Type, level)]), byteless: 0 };
    const isByteless = type.typeName === 'null' || (type instanceof types.FixedType && type.size === 0);
    return { fields: 0, levels: 1, byteless: isByteless ? 1 : 0 };
  }
}

function sumOf(inner: readonly Extent[], own = 0): Pick<Extent, 'fields' | 'levels'> {
  return {
    fields: own + sum(inner.map(({ fields }) => fields)),
    levels: 1 + Math.max(0, ...inner.map(({ levels }) => levels)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
