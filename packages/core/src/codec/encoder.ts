import type avro from 'avsc';
import type { Type } from 'avsc';
import { types } from './avsc.js';
import { SchemaError } from '../model/errors.js';
import type { FieldProblem } from '../model/field-problem.js';
import { Err, Ok, type Result } from '../model/result.js';
import { closestName } from '../model/closest-name.js';
import { unionBranches } from './union-branches.js';
import { kindOf } from './value-kind.js';

/** Writes plain values as Avro. Never throws: returns the bytes, or all problems. */
export type PayloadEncoder = (data: unknown) => Result<Buffer, readonly FieldProblem[]>;

/** Turns a plain value into the form that avsc writes, and records problems. */
type Converter = (value: unknown, path: string, problems: FieldProblem[]) => unknown;

/** The text of a {@link FieldProblem} for a name that the schema lacks. */
export const NO_FIELD = 'no field of the schema';

/**
 * Makes the encoder of an event's schema. It is made once for a schema, and used for each event.
 *
 * Unions take the value of their branch as it is. A field that is left out is null, or its schema's default. Longs take
 * numbers and bigints, and those of dates and times also a `Date`. Names that the schema lacks are problems.
 *
 * @throws `SchemaError` when the schema is not a record, or uses a type that no event has.
 */
export function payloadEncoder(type: Type): PayloadEncoder {
  if (!(type instanceof types.RecordType)) throw new SchemaError('Only a record can be written as an event.');
  const convert = recordConverter(type);
  return (data) => {
    const problems: FieldProblem[] = [];
    const value = convert(data, '', problems);
    return problems.length > 0 ? Err(problems) : Ok(type.toBuffer(value));
  };
}

function converterOf(type: Type, doc = ''): Converter {
  if (type instanceof types.RecordType) return recordConverter(type);
  const branches = unionBranches(type);
  if (branches) return unionConverter(type, branches, doc);
  if (type instanceof types.ArrayType) return arrayConverter(converterOf(type.itemsType));
  if (type instanceof types.MapType) return mapConverter(converterOf(type.valuesType as Type));
  if (type instanceof types.EnumType) return enumConverter(type.symbols);
  if (type instanceof types.FixedType) return fixedConverter(type.size);
  return primitiveConverter(type.typeName, doc);
}

function primitiveConverter(typeName: string, doc: string): Converter {
  switch (typeName) {
    case 'null':
      return checked('null', (value) => (value === null || value === undefined ? null : WRONG));
    case 'boolean':
      return checked('a boolean', (value) => (typeof value === 'boolean' ? value : WRONG));
    case 'int':
      return checked('a whole number of 32 bits', intOf);
    case 'long':
    case 'abstract:long':
      return isTime(doc) ? TIME : checked('a whole number (a bigint beyond 2^53)', longOf);
    case 'float':
      return checked('a finite number of 32 bits', (value) =>
        Number.isFinite(value) && fitsFloat(value) ? value : WRONG,
      );
    case 'double':
      return checked('a finite number', (value) => (Number.isFinite(value) ? value : WRONG));
    case 'string':
      return checked('a text', (value) => (typeof value === 'string' ? wellFormed(value) : WRONG));
    case 'bytes':
      return checked('bytes', (value) => (value instanceof Uint8Array ? Buffer.from(value) : WRONG));
    default:
      throw new SchemaError(
        `The schema uses the type "${typeName}", which no event of the Pub/Sub API is known to use.`,
      );
  }
}

/** The result of a check for a value that cannot be written. */
const WRONG = Symbol('wrong');

function checked(expected: string, check: (value: unknown) => unknown): Converter {
  return (value, path, problems) => {
    const converted = check(value);
    if (converted !== WRONG) return converted;
    problems.push({ path, expected, actual: kindOf(value) });
    return undefined;
  };
}

function intOf(value: unknown): unknown {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return number === (number as number) >> 0 && Number.isInteger(number) ? number : WRONG;
}

function longOf(value: unknown): unknown {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : WRONG;
  return Number.isSafeInteger(value) ? value : WRONG;
}

function fitsFloat(value: unknown): boolean {
  return Number.isFinite(Math.fround(value as number));
}

/**
 * Half a character has no UTF-8, and avsc writes bytes that are none. The mark for it is written, as everywhere in
 * JavaScript.
 */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

const TIME = checked('a Date, or milliseconds since 1970 as a whole number', (value) => {
  if (!(value instanceof Date)) return longOf(value);
  const time = value.getTime();
  return Number.isNaN(time) ? WRONG : time;
});

/** The doc says `role:type`, such as `Data:DateTime:00N…`: dates and times are longs like any other otherwise. */
function isTime(doc: string): boolean {
  const [, fieldType = ''] = doc.split(':');
  return ['Date', 'DateTime', 'DateOnly', 'Time', 'TimeOnly'].includes(fieldType);
}

function enumConverter(symbols: readonly string[]): Converter {
  return checked(`one of ${symbols.join(', ')}`, (value) => (symbols.includes(value as string) ? value : WRONG));
}

function fixedConverter(size: number): Converter {
  return checked(`${size} bytes`, (value) =>
    value instanceof Uint8Array && value.length === size ? Buffer.from(value) : WRONG,
  );
}

function arrayConverter(item: Converter): Converter {
  return (value, path, problems) => {
    if (Array.isArray(value)) return value.map((each, index) => item(each, `${path}[${index}]`, problems));
    problems.push({ path, expected: 'an array', actual: kindOf(value) });
    return undefined;
  };
}

function mapConverter(item: Converter): Converter {
  return (value, path, problems) => {
    if (kindOf(value) === 'an object') {
      const entries = Object.entries(value as object);
      return Object.fromEntries(entries.map(([key, each]) => [key, item(each, `${path}.${key}`, problems)]));
    }
    problems.push({ path, expected: 'an object', actual: kindOf(value) });
    return undefined;
  };
}

interface FieldWriter {
  readonly name: string;
  readonly convert: Converter;
  /** The value written where the field is left out. `undefined` where it must not be left out. */
  readonly whenMissing: unknown;
}

function recordConverter(type: avro.types.RecordType): Converter {
  const writers = type.fields.map(fieldWriter);
  const names = writers.map(({ name }) => name);
  const known = new Set(names);
  return (value, path, problems) => {
    if (kindOf(value) !== 'an object') {
      problems.push({ path, expected: 'an object', actual: kindOf(value) });
      return undefined;
    }
    const record = value as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(record)) {
      if (!known.has(name)) problems.push(unknownName(under(path, name), name, names));
    }
    return Object.fromEntries(writers.map((writer) => [writer.name, fieldValue(writer, record, path, problems)]));
  };
}

function fieldWriter(field: avro.types.Field): FieldWriter {
  const { name, type } = field;
  // avsc keeps the `doc` of a field, and does not declare it.
  const { doc } = field as { readonly doc?: string };
  const orNull = branchesOf(type).some(isNull) ? null : undefined;
  return { name, convert: converterOf(type, doc), whenMissing: field.defaultValue() ?? orNull };
}

function branchesOf(type: Type): readonly Type[] {
  return unionBranches(type) ?? [type];
}

function isNull({ typeName }: Type): boolean {
  return typeName === 'null';
}

function fieldValue(
  { name, convert, whenMissing }: FieldWriter,
  record: Readonly<Record<string, unknown>>,
  path: string,
  problems: FieldProblem[],
): unknown {
  const value = Object.hasOwn(record, name) ? record[name] : undefined;
  if (value === undefined && whenMissing !== undefined) return whenMissing;
  return convert(value, under(path, name), problems);
}

function unknownName(path: string, name: string, names: readonly string[]): FieldProblem {
  const closest = closestName(name, names);
  const expected = closest === undefined ? `one of ${names.join(', ')}` : `"${closest}"`;
  return { path, expected, actual: NO_FIELD };
}

/**
 * The branch that takes the value's kind; in a union with one branch beside null, that one, so that it says what is
 * wrong.
 */
function unionConverter(type: Type, branches: readonly Type[], doc: string): Converter {
  const isWrapped = type instanceof types.WrappedUnionType;
  const takesNull = branches.some(isNull);
  const others = branches
    .filter((branch) => !isNull(branch))
    .map((branch) => ({ name: branch.branchName ?? '', convert: converterOf(branch, doc), takes: kindTaker(branch) }));
  return (value, path, problems) => {
    if (takesNull && (value === null || value === undefined)) return null;
    const branch = others.length === 1 ? others[0] : others.find(({ takes }) => takes(value));
    if (branch === undefined) {
      const expected = others.map(({ name }) => `"${name}"`).join(' or ');
      problems.push({ path, expected: `a value of ${expected}`, actual: kindOf(value) });
      return undefined;
    }
    const converted = branch.convert(value, path, problems);
    return isWrapped ? { [branch.name]: converted } : converted;
  };
}

/** Whether a value could be meant for a branch: its parts may still be wrong. */
function kindTaker(type: Type): (value: unknown) => boolean {
  if (type instanceof types.RecordType || type instanceof types.MapType) {
    return (value) => kindOf(value) === 'an object';
  }
  if (type instanceof types.ArrayType) return (value) => Array.isArray(value);
  const convert = converterOf(type);
  return (value) => {
    const problems: FieldProblem[] = [];
    convert(value, '', problems);
    return problems.length === 0;
  };
}

function under(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
