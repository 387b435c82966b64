import { Metadata, type CallOptions } from '@grpc/grpc-js';
import { catchError, defer, map, switchMap, takeUntil, tap, throwError, type Observable } from 'rxjs';
import { AuthenticationError, ConnectionError, type RxforceError } from '../model/errors.js';
import { isRefusal } from '../model/refusal.js';
import { ReplayId } from '../model/replay-id.js';
import type { OrgSession, SharedSession } from '../ports/session-provider.js';
import type {
  ManagedName,
  ManagedRequest,
  ManagedTransport,
  PublishTransport,
  StreamStart,
  Transport,
} from '../ports/transport.js';
import { WireReplayPreset, type WireFetchRequest, type WireManagedFetchRequest } from '../ports/wire.js';
import { duplexCall, unaryCall, type ErrorOf } from './call.js';
import { errorOfStatus, type CallContext } from './errors.js';
import { pubSubClient, type ChannelSettings, type PubSubClientStub } from './pubsub-client.js';

/** Longest wait for the answer to GetTopic, GetSchema and Publish, connecting included. */
const UNARY_TIMEOUT_MS = 30_000;

/**
 * The service over gRPC.
 *
 * @param session - The session to make calls with. It is asked for at each call, and told when a call was refused.
 */
export function grpcTransport(
  settings: ChannelSettings,
  session: SharedSession,
): Transport & PublishTransport & ManagedTransport {
  let client = pubSubClient(settings);
  const authorized = <T>(call: (metadata: Metadata) => Observable<T>): Observable<T> =>
    defer(() => session.current()).pipe(
      switchMap((current) =>
        call(metadataOf(current)).pipe(
          catchError((error: unknown) => {
            if (isRefusal(error)) session.refused(current);
            return throwError(() => error);
          }),
          tap(() => session.accepted(current)),
        ),
      ),
    );
  /** A call that changes nothing may be made twice: the first refusal is an expired session, as a rule. */
  const authorizedTwice = <T>(call: (metadata: Metadata) => Observable<T>): Observable<T> =>
    authorized(call).pipe(
      catchError((error: unknown) => (isRefusal(error) ? authorized(call) : throwError(() => error))),
    );
  /** Streams on the old connection that still live go on there. */
  const replaceConnection = (dead: PubSubClientStub) => {
    if (client !== dead) return;
    client = pubSubClient(settings);
    dead.close();
  };
  const errorIn =
    (context: Partial<CallContext>): ErrorOf =>
    (status) =>
      errorOfStatus(status, { endpoint: settings.endpoint, ...context });

  const untilSilent = <T>(connection: PubSubClientStub, silence: Observable<RxforceError>) =>
    takeUntil<T>(
      silence.pipe(
        map((error) => {
          replaceConnection(connection);
          throw error;
        }),
      ),
    );
  /** Without a keepalive. */
  const silentOn = (topic: string) => map(() => silent(settings.endpoint, topic));

  return {
    subscribe: (start, demand, silence) =>
      authorized((metadata) => {
        const connection = client;
        const requests = demand.pipe(map(requestsOf(start)));
        return duplexCall(() => connection.Subscribe(metadata), requests, errorIn(contextOf(start))).pipe(
          untilSilent(connection, silence.pipe(silentOn(start.topic))),
        );
      }),
    managedSubscribe: (name, requests, silence) =>
      authorized((metadata) => {
        const connection = client;
        const topic = 'subscriptionId' in name ? name.subscriptionId : name.developerName;
        return duplexCall(
          () => connection.ManagedSubscribe(metadata),
          requests.pipe(map(managedRequestsOf(name))),
          errorIn({ topic }),
        ).pipe(untilSilent(connection, silence.pipe(silentOn(topic))));
      }),
    publish: (request) =>
      authorized((metadata) =>
        unaryCall(
          (callback) => client.Publish(request, metadata, withDeadline(), callback),
          errorIn({ topic: request.topicName }),
        ),
      ),
    publishStream: (topic, requests, silence) =>
      authorized((metadata) => {
        const connection = client;
        return duplexCall(() => connection.PublishStream(metadata), requests, errorIn({ topic })).pipe(
          untilSilent(connection, silence),
        );
      }),
    organization: () => defer(() => session.current()).pipe(map(({ organizationId }) => organizationId.slice(0, 15))),
    topic: (topicName) =>
      authorizedTwice((metadata) =>
        unaryCall(
          (callback) => client.GetTopic({ topicName }, metadata, withDeadline(), callback),
          errorIn({ topic: topicName }),
        ),
      ),
    schema: (schemaId) =>
      authorizedTwice((metadata) =>
        unaryCall(
          (callback) => client.GetSchema({ schemaId }, metadata, withDeadline(), callback),
          errorIn({ schemaId }),
        ),
      ),
    close: () => client.close(),
  };
}

function silent(endpoint: string, topic: string): ConnectionError {
  return new ConnectionError(
    `Nothing came from ${endpoint} on the stream of ${topic}, although events were asked for: not even the keepalive that ` +
      'the service sends within 270 seconds. The connection is dead, and another one is made.',
    { topic },
  );
}

function metadataOf({ accessToken, instanceUrl, organizationId }: OrgSession): Metadata {
  if (![accessToken, instanceUrl, organizationId].every((text) => /^[\x20-\x7e]+$/.test(text))) {
    // Without the values: one of them is a secret.
    throw new AuthenticationError(
      'The access token, instance URL or org id holds characters that cannot be sent, such as a line break at the end of ' +
        'an environment variable. Trim them.',
    );
  }
  const metadata = new Metadata();
  metadata.set('accesstoken', accessToken);
  metadata.set('instanceurl', instanceUrl);
  metadata.set('tenantid', organizationId);
  return metadata;
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
