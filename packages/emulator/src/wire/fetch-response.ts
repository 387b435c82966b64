import { fieldSize, ProtobufWriter, varintSize } from './protobuf.js';

/**
 * FetchResponses, written by hand: an event is encoded once, when it is published, for any number of subscribers and
 * responses. The numbers are the field numbers in `pubsub_api.proto`.
 *
 * @packageDocumentation
 */

/** An event to encode. */
export interface EventContent {
  /** The event's own id: a UUID, or the publisher's own choice. */
  readonly id: string;
  /** The schema its payload was written with. */
  readonly schemaId: string;
  /** Avro bytes. */
  readonly payload: Uint8Array;
  /** Its position, as the service issues it. */
  readonly replayId: Uint8Array;
  /** @defaultValue None. */
  readonly headers?: readonly EventHeader[] | undefined;
}

/** A header that a publisher sends with an event. */
export interface EventHeader {
  readonly key: string;
  readonly value: Uint8Array;
}

/** An event, encoded for a response. */
export interface EncodedEvent {
  /** The whole `events` field: tag, length and ConsumerEvent. */
  readonly frame: Buffer;
  /** The payload inside `frame`. */
  readonly payload: Buffer;
}

/** A response to encode. */
export interface ResponseContent {
  /** Encoded events; none in a keepalive. */
  readonly frames: readonly Buffer[];
  /** The subscription's newest safe position. */
  readonly latestReplayId: Uint8Array;
  /** The id of the call. */
  readonly rpcId: string;
  /** Events that may still be delivered without another request. */
  readonly pendingNumRequested: number;
}

const RESPONSE = { events: 1, latestReplayId: 2, rpcId: 3, pendingNumRequested: 4 } as const;
const CONSUMER_EVENT = { event: 1, replayId: 2 } as const;
const PRODUCER_EVENT = { id: 1, schemaId: 2, payload: 3, headers: 4 } as const;
const EVENT_HEADER = { key: 1, value: 2 } as const;

/** Encodes one event, for any number of responses. */
export function encodeEvent({ id, schemaId, payload, replayId, headers = [] }: EventContent): EncodedEvent {
  const idBytes = Buffer.from(id, 'utf8');
  const headerBytes = headers.map(encodeHeader);
  const headersSize = headerBytes.reduce((sum, { length }) => sum + fieldSize(length), 0);
  const producerSize = fieldSize(idBytes.length) + fieldSize(schemaId.length) + fieldSize(payload.length) + headersSize;
  const consumerSize = fieldSize(producerSize) + fieldSize(replayId.length);
  const writer = new ProtobufWriter(fieldSize(consumerSize));
  writer.openField(RESPONSE.events, consumerSize);
  writer.openField(CONSUMER_EVENT.event, producerSize);
  writer.bytesField(PRODUCER_EVENT.id, idBytes);
  writer.asciiField(PRODUCER_EVENT.schemaId, schemaId);
  writer.bytesField(PRODUCER_EVENT.payload, payload);
  const payloadEnd = writer.position;
  headerBytes.forEach((header) => writer.bytesField(PRODUCER_EVENT.headers, header));
  writer.bytesField(CONSUMER_EVENT.replayId, replayId);
  return { frame: writer.bytes, payload: writer.bytes.subarray(payloadEnd - payload.length, payloadEnd) };
}

function encodeHeader({ key, value }: EventHeader): Buffer {
  const keyBytes = Buffer.from(key, 'utf8');
  const writer = new ProtobufWriter(fieldSize(keyBytes.length) + fieldSize(value.length));
  writer.bytesField(EVENT_HEADER.key, keyBytes);
  writer.bytesField(EVENT_HEADER.value, value);
  return writer.bytes;
}

/** Joins encoded events into one FetchResponse. */
export function encodeFetchResponse(response: ResponseContent): Buffer {
  const { frames, latestReplayId, rpcId, pendingNumRequested } = response;
  const framesSize = frames.reduce((sum, frame) => sum + frame.length, 0);
  const restSize = fieldSize(latestReplayId.length) + fieldSize(rpcId.length) + 1 + varintSize(pendingNumRequested);
  const writer = new ProtobufWriter(framesSize + restSize);
  for (const frame of frames) {
    writer.raw(frame);
  }
  writer.bytesField(RESPONSE.latestReplayId, latestReplayId);
  writer.asciiField(RESPONSE.rpcId, rpcId);
  writer.numberField(RESPONSE.pendingNumRequested, pendingNumRequested);
  return writer.bytes;
}
