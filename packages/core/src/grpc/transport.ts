import type { CallOptions } from '@grpc/grpc-js';
import { defer, map } from 'rxjs';
import type { RxforceError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { SharedSession } from '../ports/session-provider.js';
import type {
  ManagedName,
  ManagedRequest,
  ManagedTransport,
  PublishTransport,
  StreamStart,
  Transport,
} from '../ports/transport.js';
import {
  WireReplayPreset,
  type WireFetchRequest,
  type WireManagedFetchRequest,
  type WirePublishRequest,
} from '../ports/wire.js';
import { AuthorizedCalls } from './authorized-calls.js';
import type { ChannelSettings } from './connection.js';
import type { CallContext } from './errors.js';

/** Longest wait for the answer to GetTopic, GetSchema and Publish, connecting included. */
const UNARY_TIMEOUT_MS = 30_000;

/**
 * The service over gRPC.
 *
 * @param session - The session for calls. It is asked for at each call, and learns when a call was refused.
 * @param warn - Called when a call has waited for long. It may be called for each call.
 */
export function grpcTransport(
  settings: ChannelSettings,
  session: SharedSession,
  warn: (message: string) => void = () => undefined,
): Transport & PublishTransport & ManagedTransport {
  const calls = new AuthorizedCalls(settings, session, warn);
  return {
    subscribe: (start, asked, silence, connected) =>
      calls.once((as) => {
        const parts = { open: () => as.on.stub.subscribe(as.metadata), asked, requestOf: requestsOf(start) };
        return calls.duplex(as, contextOf(start), parts, {
          topic: start.topic,
          silence,
          ...(connected && { connected }),
        });
      }),
    managedSubscribe: (name, asked, silence, connected) =>
      calls.once((as) => {
        const topic = 'subscriptionId' in name ? name.subscriptionId : name.developerName;
        const parts = {
          open: () => as.on.stub.managedSubscribe(as.metadata),
          asked,
          requestOf: managedRequestsOf(name),
        };
        return calls.duplex(as, { topic }, parts, { topic, silence, ...(connected && { connected }) });
      }),
    publish: (request) =>
      calls.once((as) =>
        calls.unary(as, { topic: request.topicName }, (callback) =>
          as.on.stub.publish(request, as.metadata, withDeadline(), callback),
        ),
      ),
    publishStream: (topic, asked, silence) =>
      calls.once((as) => {
        const open = () => as.on.stub.publishStream(as.metadata);
        const parts = { open, asked, requestOf: (request: WirePublishRequest) => request };
        return calls.duplex(as, { topic }, parts, { topic, silence, silent: (told) => told as RxforceError });
      }),
    organization: () => defer(() => session.current()).pipe(map(({ organizationId }) => organizationId.slice(0, 15))),
    topic: (topicName) =>
      calls.twice((as) =>
        calls.unary(as, { topic: topicName }, (callback) =>
          as.on.stub.getTopic(topicName, as.metadata, withDeadline(), callback),
        ),
      ),
    schema: (schemaId) =>
      calls.twice((as) =>
        calls.unary(as, { schemaId }, (callback) =>
          as.on.stub.getSchema(schemaId, as.metadata, withDeadline(), callback),
        ),
      ),
    close: () => calls.close(),
  };
}

/** Only the first request of a stream says where to start: the service ignores or refuses it later. */
function requestsOf({ topic, from }: StreamStart): (numRequested: number, index: number) => WireFetchRequest {
  return (numRequested, index) => ({ topicName: topic, numRequested, ...(index === 0 ? replayOf(from) : {}) });
}

/** Only the first request of a stream names the subscription. */
function managedRequestsOf(name: ManagedName): (request: ManagedRequest, index: number) => WireManagedFetchRequest {
  return ({ numRequested, commit }, index) => ({
    ...(index === 0 ? name : {}),
    numRequested,
    ...(commit && { commitReplayIdRequest: { commitRequestId: commit.id, replayId: commit.replayId.toBytes() } }),
  });
}

function replayOf(from: StreamStart['from']): Pick<WireFetchRequest, 'replayPreset' | 'replayId'> {
  if (from instanceof ReplayId) return { replayPreset: WireReplayPreset.CUSTOM, replayId: from.toBytes() };
  return { replayPreset: from === 'latest' ? WireReplayPreset.LATEST : WireReplayPreset.EARLIEST };
}

function contextOf({ topic, from }: StreamStart): Partial<CallContext> {
  return from instanceof ReplayId ? { topic, replayId: from.toString() } : { topic };
}

function withDeadline(): CallOptions {
  return { deadline: Date.now() + UNARY_TIMEOUT_MS };
}
