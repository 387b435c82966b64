import { status } from '@grpc/grpc-js';
import type { WireProducerEvent } from '@rxforce/core/codec';
import type { WirePublishRequest, WirePublishResponse, WirePublishResult } from '@rxforce/core/internal';
import type { Topic } from '../bus/topic.js';
import { unknownTopic } from '../flow/subscription.js';
import type { EventHeader } from '../wire/fetch-response.js';
import type { CallContext } from './call-context.js';
import type { PublishMethod } from './methods.js';
import { lost, type Outcome, refused, responded } from './outcome.js';
import type { Failure } from './service-error.js';
import { reasonOf } from '@rxforce/core/internal';

/** An event to publish. */
export interface PublishedEvent extends WireProducerEvent {
  /** The headers that its subscribers get with the payload. */
  readonly headers: readonly EventHeader[];
}

/** A PublishRequest with the headers of its events. */
export interface PublishRequest extends WirePublishRequest {
  readonly events: readonly PublishedEvent[];
}

/** The contract's code of an event that was not published. */
const PUBLISH_ERROR = 1;
/** Largest event, in bytes of its payload. */
const MAX_EVENT_BYTES = 1024 * 1024;
/**
 * The answer to a request that is too large, with the text that Salesforce documents. It comes from a proxy before the
 * service, so there are no trailers.
 */
const TOO_LARGE: Failure = {
  status: status.UNAVAILABLE,
  errorCode: undefined,
  message: 'upstream connect error or disconnect/reset before headers. reset reason: remote reset',
};
/** Largest request, in bytes of all payloads. */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/**
 * Publish, and each request of PublishStream: puts events on a topic. An event that cannot be published gets its own
 * error; the others are published.
 */
export function publish(
  context: CallContext,
  method: PublishMethod,
  { topicName, events }: PublishRequest,
  rpcId: string,
): Outcome<WirePublishResponse> {
  if (topicName === '') {
    return refused({ reason: 'publish-topic-blank', message: 'A PublishRequest needs the name of a topic.' });
  }
  const topic = context.bus.topic(topicName);
  if (topic === undefined) return refused(unknownTopic(topicName));
  if (!topic.definition.canPublish) {
    const message = `The topic "${topicName}" cannot be published to: only platform events can.`;
    return refused({ reason: 'topic-not-publishable', message });
  }
  if (events.length === 0) {
    return refused({ reason: 'publish-count-invalid', message: 'A PublishRequest needs at least one event.' });
  }
  if (events.reduce((sum, { payload }) => sum + payload.length, 0) > MAX_REQUEST_BYTES) return refused(TOO_LARGE);
  const results = events.map((event) => publishOne(context, topic, event));
  const { schemaId } = topic.definition;
  return context.planned.isLost(method, topicName) ? lost() : responded({ results, schemaId, rpcId });
}

function publishOne(context: CallContext, topic: Topic, event: PublishedEvent): WirePublishResult {
  const id = event.id === '' ? context.random.uuid() : event.id;
  const problem = problemOf(context, topic, event) ?? context.planned.failureOfEvent(topic.definition.name);
  if (problem !== undefined) {
    return { replayId: Buffer.alloc(0), error: { code: PUBLISH_ERROR, msg: problem }, correlationKey: id };
  }
  const { schemaId, payload, headers } = event;
  const { replayId } = context.bus.append([topic], { id, schemaId, payload, headers });
  return { replayId, error: null, correlationKey: id };
}

function problemOf({ schemas }: CallContext, topic: Topic, event: WireProducerEvent): string | undefined {
  if (event.payload.length > MAX_EVENT_BYTES) return 'The event is larger than 1 MB.';
  const schema = schemas.get(event.schemaId);
  if (schema === undefined || event.schemaId !== topic.definition.schemaId) {
    return `The schema "${event.schemaId}" is not that of the topic, which is "${topic.definition.schemaId}".`;
  }
  try {
    schema.type.fromBuffer(event.payload);
    return undefined;
  } catch (error) {
    return `The payload cannot be read with the schema of the topic: ${reasonOf(error)}.`;
  }
}
