import type avro from 'avsc';
import type { Type } from 'avsc';
import { types } from './avsc.js';
import { DecodeError, SchemaError } from '../model/errors.js';
import { setField } from '../model/own-fields.js';
import type { Cursor, Reader } from './cursor.js';
import { bytelessValuesOf } from './schema-bounds.js';
import { unionBranches } from './union-branches.js';

/** Which of a record's fields become properties, and what kind they are. */
export interface RecordReaderOptions {
  /** Whether the field is wanted; the others are read over. All by default. */
  readonly wanted?: (fieldName: string) => boolean;
  /** Whether the field, a long, is a bigint whatever its size. None by default. */
  readonly alwaysBigint?: (fieldName: string) => boolean;
  /** What the objects inherit from. That of plain ones by default. */
  readonly prototype?: object;
}

/** Readers of types, each made once however often its type is used. */
type MadeReaders = Map<Type, Reader>;

/** Makes the reader of a type: once for a schema, then used for each of its events. */
export function readerOf(type: Type, made: MadeReaders = new Map()): Reader {
  let reader = made.get(type);
  if (reader === undefined) {
    reader = newReader(type, made);
    made.set(type, reader);
  }
  return reader;
}

function newReader(type: Type, made: MadeReaders): Reader {
  if (type instanceof types.RecordType) return recordReader(type.fields, {}, made);
  const branches = unionBranches(type);
  if (branches) return unionReader(branches.map((branch) => readerOf(branch, made)));
  if (type instanceof types.ArrayType) {
    return arrayReader(readerOf(type.itemsType, made), bytelessValuesOf(type.itemsType));
  }
  if (type instanceof types.MapType) {
    const valuesType = type.valuesType as Type;
    return mapReader(readerOf(valuesType, made), bytelessValuesOf(valuesType));
  }
  if (type instanceof types.EnumType) return enumReader(type.symbols);
  if (type instanceof types.FixedType) {
    const { size } = type;
    return (cursor) => cursor.readBytes(size);
  }
  return primitiveReader(type.typeName);
}

function primitiveReader(typeName: string): Reader {
  switch (typeName) {
    case 'null':
      return () => null;
    case 'boolean':
      return (cursor) => cursor.readBoolean();
    case 'int':
      return (cursor) => cursor.readInt();
    case 'long':
    case 'abstract:long':
      return (cursor) => cursor.readLong();
    case 'float':
      return (cursor) => cursor.readFloat();
    case 'double':
      return (cursor) => cursor.readDouble();
    case 'string':
      return (cursor) => cursor.readString();
    case 'bytes':
      return (cursor) => cursor.readBytes();
    default:
      throw new SchemaError(
        `The schema uses the type "${typeName}", which no event of the Pub/Sub API is known to use.`,
      );
  }
}

/** The union's branch is named by the payload: no guessing from the value's shape. */
function unionReader(branches: readonly Reader[]): Reader {
  return (cursor) => readBranch(branches, cursor);
}

function readBranch(branches: readonly Reader[], cursor: Cursor): unknown {
  const index = cursor.readInt();
  const branch = branches[index];
  if (branch === undefined) {
    throw new DecodeError(`The payload names branch ${index} of a union of ${branches.length}.`);
  }
  return branch(cursor);
}

function enumReader(symbols: readonly string[]): Reader {
  return (cursor) => {
    const index = cursor.readInt();
    const symbol = symbols[index];
    if (symbol === undefined) {
      throw new DecodeError(`The payload names symbol ${index} of an enum of ${symbols.length}.`);
    }
    return symbol;
  };
}

/**
 * Arrays and maps come in blocks: a count, then the items; a negative count is followed by the block's size.
 *
 * @param byteless - Values of an item that take no byte.
 */
function readBlocks(cursor: Cursor, byteless: number, readItem: () => void): void {
  for (let count = cursor.readInt(); count !== 0; count = cursor.readInt()) {
    if (count < 0) {
      count = -count;
      cursor.readInt();
    }
    // An item takes a byte as a rule; without this check a broken count could ask for all the memory there is.
    if (count > cursor.remaining) {
      throw new DecodeError(`The payload names ${count} items at byte ${cursor.position}, but has not as many bytes.`);
    }
    cursor.makeByteless(count * byteless);
    for (let index = 0; index < count; index++) {
      readItem();
    }
  }
}

function arrayReader(item: Reader, byteless: number): Reader {
  return (cursor) => {
    const items: unknown[] = [];
    readBlocks(cursor, byteless, () => items.push(item(cursor)));
    return items;
  };
}

function mapReader(value: Reader, byteless: number): Reader {
  return (cursor) => {
    const entries: [string, unknown][] = [];
    readBlocks(cursor, byteless, () => entries.push([cursor.readString(), value(cursor)]));
    return Object.fromEntries(entries);
  };
}

/** Makes the reader of a record. */
export function recordReader(
  fields: readonly avro.types.Field[],
  options: RecordReaderOptions = {},
  made: MadeReaders = new Map(),
): Reader {
  const { wanted = () => true, alwaysBigint = () => false, prototype = Object.prototype } = options;
  const readers = fields.map(({ name, type }) => ({
    name,
    read: alwaysBigint(name) ? bigintReader(type) : readerOf(type, made),
    isWanted: wanted(name),
  }));
  return (cursor) => {
    const record = Object.create(prototype) as object;
    for (const { name, read, isWanted } of readers) {
      const value = read(cursor);
      if (isWanted) setField(record, name, value);
    }
    return record;
  };
}

function bigintReader(type: Type): Reader {
  const read = readerOf(type);
  return (cursor) => BigInt(read(cursor) as number | bigint);
}
