import type avro from 'avsc';
import { HEADER_PROTOTYPE } from '../model/change-header.js';
import { SchemaError } from '../model/errors.js';
import type { ChangeEventHeader } from '../model/events.js';
import { types } from './avsc.js';
import { fieldNamesOf, type BitmapField } from './bitmaps.js';
import type { Cursor } from './cursor.js';
import { recordReader } from './reader.js';
import { unionBranches } from './union-branches.js';

/** The field of a change event with its header, always the first. */
export const HEADER = 'ChangeEventHeader';
/** Fields of the header that hold bitmaps in the payload, and names of fields in the event. */
export const BITMAPS = ['nulledFields', 'diffFields', 'changedFields'] as const;
/**
 * A field of the header that exceeds 2^53 in some orgs. It is always a bigint, so that no comparison depends on the
 * org.
 */
export const COMMIT_NUMBER = 'commitNumber';
/** The names where no bit is set, the same array each time. */
export const NO_NAMES: readonly string[] = Object.freeze([]);
/** Most bitmap patterns remembered for one schema. A sync changes the same few fields again and again. */
const MAX_REMEMBERED_BITMAPS = 1_000;

/** The content of a payload. */
export interface DecodedPayload {
  /** For change events only. */
  readonly header: ChangeEventHeader | undefined;
  /** The other fields. */
  readonly data: Record<string, unknown>;
}

/** Whether events of a schema have a header. */
export function isChangeEvent(type: avro.types.RecordType): boolean {
  return type.fields[0]?.name === HEADER;
}

/** The fields that come in `data`. */
export function bodyFields(type: avro.types.RecordType): readonly avro.types.Field[] {
  return isChangeEvent(type) ? type.fields.slice(1) : type.fields;
}

/** Turns the bitmaps of a header into names of fields. */
export type BitmapNames = (bitmaps: readonly string[]) => readonly string[];

/** The names behind a schema's bitmaps, each pattern worked out once. */
export function bitmapNames(type: avro.types.RecordType): BitmapNames {
  const fields = type.fields.map(bitmapField);
  const remembered = new Map<string, readonly string[]>();
  return (bitmaps) => {
    if (bitmaps.length === 0) return NO_NAMES;
    const key = bitmaps.length === 1 ? String(bitmaps[0]) : bitmaps.join();
    let names = remembered.get(key);
    if (names === undefined) {
      names = Object.freeze(fieldNamesOf(bitmaps, fields));
      if (remembered.size >= MAX_REMEMBERED_BITMAPS) remembered.clear();
      remembered.set(key, names);
    }
    return names;
  };
}

function bitmapField({ name, type }: avro.types.Field): BitmapField {
  const branches = unionBranches(type) ?? [type];
  const compound = branches.find((branch) => branch instanceof types.RecordType);
  return compound ? { name, children: compound.fields.map((child) => child.name) } : { name };
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** Reads the header of a change event. */
export function headerReader(type: avro.types.RecordType, names: BitmapNames): (cursor: Cursor) => ChangeEventHeader {
  const headerType = type.fields[0]?.type;
  if (!(headerType instanceof types.RecordType)) throw new SchemaError(`${HEADER} should be a record.`);
  const read = recordReader(headerType.fields, {
    alwaysBigint: (name) => name === COMMIT_NUMBER,
    prototype: HEADER_PROTOTYPE,
  });
  return (cursor) => {
    const header = read(cursor) as Writable<ChangeEventHeader>;
    for (const bitmap of BITMAPS) header[bitmap] = names(header[bitmap]);
    return header;
  };
}
