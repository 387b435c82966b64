import type avro from 'avsc';
import type { Type } from 'avsc';
import { reasonOf } from '../model/answer.js';
import { SchemaError } from '../model/errors.js';
import type { EventFields } from '../model/event-fields.js';
import { types } from './avsc.js';
import { parseSchema, schemaIdOf } from './avro.js';
import { Cursor } from './cursor.js';
import { bitmapNames, bodyFields, headerReader, isChangeEvent, type BitmapNames } from './event-record.js';
import { payloadDecoder, type PayloadDecoder } from './payload-decoder.js';
import { recordReader } from './reader.js';
import { SchemaFields } from './schema-fields.js';

export type { DecodedPayload } from './event-record.js';
export type { PayloadDecoder } from './payload-decoder.js';

/** The fields of a schema's events. */
export interface KnownFields extends Pick<EventFields, 'kindsOf' | 'closestTo'> {
  /**
   * The paths of all fields in the order of the schema: their names, and after each compound field those of its
   * children as `Compound.Child`.
   */
  paths(): readonly string[];
}

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
  readonly fields: KnownFields;
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

/** Most decoders kept for one schema, besides the one for all fields. */
const MAX_DECODERS = 20;

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
  const names = bitmapNames(record);
  return {
    id,
    json,
    name: /\w*$/.exec(record.name ?? '')?.[0] ?? '',
    type,
    fields: new SchemaFields(bodyFields(record)),
    decoder: decoders(record, id, names),
    timeOf: timeReader(record, names),
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

/**
 * Decoders by the fields that they read, as many subscriptions may want the same. The one for all fields is made at
 * once, so that a schema without a possible decoder is an error here, and not at its first event.
 */
function decoders(type: avro.types.RecordType, schemaId: string, names: BitmapNames): EventSchema['decoder'] {
  const whole = checked(() => payloadDecoder(type, schemaId, names), schemaId);
  const made = new Map<string, PayloadDecoder>();
  return (fields) => {
    if (fields === undefined) return whole;
    const wanted = new Set(fields);
    // As JSON, as a name from outside may hold any separator.
    const key = JSON.stringify([...wanted].sort());
    let decoder = made.get(key);
    if (decoder === undefined) {
      decoder = payloadDecoder(type, schemaId, names, wanted);
      if (made.size >= MAX_DECODERS) made.clear();
      made.set(key, decoder);
    }
    return decoder;
  };
}

function checked<T>(make: () => T, schemaId: string): T {
  try {
    return make();
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new SchemaError(`Schema ${schemaId} describes no event that can be read: ${reason}`, { schemaId, cause });
  }
}

function commitTimeReader(type: avro.types.RecordType, names: BitmapNames): (cursor: Cursor) => unknown {
  const readHeader = headerReader(type, names);
  return (cursor) => readHeader(cursor).commitTimestamp;
}

function createdDateReader(type: avro.types.RecordType): (cursor: Cursor) => unknown {
  const readData = recordReader(type.fields, { wanted: (name) => name === 'CreatedDate' });
  return (cursor) => (readData(cursor) as { CreatedDate?: unknown }).CreatedDate;
}

function timeReader(type: avro.types.RecordType, names: BitmapNames): (payload: Buffer) => number | undefined {
  let read: ((cursor: Cursor) => unknown) | undefined;
  return (payload) => {
    try {
      // Made at its first use, as few subscriptions start at a time.
      read ??= isChangeEvent(type) ? commitTimeReader(type, names) : createdDateReader(type);
      const time = read(new Cursor(payload));
      return typeof time === 'number' ? time : undefined;
    } catch {
      return undefined;
    }
  };
}
