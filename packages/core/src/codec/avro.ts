import { createHash } from 'node:crypto';
import type avro from 'avsc';
import type { Type } from 'avsc';
import { AvroType, types } from './avsc.js';
import { SchemaError } from '../model/errors.js';
import { plainText } from '../model/plain-text.js';
import { checkBounds } from './schema-bounds.js';
import { reasonOf } from '../model/answer.js';

/** Longs: a number where it is exact, a bigint beyond 2^53. */
const longType = types.LongType.__with({
  fromBuffer(bytes: Buffer) {
    const value = bytes.readBigInt64LE();
    return BigInt.asIntN(54, value) === value ? Number(value) : value;
  },
  toBuffer(value: number | bigint) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
  },
  fromJSON: (value: number | string) => (typeof value === 'number' ? value : BigInt(value)),
  toJSON: (value: number | bigint) => (typeof value === 'number' ? value : value.toString()),
  isValid: (value: unknown) =>
    typeof value === 'bigint' ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value),
  compare: (a: number | bigint, b: number | bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

/**
 * The Avro type of a schema, for writing payloads. Unions take their branch's value as it is, and longs take numbers
 * and bigints.
 *
 * @throws `SchemaError` when the text is not an Avro schema, or describes more than any event has.
 */
export function parseSchema(schemaJson: string): Type {
  if (schemaJson.length > MOST_CHARACTERS) {
    throw new SchemaError(
      `The schema has ${schemaJson.length} characters. No event's has more than ${MOST_CHARACTERS}.`,
    );
  }
  const type = typeOf(schemaJson);
  checkBounds(type);
  return type;
}

/** Salesforce's largest objects have schemas of some 200,000. */
const MOST_CHARACTERS = 8_000_000;

function typeOf(schemaJson: string): Type {
  try {
    return AvroType.forSchema(JSON.parse(schemaJson, withoutLargeDefaults) as avro.Schema, {
      // Without a prototype, whose names a schema may use for its types.
      registry: Object.assign(Object.create(null) as Record<string, Type>, { long: longType }),
      // Values of a union whose branches look alike are wrapped by avsc, for writing; reading goes by the branch.
      wrapUnions: 'auto',
    });
  } catch (cause) {
    throw new SchemaError(
      `This is not an Avro schema: ${plainText(reasonOf(cause))}. ` +
        'Look at what the endpoint answers to GetSchema: it should be api.pubsub.salesforce.com or an emulator.',
      { cause },
    );
  }
}

/**
 * avsc makes defaults whole while it parses, so that `{}` for a record stands for all that is in it, before anything
 * can be counted. Events have no defaults but null, and no default is part of a schema's canonical form.
 */
function withoutLargeDefaults(name: string, value: unknown): unknown {
  return name === 'default' && typeof value === 'object' && value !== null ? undefined : value;
}

/** The service's id of a schema: the MD5 of its Parsing Canonical Form, in base64url without padding. */
export function schemaIdOf(type: Type): string {
  // JSON.stringify of the schema in its canonical order is what the Avro specification calls Parsing Canonical Form.
  return createHash('md5').update(JSON.stringify(type.schema())).digest('base64url');
}
