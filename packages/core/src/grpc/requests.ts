import type {
  WireCommitRequest,
  WireFetchRequest,
  WireManagedFetchRequest,
  WireProducerEvent,
  WirePublishRequest,
} from '../ports/wire.js';
import { WireWriter } from './wire-writer.js';

/** The numbers of the fields, as the contract gives them. */
const FETCH = { topicName: 1, replayPreset: 2, replayId: 3, numRequested: 4 } as const;
const MANAGED = { subscriptionId: 1, developerName: 2, numRequested: 3, commitReplayIdRequest: 5 } as const;
const COMMIT = { commitRequestId: 1, replayId: 2 } as const;
const TOPIC = { topicName: 1 } as const;
const SCHEMA = { schemaId: 1 } as const;
const PUBLISH = { topicName: 1, events: 2 } as const;
const EVENT = { id: 1, schemaId: 2, payload: 3, headers: 4 } as const;
const HEADER = { key: 1, value: 2 } as const;

/** About as many bytes as an event has without its payload. */
const BESIDE_PAYLOAD = 128;

/** Writes a request of Subscribe. */
export function writeFetchRequest(request: WireFetchRequest): Buffer {
  const writer = new WireWriter();
  writer.text(FETCH.topicName, request.topicName);
  writer.number(FETCH.replayPreset, request.replayPreset);
  writer.byteString(FETCH.replayId, request.replayId);
  writer.number(FETCH.numRequested, request.numRequested);
  return writer.finish();
}

/** Writes a request of ManagedSubscribe. */
export function writeManagedFetchRequest(request: WireManagedFetchRequest): Buffer {
  const writer = new WireWriter();
  writer.text(MANAGED.subscriptionId, request.subscriptionId);
  writer.text(MANAGED.developerName, request.developerName);
  writer.number(MANAGED.numRequested, request.numRequested);
  if (request.commitReplayIdRequest) writeCommit(writer, request.commitReplayIdRequest);
  return writer.finish();
}

function writeCommit(writer: WireWriter, { commitRequestId, replayId }: WireCommitRequest): void {
  const start = writer.begin(MANAGED.commitReplayIdRequest);
  writer.text(COMMIT.commitRequestId, commitRequestId);
  writer.byteString(COMMIT.replayId, replayId);
  writer.end(start);
}

/** Writes a request of GetTopic. */
export function writeTopicRequest({ topicName }: { readonly topicName: string }): Buffer {
  const writer = new WireWriter();
  writer.text(TOPIC.topicName, topicName);
  return writer.finish();
}

/** Writes a request of GetSchema. */
export function writeSchemaRequest({ schemaId }: { readonly schemaId: string }): Buffer {
  const writer = new WireWriter();
  writer.text(SCHEMA.schemaId, schemaId);
  return writer.finish();
}

/** Writes a request of Publish or PublishStream. */
export function writePublishRequest({ topicName, events }: WirePublishRequest): Buffer {
  const writer = new WireWriter(events.reduce((sum, { payload }) => sum + payload.length + BESIDE_PAYLOAD, 256));
  writer.text(PUBLISH.topicName, topicName);
  for (const event of events) writeEvent(writer, event);
  return writer.finish();
}

function writeEvent(writer: WireWriter, { id, schemaId, payload, headers = [] }: WireProducerEvent): void {
  const start = writer.begin(PUBLISH.events);
  writer.text(EVENT.id, id);
  writer.text(EVENT.schemaId, schemaId);
  writer.byteString(EVENT.payload, payload);
  for (const { key, value } of headers) {
    const headerStart = writer.begin(EVENT.headers);
    writer.text(HEADER.key, key);
    writer.byteString(HEADER.value, value);
    writer.end(headerStart);
  }
  writer.end(start);
}
