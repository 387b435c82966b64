import type { KafkaMessage, Message } from 'kafkajs';
import type { LogEntry, LoggedEntry } from '@rxforce/core';
import { ReplayId } from '@rxforce/core/model';
import { positionOf } from './log-position.js';

/** Names of headers that the log itself writes begin with it. */
const OWN = 'rxforce.';
/** Stands before a publisher's header whose name begins as those of the log do. */
const ESCAPED = 'rxforce.header.';
const HEADERS = { id: `${OWN}id`, origin: `${OWN}origin`, schema: `${OWN}schema`, split: `${OWN}split` } as const;

/** The message of an entry. Its value is the event's bytes, and its key the id of its record. */
export function messageOf(entry: LogEntry): Message {
  const { partition, id, origin, schemaId, payload, headers = {}, isSplit, recordId } = entry;
  const given = Object.entries(headers).map(([name, value]) => [
    name.startsWith(OWN) ? `${ESCAPED}${name}` : name,
    bufferOf(value),
  ]);
  return {
    ...{ partition, key: recordId ?? null, value: bufferOf(payload) },
    headers: {
      ...(Object.fromEntries(given) as Record<string, Buffer>),
      [HEADERS.id]: id,
      [HEADERS.origin]: origin.toString(),
      [HEADERS.schema]: schemaId,
      ...(isSplit && { [HEADERS.split]: '1' }),
    },
  };
}

/** The entry of a message. `undefined` where the message is none of a log. */
export function entryOf(message: KafkaMessage, partition: number): LoggedEntry | undefined {
  const { key, value, headers = {}, offset } = message;
  const text = (name: string): string | undefined => headers[name]?.toString();
  const [id, origin, schemaId, recordId] = [
    text(HEADERS.id),
    text(HEADERS.origin),
    text(HEADERS.schema),
    key?.toString(),
  ];
  if (id === undefined || origin === undefined || schemaId === undefined) return undefined;
  const given = givenHeaders(headers);
  return {
    ...{ partition, id, schemaId, origin: ReplayId.parse(origin), payload: value ?? Buffer.alloc(0) },
    ...{ position: positionOf(BigInt(offset)), version: BigInt(offset) },
    ...(Object.keys(given).length > 0 && { headers: given }),
    ...(text(HEADERS.split) === '1' && { isSplit: true }),
    ...(recordId !== undefined && { recordId }),
  };
}

/** Most bytes of one request. A topic takes a bit more than 1 MB for a partition, unless it is told otherwise. */
const MOST_BYTES = 524_288;
/** What the log itself writes with an entry, in bytes, with room to spare. */
const OVERHEAD = 250;

/** Divides entries into requests, in order. An entry that is larger alone goes alone. */
export function requestsOf(entries: readonly LogEntry[]): readonly (readonly LogEntry[])[] {
  const requests: LogEntry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = sizeOf(entry);
    const last = requests.at(-1);
    bytes += size;
    if (last !== undefined && bytes <= MOST_BYTES) {
      last.push(entry);
    } else {
      requests.push([entry]);
      bytes = size;
    }
  }
  return requests;
}

function sizeOf({ payload, headers = {} }: LogEntry): number {
  const given = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return payload.length + given + OVERHEAD;
}

function givenHeaders(headers: NonNullable<KafkaMessage['headers']>): Record<string, Uint8Array> {
  const given: Record<string, Uint8Array> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(ESCAPED)) given[name.slice(ESCAPED.length)] = firstOf(value);
    else if (!name.startsWith(OWN)) given[name] = firstOf(value);
  }
  return given;
}

/** A name may have several values, but not where the log has written it. */
function firstOf(value: NonNullable<KafkaMessage['headers']>[string]): Buffer {
  const first = Array.isArray(value) ? value[0] : value;
  return Buffer.from(first ?? '');
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
