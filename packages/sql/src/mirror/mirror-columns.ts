import { SchemaError } from '@rxforce/core/model';
import { columnOf } from './column-names.js';

/** The kind of a column's values. */
export type ColumnKind = 'text' | 'real' | 'integer' | 'boolean' | 'timestamp' | 'date' | 'time' | 'bytes' | 'json';

/** A column that a field is written to. */
export interface MirrorColumn {
  readonly column: string;
  readonly kind: ColumnKind;
}

/** A field of an event, with its columns. */
export interface MirrorField {
  /** The column of the field itself; `undefined` for a compound that is never a text. */
  readonly own: MirrorColumn | undefined;
  /** The columns of the parts of a compound, by name of the part. */
  readonly parts: ReadonlyMap<string, MirrorColumn>;
}

/** The fields of a schema, by name. */
export type MirrorFields = ReadonlyMap<string, MirrorField>;

interface AvroRecord {
  readonly type: 'record';
  readonly name: string;
  readonly fields: readonly AvroField[];
}

interface AvroField {
  readonly name: string;
  readonly type: unknown;
  readonly doc?: string;
}

const HEADER = 'ChangeEventHeader';

/**
 * The columns for the events of a schema.
 *
 * @param json - The Avro schema.
 * @param nameOf - The column of a field, by its path.
 * @throws `SchemaError` when it is not the schema of change events, or two fields have the same column.
 */
export function mirrorFields(json: string, nameOf: (path: string) => string = columnOf): MirrorFields {
  const record = parsed(json);
  const named = new Map<string, AvroRecord>();
  const fields = new Map<string, MirrorField>();
  for (const field of record.fields) {
    if (field.name !== HEADER) fields.set(field.name, mirrorField(field, named, nameOf));
  }
  checkColumns(fields);
  return fields;
}

/** All columns of some fields. */
export function columnsOf(fields: MirrorFields): MirrorColumn[] {
  return [...fields.values()].flatMap(({ own, parts }) => [...(own ? [own] : []), ...parts.values()]);
}

function parsed(json: string): AvroRecord {
  const schema = JSON.parse(json) as Partial<AvroRecord>;
  if (Array.isArray(schema.fields)) return schema as AvroRecord;
  throw new SchemaError('The schema of an event is not an Avro record, so it describes no fields.');
}

/** @param named - The types defined so far: a type is defined where it first occurs, then named. */
function mirrorField(field: AvroField, named: Map<string, AvroRecord>, nameOf: (path: string) => string): MirrorField {
  const branches = branchesOf(field.type).map((branch) => known(branch, named));
  const record = branches.find(isRecord);
  const plain = branches.filter((branch) => branch !== 'null' && !isRecord(branch));
  const kind = plain.length > 0 ? kindOf(plain, field.doc) : undefined;
  const parts = (record?.fields ?? []).map((part): [string, MirrorColumn] => {
    const inner = branchesOf(part.type).filter((branch) => branch !== 'null');
    return [part.name, { column: nameOf(`${field.name}.${part.name}`), kind: kindOf(inner, part.doc) }];
  });
  return { own: kind && { column: nameOf(field.name), kind }, parts: new Map(parts) };
}

function branchesOf(type: unknown): readonly unknown[] {
  return Array.isArray(type) ? type : [type];
}

function known(branch: unknown, named: Map<string, AvroRecord>): unknown {
  if (isRecord(branch)) named.set(branch.name, branch);
  return typeof branch === 'string' ? (named.get(branch) ?? branch) : branch;
}

function isRecord(branch: unknown): branch is AvroRecord {
  return (Object(branch) as { type?: unknown }).type === 'record';
}

/** All dates and times are longs; the `doc` tells them apart. */
function kindOf(branches: readonly unknown[], doc: string | undefined): ColumnKind {
  if (branches.length > 1) return 'text';
  const type = typeName(branches[0]);
  switch (type) {
    case 'boolean':
      return 'boolean';
    case 'int':
      return 'integer';
    case 'long':
      return kindOfLong(doc);
    case 'float':
    case 'double':
      return 'real';
    case 'bytes':
    case 'fixed':
      return 'bytes';
    case 'array':
    case 'map':
    case 'record':
      return 'json';
    default:
      return 'text';
  }
}

function typeName(branch: unknown): unknown {
  return typeof branch === 'string' ? branch : (Object(branch) as { type?: unknown }).type;
}

function kindOfLong(doc = ''): ColumnKind {
  const dataType: string = doc.split(':')[1] ?? '';
  switch (dataType) {
    case 'DateTime':
      return 'timestamp';
    case 'DateOnly':
    case 'Birthday':
      return 'date';
    case 'TimeOnly':
      return 'time';
    default:
      return 'integer';
  }
}

/** Columns that are not of fields. */
const RESERVED: readonly string[] = ['id'];

function checkColumns(fields: MirrorFields): void {
  const seen = new Set(RESERVED);
  for (const { column } of columnsOf(fields)) {
    const isReserved = column.startsWith('rx_') && !column.includes('__');
    if (isReserved || seen.has(column)) {
      throw new SchemaError(
        `Two fields would have the column "${column}", or it is one that rxforce itself needs. Give sqlMirror() a ` +
          '`nameOf` that returns another name for one of them.',
      );
    }
    seen.add(column);
  }
}
