import type avro from 'avsc';
import type { Type } from 'avsc';
import { types } from './avsc.js';
import { HEADER_PROTOTYPE } from '../model/change-header.js';
import { DecodeError, RxforceError, SchemaError } from '../model/errors.js';
import type { EventFields } from '../model/event-fields.js';
import type { ChangeEventHeader } from '../model/events.js';
import { asText } from '../model/json.js';
import { Err, Ok, type Result } from '../model/result.js';
import { parseSchema, schemaIdOf } from './avro.js';
import { fieldNamesOf, type BitmapField } from './bitmaps.js';
import { Cursor } from './cursor.js';
import { recordReader } from './reader.js';
import { unionBranches } from './union-branches.js';
import { SchemaFields } from './schema-fields.js';
import { reasonOf } from '../model/answer.js';

/** The content of a payload. */
export interface DecodedPayload {
  /** For change events only. */
  readonly header: ChangeEventHeader | undefined;
  /** The other fields. */
  readonly data: Record<string, unknown>;
}

/** Decodes one payload. Never throws. */
export type PayloadDecoder = (payload: Buffer) => Result<DecodedPayload, DecodeError>;

/** A schema that is known to match its id, and its decoders. */
export interface EventSchema {
  /** The id by which events name it. */
  readonly id: string;
  /** The schema as the service sent it. */
  readonly json: string;
  /** The API name of its events, such as `AccountChangeEvent` or `Order__e`. */
  readonly name: string;
  /** For writing payloads. */
  readonly type: Type;
  /** The fields in `data`, and their kinds. */
  readonly fields: Pick<EventFields, 'kindsOf' | 'closestTo'>;
  /**
   * Makes a decoder.
   *
   * @param fields - The fields wanted in `data`. All by default. A name that the schema lacks is left out.
   */
  decoder(fields?: readonly string[]): PayloadDecoder;
  /**
   * When an event happened, in epoch milliseconds: a change event's commitTimestamp, for which only the header is read,
   * or a platform event's CreatedDate. `undefined` where the payload does not say, or cannot be read.
   */
  timeOf(payload: Buffer): number | undefined;
}

const HEADER = 'ChangeEventHeader';
/** Most bitmap patterns remembered for one schema. A sync changes the same few fields again and again. */
const MAX_REMEMBERED_BITMAPS = 1_000;
const NO_NAMES: readonly string[] = Object.freeze([]);

/** Whether a schema is checked against the requested id. */
export type SchemaIdPolicy = 'verify' | 'trust';

/**
 * Reads a schema and checks it against the requested id.
 *
 * @param policy - `'trust'` accepts it as the requested schema, whatever id its content has.
 * @throws `SchemaError` when it is not an Avro record, or has another id. Decoding with the wrong schema can give wrong
 * values without an error.
 */
export function eventSchema(json: string, id: string, policy: SchemaIdPolicy = 'verify'): EventSchema {
  const type = parseSchema(json);
  if (policy === 'verify') verifyId(type, id);
  if (!(type instanceof types.RecordType)) {
    throw new SchemaError(`Schema ${id} is a ${type.typeName}, not a record, so it describes no event.`, {
      schemaId: id,
    });
  }
  const record = type;
  const whole = checkedDecoder(record, id);
  return {
    id,
    json,
    name: /\w*$/.exec(record.name ?? '')?.[0] ?? '',
    type,
    fields: new SchemaFields(bodyFields(record)),
    decoder: (fields) => (fields ? payloadDecoder(record, id, fields) : whole),
    timeOf: timeReader(record),
  };
}

function verifyId(type: Type, id: string): void {
  const actualSchemaId = schemaIdOf(type);
  if (actualSchemaId === id) return;
  throw new SchemaError(
    `The schema sent for id ${id} has the id ${actualSchemaId}, so its events would be decoded to wrong values. Look for a ` +
      "proxy that answers GetSchema with another schema. A test server that makes its ids up needs schemaIds: 'trust' in " +
      'createClient().',
    { schemaId: id, actualSchemaId },
  );
}

function isChangeEvent(type: avro.types.RecordType): boolean {
  return type.fields[0]?.name === HEADER;
}

/** The fields that come in `data`. */
function bodyFields(type: avro.types.RecordType): readonly avro.types.Field[] {
  return isChangeEvent(type) ? type.fields.slice(1) : type.fields;
}

/** Made at once, so that a schema without a possible decoder is an error here, and not at its first event. */
function checkedDecoder(type: avro.types.RecordType, schemaId: string): PayloadDecoder {
  try {
    return payloadDecoder(type, schemaId);
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new SchemaError(`Schema ${schemaId} describes no event that can be read: ${reason}`, { schemaId, cause });
  }
}

function payloadDecoder(type: avro.types.RecordType, schemaId: string, fields?: readonly string[]): PayloadDecoder {
  const wanted = fields && new Set(fields);
  const options = wanted ? { wanted: (name: string) => wanted.has(name) } : {};
  const readHeader = isChangeEvent(type) ? headerReader(type) : () => undefined;
  const readData = recordReader(bodyFields(type), options);
  return (payload) => {
    try {
      const cursor = new Cursor(payload);
      const header = readHeader(cursor);
      // The header's own bigints are handled already.
      cursor.takeBigint();
      const data = readData(cursor) as Record<string, unknown>;
      if (cursor.takeBigint()) asText(data);
      if (cursor.position !== payload.length) {
        throw new DecodeError(`The payload goes on after its schema's last field, at byte ${cursor.position}.`);
      }
      return Ok({ header, data });
    } catch (cause) {
      return Err(undecodable(cause, schemaId));
    }
  };
}

function commitTimeReader(type: avro.types.RecordType): (cursor: Cursor) => unknown {
  const readHeader = headerReader(type);
  return (cursor) => readHeader(cursor).commitTimestamp;
}

function createdDateReader(type: avro.types.RecordType): (cursor: Cursor) => unknown {
  const readData = recordReader(type.fields, { wanted: (name) => name === 'CreatedDate' });
  return (cursor) => (readData(cursor) as { CreatedDate?: unknown }).CreatedDate;
}

function timeReader(type: avro.types.RecordType): (payload: Buffer) => number | undefined {
  let read: ((cursor: Cursor) => unknown) | undefined;
  return (payload) => {
    try {
      // Made at its first use, as few subscriptions start at a time.
      read ??= isChangeEvent(type) ? commitTimeReader(type) : createdDateReader(type);
      const time = read(new Cursor(payload));
      return typeof time === 'number' ? time : undefined;
    } catch {
      return undefined;
    }
  };
}

function undecodable(cause: unknown, schemaId: string): DecodeError {
  const reason = reasonOf(cause);
  return new DecodeError(`An event cannot be decoded with schema ${schemaId}: ${reason}`, {
    schemaId,
    cause: RxforceError.is(cause) ? undefined : cause,
  });
}

interface RawHeader extends ChangeEventHeader {
  changedFields: readonly string[];
  nulledFields: readonly string[];
  diffFields: readonly string[];
}

/** Reads the header and turns its bitmaps into names, each pattern once. */
function headerReader(type: avro.types.RecordType): (cursor: Cursor) => ChangeEventHeader {
  const headerType = type.fields[0]?.type;
  if (!(headerType instanceof types.RecordType)) throw new SchemaError(`${HEADER} should be a record.`);
  // commitNumber exceeds 2^53 on some orgs: a bigint always, so that no comparison depends on the org.
  const read = recordReader(headerType.fields, {
    alwaysBigint: (name) => name === 'commitNumber',
    prototype: HEADER_PROTOTYPE,
  });
  const names = rememberedNames(type.fields.map(bitmapField));
  return (cursor) => {
    const header = read(cursor) as RawHeader;
    header.nulledFields = names(header.nulledFields);
    header.diffFields = names(header.diffFields);
    header.changedFields = names(header.changedFields);
    return header;
  };
}

function rememberedNames(fields: readonly BitmapField[]): (bitmaps: readonly string[]) => readonly string[] {
  const remembered = new Map<string, readonly string[]>();
  return (bitmaps) => {
    if (bitmaps.length === 0) return NO_NAMES;
    const key = bitmaps.length === 1 ? String(bitmaps[0]) : bitmaps.join();
    let names = remembered.get(key);
    if (names === undefined) {
      names = Object.freeze(fieldNamesOf(bitmaps, fields));
      if (remembered.size >= MAX_REMEMBERED_BITMAPS) remembered.clear();
      // A copy: the key was cut out of a payload, which it would keep alive.
      remembered.set(Buffer.from(key, 'latin1').toString('latin1'), names);
    }
    return names;
  };
}

function bitmapField({ name, type }: avro.types.Field): BitmapField {
  const branches = unionBranches(type) ?? [type];
  const compound = branches.find((branch) => branch instanceof types.RecordType);
  return compound ? { name, children: compound.fields.map((child) => child.name) } : { name };
}
