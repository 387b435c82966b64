import { parseSchema, type WireConsumerEvent, type WireSchemaInfo } from '@rxforce/core/codec';
import type { RawClient } from './raw-client.js';

/** A change event's header, as it stands in the payload. */
export interface RawHeader {
  readonly entityName: string;
  readonly recordIds: string[];
  readonly changeType: string;
  readonly changeOrigin: string;
  readonly transactionKey: string;
  readonly sequenceNumber: number;
  readonly commitTimestamp: number;
  readonly commitNumber: bigint;
  readonly commitUser: string;
  readonly nulledFields: string[];
  readonly diffFields: string[];
  readonly changedFields: string[];
}

/** A payload, decoded. */
export interface Decoded {
  readonly header: RawHeader;
  /** The fields that are not null. */
  readonly data: Record<string, unknown>;
}

/** The schemas that were parsed: an org has few, and that of an object is long. */
const parsed = new Map<string, ReturnType<typeof parseSchema>>();

/** Reads a payload with a schema. */
export function decode(schemaJson: string, payload: Buffer): Decoded {
  const schema = parsed.get(schemaJson) ?? parseSchema(schemaJson);
  parsed.set(schemaJson, schema);
  const { ChangeEventHeader, ...fields } = schema.fromBuffer(payload) as Record<string, unknown>;
  const data = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
  // avsc reads a record as an instance of a class of its own; tests compare plain values.
  return structuredClone({ header: ChangeEventHeader, data }) as Decoded;
}

/** Reads an event with the schema it names, as a client would. */
export async function decodeEvent(client: RawClient, { event }: WireConsumerEvent): Promise<Decoded> {
  const { schemaId, payload } = event!;
  const { schemaJson } = await client.call<WireSchemaInfo>('GetSchema', { schemaId });
  return decode(schemaJson, payload);
}
