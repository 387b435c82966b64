import { replayIdAt } from '../model/replay-id.js';
import { shortText } from '../model/short-text.js';
import { FetchedEvent, NO_HEADERS, type EventHeader } from '../ports/fetched-event.js';
import type { FetchResponse, ManagedFetchResponse, WireCommitResponse, WireError } from '../ports/wire.js';
import { readError } from './answers.js';
import { broken, WireFields } from './wire-fields.js';

/** The numbers of the fields, as the contract gives them. */
const RESPONSE = { events: 1, latestReplayId: 2, rpcId: 3, pendingNumRequested: 4, commitResponse: 5 } as const;
const CONSUMER_EVENT = { event: 1, replayId: 2 } as const;
const PRODUCER_EVENT = { id: 1, schemaId: 2, payload: 3, headers: 4 } as const;
const HEADER = { key: 1, value: 2 } as const;
const COMMIT = { commitRequestId: 1, replayId: 2, error: 3, processTime: 4 } as const;

const EMPTY: Buffer = Buffer.alloc(0);

/**
 * Reads a FetchResponse. Payloads and replay ids are not copied, and only what is used becomes an object: for the many
 * events of a fast stream, that takes a fifth of the time of a general reader.
 *
 * @throws `Error` when the bytes are no FetchResponse. The call then ends with the status INTERNAL.
 */
export function readFetchResponse(bytes: Buffer): FetchResponse {
  return readManagedFetchResponse(bytes);
}

/** Reads a ManagedFetchResponse, otherwise as `readFetchResponse`. */
export function readManagedFetchResponse(bytes: Buffer): ManagedFetchResponse {
  const fields = new WireFields(bytes, 0, bytes.length);
  const events: (FetchedEvent | null)[] = [];
  let latestReplayId = EMPTY;
  let rpcId = '';
  let pendingNumRequested = 0;
  let commitResponse: WireCommitResponse | null = null;
  while (fields.moveOn()) {
    switch (fields.number) {
      case RESPONSE.events:
        fields.moveOverBytes();
        events.push(consumerEvent(bytes, fields.valueStart, fields.valueEnd));
        break;
      case RESPONSE.latestReplayId:
        latestReplayId = fields.byteString();
        break;
      case RESPONSE.rpcId:
        rpcId = fields.text();
        break;
      case RESPONSE.pendingNumRequested:
        pendingNumRequested = fields.int32();
        break;
      case RESPONSE.commitResponse:
        commitResponse = commitOf(fields.message());
        break;
      default:
        fields.moveOver();
    }
  }
  return { events, latestReplayId, rpcId, pendingNumRequested, commitResponse };
}

/** `null` where it has no event inside. */
function consumerEvent(bytes: Buffer, start: number, end: number): FetchedEvent | null {
  const fields = new WireFields(bytes, start, end);
  let [eventStart, eventEnd, idStart, idEnd] = [-1, 0, 0, 0];
  while (fields.moveOn()) {
    switch (fields.number) {
      case CONSUMER_EVENT.event:
        // As protobuf has it, two would have to be merged.
        if (eventStart >= 0) throw broken('it holds two events in one');
        fields.moveOverBytes();
        eventStart = fields.valueStart;
        eventEnd = fields.valueEnd;
        break;
      case CONSUMER_EVENT.replayId:
        fields.moveOverBytes();
        idStart = fields.valueStart;
        idEnd = fields.valueEnd;
        break;
      default:
        fields.moveOver();
    }
  }
  return eventStart < 0 ? null : producerEvent(bytes, eventStart, eventEnd, idStart, idEnd);
}

function producerEvent(bytes: Buffer, start: number, end: number, idStart: number, idEnd: number): FetchedEvent {
  const fields = new WireFields(bytes, start, end);
  let [id, schemaId, payloadStart, payloadEnd] = ['', '', 0, 0];
  let headers: EventHeader[] | undefined;
  while (fields.moveOn()) {
    switch (fields.number) {
      case PRODUCER_EVENT.id:
        id = fields.text();
        break;
      case PRODUCER_EVENT.schemaId:
        fields.moveOverBytes();
        schemaId = schemaIdAt(bytes, fields.valueStart, fields.valueEnd);
        break;
      case PRODUCER_EVENT.payload:
        fields.moveOverBytes();
        payloadStart = fields.valueStart;
        payloadEnd = fields.valueEnd;
        break;
      case PRODUCER_EVENT.headers:
        (headers ??= []).push(headerOf(fields.message()));
        break;
      default:
        fields.moveOver();
    }
  }
  const replayId = idEnd > idStart ? replayIdAt(bytes, idStart, idEnd) : undefined;
  return new FetchedEvent(id, schemaId, replayId, bytes, payloadStart, payloadEnd, headers ?? NO_HEADERS);
}

function headerOf(fields: WireFields): EventHeader {
  let [key, value] = ['', EMPTY];
  while (fields.moveOn()) {
    if (fields.number === HEADER.key) key = fields.text();
    else if (fields.number === HEADER.value) value = fields.byteString();
    else fields.moveOver();
  }
  return { key, value };
}

let lastSchemaId = '';

/** Nearly all events of a stream have the schema of the event before. */
function schemaIdAt(bytes: Buffer, start: number, end: number): string {
  if (lastSchemaId.length === end - start) {
    let index = start;
    while (index < end && bytes[index] === lastSchemaId.charCodeAt(index - start)) index++;
    if (index === end) return lastSchemaId;
  }
  const schemaId = shortText(bytes, start, end);
  // Only a text in plain ASCII can be compared byte by byte.
  if (/^[\x20-\x7e]+$/.test(schemaId)) lastSchemaId = schemaId;
  return schemaId;
}

function commitOf(fields: WireFields): WireCommitResponse {
  let [commitRequestId, replayId, processTime] = ['', EMPTY, 0n];
  let error: WireError | null = null;
  while (fields.moveOn()) {
    if (fields.number === COMMIT.commitRequestId) commitRequestId = fields.text();
    else if (fields.number === COMMIT.replayId) replayId = fields.byteString();
    else if (fields.number === COMMIT.error) error = readError(fields.message());
    else if (fields.number === COMMIT.processTime) processTime = fields.int64();
    else fields.moveOver();
  }
  return { commitRequestId, replayId, error, processTime: processTime.toString() };
}
