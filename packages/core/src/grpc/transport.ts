import { Metadata, type CallOptions } from '@grpc/grpc-js';
import { catchError, defer, map, NEVER, switchMap, tap, throwError, type Observable } from 'rxjs';
import { AuthenticationError, ConnectionError } from '../model/errors.js';
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
import { connections, type ChannelSettings, type Connection } from './connection.js';
import { watchedCall, type CallWatch } from './watched-call.js';

/** Longest wait for the answer to GetTopic, GetSchema and Publish, connecting included. */
const UNARY_TIMEOUT_MS = 30_000;

/** Longest wait until a call has a connection. It is shorter, so that the error can say what is wrong. */
const CONNECT_TIMEOUT_MS = 25_000;

/**
 * The service over gRPC.
 *
 * @param session - The session for calls. It is asked for at each call, and learns when a call was refused.
 */
export function grpcTransport(
  settings: ChannelSettings,
  session: SharedSession,
): Transport & PublishTransport & ManagedTransport {
  const { endpoint, connectTimeoutMs = CONNECT_TIMEOUT_MS } = settings;
  const connect = connections(settings);
  let made: Connection | undefined;
  let closed = false;
  /** Made at the first call. Until then the environment is not read. */
  const connection = () => {
    made ??= connect();
    if (closed) made.stub.close();
    return made;
  };
  /** @param call - Makes the call with its authorization, on the given connection. */
  const authorized = <T>(call: (metadata: Metadata, on: Connection) => Observable<T>): Observable<T> =>
    defer(() => {
      // A mistake in the proxy is reported before a login is tried.
      connection();
      return session.current();
    }).pipe(
      switchMap((current) =>
        call(metadataOf(current), connection()).pipe(
          catchError((error: unknown) => {
            if (isRefusal(error)) session.refused(current);
            return throwError(() => error);
          }),
          tap(() => session.accepted(current)),
        ),
      ),
    );
  /** A call that changes nothing may be made twice. As a rule the first refusal means an expired session. */
  const authorizedTwice = <T>(call: (metadata: Metadata, on: Connection) => Observable<T>): Observable<T> =>
    authorized(call).pipe(
      catchError((error: unknown) => (isRefusal(error) ? authorized(call) : throwError(() => error))),
    );
  /** Live streams on the old connection continue there. */
  const replace = (dead: Connection) => {
    if (made !== dead || closed) return;
    made = undefined;
    dead.stub.close();
  };
  const errorIn =
    ({ proxy }: Connection, context: Partial<CallContext>): ErrorOf =>
    (status) =>
      errorOfStatus(status, { endpoint, proxy, ...context });
  const watched = <T>(on: Connection, call: Observable<T>, watch: Partial<CallWatch> = {}) =>
    watchedCall(on, call, {
      endpoint,
      connectTimeoutMs,
      silence: NEVER,
      connected: () => undefined,
      replace: () => replace(on),
      ...watch,
    });
  /** Without a keepalive. */
  const silentOn = (topic: string) => map(() => silent(endpoint, topic));

  return {
    subscribe: (start, demand, silence, connected) =>
      authorized((metadata, on) =>
        watched(
          on,
          duplexCall(
            () => on.stub.subscribe(metadata),
            demand.pipe(map(requestsOf(start))),
            errorIn(on, contextOf(start)),
          ),
          { topic: start.topic, silence: silence.pipe(silentOn(start.topic)), ...(connected && { connected }) },
        ),
      ),
    managedSubscribe: (name, requests, silence, connected) =>
      authorized((metadata, on) => {
        const topic = 'subscriptionId' in name ? name.subscriptionId : name.developerName;
        const call = duplexCall(
          () => on.stub.managedSubscribe(metadata),
          requests.pipe(map(managedRequestsOf(name))),
          errorIn(on, { topic }),
        );
        return watched(on, call, { topic, silence: silence.pipe(silentOn(topic)), ...(connected && { connected }) });
      }),
    publish: (request) =>
      authorized((metadata, on) =>
        watched(
          on,
          unaryCall(
            (callback) => on.stub.publish(request, metadata, withDeadline(), callback),
            errorIn(on, { topic: request.topicName }),
          ),
          { topic: request.topicName },
        ),
      ),
    publishStream: (topic, requests, silence) =>
      authorized((metadata, on) =>
        watched(
          on,
          duplexCall(() => on.stub.publishStream(metadata), requests, errorIn(on, { topic })),
          { topic, silence },
        ),
      ),
    organization: () => defer(() => session.current()).pipe(map(({ organizationId }) => organizationId.slice(0, 15))),
    topic: (topicName) =>
      authorizedTwice((metadata, on) =>
        watched(
          on,
          unaryCall(
            (callback) => on.stub.getTopic(topicName, metadata, withDeadline(), callback),
            errorIn(on, { topic: topicName }),
          ),
          { topic: topicName },
        ),
      ),
    schema: (schemaId) =>
      authorizedTwice((metadata, on) =>
        watched(
          on,
          unaryCall(
            (callback) => on.stub.getSchema(schemaId, metadata, withDeadline(), callback),
            errorIn(on, { schemaId }),
          ),
        ),
      ),
    close: () => {
      closed = true;
      made?.stub.close();
    },
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
    // The values are left out, as one of them is a secret.
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
