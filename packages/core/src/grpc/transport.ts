import { Metadata, type CallOptions, type ClientUnaryCall, type requestCallback } from '@grpc/grpc-js';
import { catchError, defer, map, NEVER, Observable, throwError } from 'rxjs';
import { AuthenticationError, ConnectionError, type RxforceError } from '../model/errors.js';
import { isRefusal } from '../model/refusal.js';
import { ReplayId } from '../model/replay-id.js';
import { noAnswerYet, QUIET_MS } from '../ports/no-answer-yet.js';
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
import { duplexCall, unaryCall, type DuplexCallParts, type ErrorOf } from './call.js';
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
 * @param warn - Called when a call has waited for long. It may be called for each call.
 */
export function grpcTransport(
  settings: ChannelSettings,
  session: SharedSession,
  warn: (message: string) => void = () => undefined,
): Transport & PublishTransport & ManagedTransport {
  const { endpoint, connectTimeoutMs = CONNECT_TIMEOUT_MS, quietMs = QUIET_MS } = settings;
  const connect = connections(settings);
  let made: Connection | undefined;
  let closed = false;
  const metadata = metadataOfLast();
  /** Made at the first call. Until then the environment is not read. */
  const connection = () => {
    made ??= connect();
    if (closed) made.stub.close();
    return made;
  };
  /** @param call - Makes the call with its authorization, on a connection. */
  const authorized = <T>(call: (as: Authorized) => Observable<T>): Observable<T> =>
    new Observable((subscriber) => {
      // A mistake in the proxy is reported before a login is tried.
      connection();
      const begin = (current: OrgSession) => {
        if (subscriber.closed) return;
        try {
          call({ session: current, metadata: metadata(current), on: connection() }).subscribe(subscriber);
        } catch (error) {
          subscriber.error(error);
        }
      };
      session.current().then(begin, (error: unknown) => subscriber.error(error));
    });
  /** A call that changes nothing may be made twice. As a rule the first refusal means an expired session. */
  const authorizedTwice = <T>(call: (as: Authorized) => Observable<T>): Observable<T> =>
    authorized(call).pipe(
      catchError((error: unknown) => (isRefusal(error) ? authorized(call) : throwError(() => error))),
    );
  /** Live streams on the old connection continue there. */
  const replace = (dead: Connection) => {
    if (made !== dead || closed) return;
    made = undefined;
    dead.stub.close();
  };
  /** How the status of a call becomes an error. */
  const errorIn =
    ({ on, session: current }: Authorized, context: Partial<CallContext>): ErrorOf =>
    (status) => {
      const error = errorOfStatus(status, { endpoint, proxy: on.proxy, ...context });
      if (isRefusal(error)) session.refused(current);
      return error;
    };
  const watched = <T>(on: Connection, call: Observable<T>, watch: Partial<CallWatch> = {}) =>
    watchedCall(on, call, {
      endpoint,
      connectTimeoutMs,
      silence: NEVER,
      // Without a keepalive.
      silent: () => silent(endpoint, watch.topic ?? ''),
      connected: () => undefined,
      ...{ quietMs, isUnary: false, quiet: () => warn(noAnswerYet(endpoint, quietMs)) },
      replace: () => replace(on),
      ...watch,
    });
  const duplex = <Asked, Request, Response>(
    as: Authorized,
    context: Partial<CallContext>,
    parts: Pick<DuplexCallParts<Asked, Request, Response>, 'open' | 'asked' | 'requestOf'>,
  ) => duplexCall({ ...parts, errorOf: errorIn(as, context), accepted: () => session.accepted(as.session) });
  const unary = <Response>(
    as: Authorized,
    context: Partial<CallContext>,
    start: (callback: requestCallback<Response>) => ClientUnaryCall,
  ) =>
    watched(
      as.on,
      unaryCall(start, errorIn(as, context), () => session.accepted(as.session)),
      { ...context, isUnary: true },
    );

  return {
    subscribe: (start, asked, silence, connected) =>
      authorized((as) => {
        const open = () => as.on.stub.subscribe(as.metadata);
        const call = duplex(as, contextOf(start), { open, asked, requestOf: requestsOf(start) });
        return watched(as.on, call, { topic: start.topic, silence, ...(connected && { connected }) });
      }),
    managedSubscribe: (name, asked, silence, connected) =>
      authorized((as) => {
        const topic = 'subscriptionId' in name ? name.subscriptionId : name.developerName;
        const open = () => as.on.stub.managedSubscribe(as.metadata);
        const call = duplex(as, { topic }, { open, asked, requestOf: managedRequestsOf(name) });
        return watched(as.on, call, { topic, silence, ...(connected && { connected }) });
      }),
    publish: (request) =>
      authorized((as) =>
        unary(as, { topic: request.topicName }, (callback) =>
          as.on.stub.publish(request, as.metadata, withDeadline(), callback),
        ),
      ),
    publishStream: (topic, asked, silence) =>
      authorized((as) => {
        const open = () => as.on.stub.publishStream(as.metadata);
        const call = duplex(as, { topic }, { open, asked, requestOf: (request) => request });
        return watched(as.on, call, { topic, silence, silent: (told) => told as RxforceError });
      }),
    organization: () => defer(() => session.current()).pipe(map(({ organizationId }) => organizationId.slice(0, 15))),
    topic: (topicName) =>
      authorizedTwice((as) =>
        unary(as, { topic: topicName }, (callback) =>
          as.on.stub.getTopic(topicName, as.metadata, withDeadline(), callback),
        ),
      ),
    schema: (schemaId) =>
      authorizedTwice((as) =>
        unary(as, { schemaId }, (callback) => as.on.stub.getSchema(schemaId, as.metadata, withDeadline(), callback)),
      ),
    close: () => {
      closed = true;
      made?.stub.close();
    },
  };
}

/** What a call is made with. */
interface Authorized {
  readonly session: OrgSession;
  readonly metadata: Metadata;
  readonly on: Connection;
}

function silent(endpoint: string, topic: string): ConnectionError {
  return new ConnectionError(
    `Nothing came from ${endpoint} on the stream of ${topic}, although events were asked for: not even the keepalive that ` +
      'the service sends within 270 seconds. The connection is dead, and another one is made.',
    { topic },
  );
}

/** The metadata of a session's calls, made once: grpc-js makes a copy for each call. */
function metadataOfLast(): (session: OrgSession) => Metadata {
  let last: { readonly session: OrgSession; readonly metadata: Metadata } | undefined;
  return (session) => {
    if (last?.session !== session) last = { session, metadata: metadataOf(session) };
    return last.metadata;
  };
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
