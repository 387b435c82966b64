import { ReplayId } from '../model/replay-id.js';
import type { LoggedEntry } from '../ports/event-log.js';
import { FetchedEvent, NO_HEADERS, type EventHeader } from '../ports/fetched-event.js';

/** An event as it was read from an event log. */
export class LoggedEvent extends FetchedEvent {
  /** Its replay id at the service. */
  readonly origin: ReplayId;
  readonly version: bigint;
  /** Whether other partitions have it, too, each for its own records. */
  readonly isSplit: boolean;

  constructor({ id, schemaId, position, payload, headers, origin, version, isSplit = false }: LoggedEntry) {
    const message = bufferOf(payload);
    super(id, schemaId, ReplayId.from(position), message, 0, message.length, headersOf(headers));
    this.origin = ReplayId.from(origin);
    this.version = version;
    this.isSplit = isSplit;
  }
}

function headersOf(headers: LoggedEntry['headers']): readonly EventHeader[] {
  if (headers === undefined) return NO_HEADERS;
  return Object.entries(headers).map(([key, value]) => ({ key, value: bufferOf(value) }));
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
