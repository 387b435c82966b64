import type { OutgoingEvent } from './publish-input.js';

/**
 * How many bytes things take in a PublishRequest, to the byte: the service's limits are about these.
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

/** What a request has beside its events. */
export function envelopeBytes(topic: string): number {
  return framed(Buffer.byteLength(topic));
}

/** What something of this length takes as a field: a tag, which is one byte for all fields here, the length, and itself. */
export function framed(length: number): number {
  return 1 + varintBytes(length) + length;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}
