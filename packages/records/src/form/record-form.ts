import type { KnownFields } from '@rxforce/core/codec';
import { ProtocolError, type FieldKind } from '@rxforce/core/model';
import type { Row } from '../reading/row.js';
import { columnOfPart } from './compound-columns.js';
import {
  compoundForm,
  ofPersonsOnly,
  switchableForm,
  valueForm,
  type Cells,
  type FieldForm,
  type FieldReader,
  type KeyOf,
  type PartForm,
  type ReadColumn,
} from './field-forms.js';
import type { DescribedField, ObjectDescription } from './object-description.js';
import { valueReader } from './value-readers.js';

/** The columns of a row that say when it was modified last; the first one that an object has counts. */
const STAMPS = ['SystemModstamp', 'LastModifiedDate', 'CreatedDate'];

/** How records of an object get the form that its events have. Pure. */
export interface RecordForm<T> {
  /** The columns to ask for, the id first. */
  readonly columns: readonly string[];
  /** The fields of events that cannot be read. */
  readonly missing: readonly string[];
  /** The names of the fields in events that are read. */
  readonly fields: readonly string[];
  /**
   * Makes the reader of answers of one kind: once for all their records.
   *
   * @param keyOf - Where a column is. A field without its columns is left out of the records.
   * @throws `ProtocolError` when there are no ids.
   */
  reader(keyOf: KeyOf): (cells: Cells) => Row<T>;
}

/** The parts of JSON have the names of the columns. */
export const BY_NAME: KeyOf = (column) => column;

/** Finds columns in a table by its first row. */
export function byPlace(header: readonly string[]): KeyOf {
  const places = new Map(header.map((column, place) => [column.toLowerCase(), place]));
  return (column) => places.get(column.toLowerCase());
}

/**
 * Works out how records get the form of events.
 *
 * @param schema - The fields of the events.
 * @param wanted - The fields to read; all by default.
 * @throws `ProtocolError` when the object has no column that says when a record was modified.
 */
export function recordForm<T>(
  schema: Pick<KnownFields, 'paths' | 'kindsOf'>,
  description: ObjectDescription,
  wanted?: readonly string[],
): RecordForm<T> {
  const shapes = shapesOf(schema).filter(({ name }) => wanted?.includes(name) ?? true);
  const isPerson = personTest(shapesOf(schema), description);
  const found = shapes.map((shape) => formOf(shape, description, isPerson));
  const forms = found.flatMap((form) => form ?? []);
  const stamp = STAMPS.find((name) => description.fields.some((field) => field.name === name));
  if (stamp === undefined) {
    throw new ProtocolError(`${description.name} has no SystemModstamp, so nobody can tell how new its records are.`);
  }
  return {
    columns: [...new Set(['Id', stamp, ...forms.flatMap(({ columns }) => columns)])],
    missing: shapes.filter((_, index) => found[index] === undefined).map(({ name }) => name),
    fields: forms.map(({ name }) => name),
    reader: (keyOf) => rowReader(forms, keyOf, { entity: description.name, stamp }),
  };
}

/** A field of events: its kinds, and its parts. */
interface FieldShape {
  readonly name: string;
  readonly kinds: readonly FieldKind[];
  readonly parts: readonly { readonly name: string; readonly kind: FieldKind | undefined }[];
}

/** The fields of events. Names that no field of an org can have, such as `__proto__`, are none. */
function shapesOf(schema: Pick<KnownFields, 'paths' | 'kindsOf'>): FieldShape[] {
  const paths = schema.paths().filter((path) => /^[a-z]\w*(\.[a-z]\w*)?$/i.test(path));
  return paths
    .filter((path) => !path.includes('.'))
    .map((name) => ({
      name,
      kinds: schema.kindsOf(name) ?? [],
      parts: paths
        .filter((path) => path.startsWith(`${name}.`))
        .map((path) => ({ name: path.slice(name.length + 1), kind: schema.kindsOf(path)?.[0] })),
    }));
}

function formOf(
  shape: FieldShape,
  description: ObjectDescription,
  isPerson: FieldForm | undefined,
): FieldForm | undefined {
  const { name, kinds } = shape;
  const value = plainForm(shape, description);
  if (!kinds.includes('compound')) {
    return value && isPerson && isOfPersons(shape) ? ofPersonsOnly(value, isPerson) : value;
  }
  const compound = compoundForm(name, partsOf(shape, description));
  if (compound.columns.length === 0) return value;
  return value && isPerson ? switchableForm(compound, value, isPerson) : compound;
}

/** Checkboxes of persons: the REST API says false for a company, and events say nothing. */
function isOfPersons({ name, kinds }: FieldShape): boolean {
  return kinds[0] === 'boolean' && /^Person[A-Z]|__pc$/.test(name);
}

function plainForm({ name, kinds }: FieldShape, description: ObjectDescription): FieldForm | undefined {
  const kind = kinds.find((each) => each !== 'compound');
  const from = readColumn(fieldNamed(description, name), kind, `${description.name}.${name}`);
  return from && valueForm(name, from);
}

function partsOf({ name, parts }: FieldShape, description: ObjectDescription): PartForm[] {
  return parts.map(({ name: part, kind }) => {
    const field = columnOfPart(name, part, description.fields);
    return { name: part, from: readColumn(field, kind, `${description.name}.${name}.${part}`) };
  });
}

function readColumn(
  field: DescribedField | undefined,
  kind: FieldKind | undefined,
  path: string,
): ReadColumn | undefined {
  const read = field && kind && valueReader(kind, field, path);
  return read && { column: field.name, read };
}

function fieldNamed({ fields }: ObjectDescription, name: string): DescribedField | undefined {
  return fields.find((field) => field.name === name);
}

/** How an account of a person is known, where an object has such: by `IsPersonAccount`, or by a person's name. */
function personTest(shapes: readonly FieldShape[], description: ObjectDescription): FieldForm | undefined {
  const switchable = shapes.find(({ kinds }) => kinds.includes('compound') && kinds.includes('text'));
  if (switchable === undefined) return undefined;
  const flag = fieldNamed(description, 'IsPersonAccount');
  const from = readColumn(flag, 'boolean', `${description.name}.IsPersonAccount`);
  if (from !== undefined) return valueForm('IsPersonAccount', from);
  return compoundForm(switchable.name, partsOf(switchable, description));
}

function rowReader<T>(
  forms: readonly FieldForm[],
  keyOf: KeyOf,
  { entity, stamp }: { readonly entity: string; readonly stamp: string },
): (cells: Cells) => Row<T> {
  const idKey = keyOf('Id');
  const readStamp = valueReader('number', { name: stamp, type: 'datetime', compoundFieldName: undefined }, stamp);
  const stampKey = keyOf(stamp);
  if (idKey === undefined || stampKey === undefined || readStamp === undefined) {
    throw new ProtocolError(`The org sent records of ${entity} without Id or ${stamp}.`);
  }
  const readers = forms.flatMap((form): [string, FieldReader][] => {
    const read = form.bind(keyOf);
    return read === undefined ? [] : [[form.name, read]];
  });
  // A copy of an object with all fields is faster than one that gets them one by one.
  const empty = Object.fromEntries(readers.map(([name]) => [name, null]));
  return (cells) => {
    const recordId = cells[idKey];
    if (typeof recordId !== 'string') throw new ProtocolError(`The org sent a record of ${entity} without an Id.`);
    const record: Record<string, unknown> = { ...empty };
    for (const [name, read] of readers) record[name] = read(cells);
    return { recordId, modifiedAt: Number(readStamp(cells[stampKey])), record: record as Partial<T> };
  };
}
