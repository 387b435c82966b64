import type { OutgoingEvent } from './publish-input.js';

/**
 * Exact sizes in a PublishRequest, in bytes. The service's limits refer to them.
 *
 * @packageDocumentation
 */

/** An event by itself. */
export function eventBytes({ id, schemaId, payload, headers }: OutgoingEvent): number {
  const fields = framed(Buffer.byteLength(id)) + framed(Buffer.byteLength(schemaId)) + framed(payload.length);
  return headers.reduce(
    (sum, { key, value }) => sum + framed(framed(Buffer.byteLength(key)) + framed(value.length)),
    fields,
  );
}

/** The size of a request without its events. */
export function envelopeBytes(topic: string): number {
  return framed(Buffer.byteLength(topic));
}

/**
 * The size of a field with a value of this length: a tag, which is one byte for all fields here, the length, and the
 * value.
 */
export function framed(length: number): number {
  return 1 + varintBytes(length) + length;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}
