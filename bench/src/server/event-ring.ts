import { randomUUID } from 'node:crypto';
import { stampNow, writeStamp } from '../stamp.js';
import type { AccountPayload } from './account-payloads.js';
import { lengthField, numberTag } from './protobuf.js';
import { writeSerial } from './serial.js';

/** The most events that the service has outstanding on a stream. */
export const MAX_OUTSTANDING = 100;

const REPLAY_ID_BYTES = 10;

/** The fields of FetchResponse and its parts, by number. */
const FIELD = {
  events: 1,
  latestReplayId: 2,
  rpcId: 3,
  pendingNumRequested: 4,
  consumerEvent: 1,
  consumerReplayId: 2,
  eventId: 1,
  eventSchemaId: 2,
  eventPayload: 3,
};

/** Where an event has what differs each time it is sent, from its first byte on. */
interface Places {
  readonly serials: readonly number[];
  readonly stamp: number | undefined;
  readonly replayId: number;
}

/**
 * Events encoded once, one behind the other, so that a response is a copy of a stretch of them. What no two events of
 * an org share is written over the old: the replay id, and a serial number in the event's id, the transaction key and
 * the record id. After the last event the first comes again.
 */
export class EventRing {
  private readonly bytes: Buffer;
  /** Where each event begins; one more for the end. */
  private readonly starts: number[] = [];
  private readonly places: Places[] = [];
  private readonly size: number;

  constructor(payloads: readonly AccountPayload[], schemaId: string) {
    this.size = payloads.length;
    const encoded = payloads.map((payload) => eventField(payload, schemaId));
    // The first events stand once more at the end, so that every response is one stretch.
    const stretched = [...encoded, ...encoded.slice(0, MAX_OUTSTANDING)];
    let position = 0;
    for (const { bytes, places } of stretched) {
      this.starts.push(position);
      this.places.push(places);
      position += bytes.length;
    }
    this.starts.push(position);
    this.bytes = Buffer.concat(stretched.map(({ bytes }) => bytes));
  }

  /**
   * A FetchResponse.
   *
   * @param first - The stream's number of the first event, from 0.
   * @param count - How many events, at most {@link MAX_OUTSTANDING}.
   * @param pending - What is still outstanding after them.
   */
  response(first: number, count: number, pending: number): Buffer {
    const index = first % this.size;
    const start = this.starts[index] ?? 0;
    const end = this.starts[index + count] ?? start;
    const tail = responseTail(first + count, pending);
    const response = Buffer.allocUnsafe(end - start + tail.length);
    this.bytes.copy(response, 0, start, end);
    for (let offset = 0; offset < count; offset++) {
      const eventStart = (this.starts[index + offset] ?? start) - start;
      const places = this.places[index + offset];
      if (places) freshen(response, eventStart, places, first + offset + 1);
    }
    tail.copy(response, end - start);
    return response;
  }
}

/** Writes what differs from one event to the next. */
function freshen(bytes: Buffer, start: number, { serials, stamp, replayId }: Places, number: number): void {
  for (const place of serials) writeSerial(bytes, start + place, number);
  if (stamp !== undefined) writeStamp(bytes, start + stamp, stampNow());
  writeReplayId(bytes, start + replayId, number);
}

/** The `events` field of one event. */
function eventField(payload: AccountPayload, schemaId: string): { bytes: Buffer; places: Places } {
  const id = Buffer.from(randomUUID());
  const event = Buffer.concat([
    lengthField(FIELD.eventId, id),
    lengthField(FIELD.eventSchemaId, Buffer.from(schemaId)),
    lengthField(FIELD.eventPayload, payload.bytes),
  ]);
  const replayId = lengthField(FIELD.consumerReplayId, Buffer.alloc(REPLAY_ID_BYTES));
  const bytes = lengthField(FIELD.events, Buffer.concat([lengthField(FIELD.consumerEvent, event), replayId]));
  const payloadStart = bytes.indexOf(payload.bytes);
  return {
    bytes,
    places: {
      serials: [bytes.indexOf(id), ...payload.serials.map((place) => payloadStart + place)],
      stamp: payload.stamp === undefined ? undefined : payloadStart + payload.stamp,
      replayId: bytes.length - REPLAY_ID_BYTES,
    },
  };
}

function responseTail(latest: number, pending: number): Buffer {
  const replayId = Buffer.alloc(REPLAY_ID_BYTES);
  writeReplayId(replayId, 0, latest);
  return Buffer.concat([
    lengthField(FIELD.latestReplayId, replayId),
    RPC_ID,
    Buffer.from([numberTag(FIELD.pendingNumRequested), pending]),
  ]);
}

const RPC_ID = lengthField(FIELD.rpcId, Buffer.from(randomUUID()));

/** 10 bytes, of which one other client takes the first 8 for a number. */
function writeReplayId(bytes: Buffer, position: number, value: number): void {
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), position);
  bytes.writeUInt32BE(value >>> 0, position + 4);
  bytes.writeUInt16BE(0, position + 8);
}
