import { Metadata, type ClientUnaryCall, type requestCallback } from '@grpc/grpc-js';
import { catchError, NEVER, Observable, throwError } from 'rxjs';
import { AuthenticationError, ConnectionError } from '../model/errors.js';
import { isRefusal } from '../model/refusal.js';
import { noAnswerYet, QUIET_MS } from '../ports/no-answer-yet.js';
import type { OrgSession, SharedSession } from '../ports/session-provider.js';
import { duplexCall, unaryCall, type DuplexCallParts, type ErrorOf } from './call.js';
import { connections, type ChannelSettings, type Connection } from './connection.js';
import { errorOfStatus, type CallContext } from './errors.js';
import { watchedCall, type CallWatch } from './watched-call.js';

/** Longest wait until a call has a connection. It is shorter than that of a call, so that the error can say why. */
const CONNECT_TIMEOUT_MS = 25_000;

/** What a call is made with. */
export interface Authorized {
  readonly session: OrgSession;
  readonly metadata: Metadata;
  readonly on: Connection;
}

/** Makes a call with its authorization, on a connection. */
type MakeCall<T> = (as: Authorized) => Observable<T>;

/** Calls with the session of an org, on one connection after the other. */
export class AuthorizedCalls {
  private readonly connect: () => Connection;
  private readonly metadata = metadataOfLast();
  private made: Connection | undefined;
  private closed = false;

  /**
   * @param session - It is asked for at each call, and learns when a call was refused.
   * @param warn - Called when a call has waited for long. It may be called for each call.
   */
  constructor(
    private readonly settings: ChannelSettings,
    private readonly session: SharedSession,
    private readonly warn: (message: string) => void,
  ) {
    this.connect = connections(settings);
  }

  /** Makes a call each time that it is subscribed to. */
  once<T>(call: MakeCall<T>): Observable<T> {
    return new Observable((subscriber) => {
      // A mistake in the proxy is reported before a login is tried.
      this.connection();
      const begin = (session: OrgSession) => {
        if (subscriber.closed) return;
        try {
          call({ session, metadata: this.metadata(session), on: this.connection() }).subscribe(subscriber);
        } catch (error) {
          subscriber.error(error);
        }
      };
      this.session.current().then(begin, (error: unknown) => subscriber.error(error));
    });
  }

  /** A call that changes nothing may be made twice. As a rule the first refusal means an expired session. */
  twice<T>(call: MakeCall<T>): Observable<T> {
    return this.once(call).pipe(
      catchError((error: unknown) => (isRefusal(error) ? this.once(call) : throwError(() => error))),
    );
  }

  /** A call of two streams. */
  duplex<Asked, Request, Response>(
    as: Authorized,
    context: Partial<CallContext>,
    parts: Pick<DuplexCallParts<Asked, Request, Response>, 'open' | 'asked' | 'requestOf'>,
    watch: Partial<CallWatch>,
  ): Observable<Response> {
    const accepted = () => this.session.accepted(as.session);
    return this.watched(as.on, duplexCall({ ...parts, errorOf: this.errorIn(as, context), accepted }), watch);
  }

  /** A call with one request and one answer. */
  unary<Response>(
    as: Authorized,
    context: Partial<CallContext>,
    start: (callback: requestCallback<Response>) => ClientUnaryCall,
  ): Observable<Response> {
    const accepted = () => this.session.accepted(as.session);
    return this.watched(as.on, unaryCall(start, this.errorIn(as, context), accepted), {
      ...context,
      isUnary: true,
    });
  }

  /** Ends all calls. */
  close(): void {
    this.closed = true;
    this.made?.stub.close();
  }

  /** Made at the first call. Until then the environment is not read. */
  private connection(): Connection {
    this.made ??= this.connect();
    if (this.closed) this.made.stub.close();
    return this.made;
  }

  /** Live streams on the old connection continue there. */
  private replace(dead: Connection): void {
    if (this.made !== dead || this.closed) return;
    this.made = undefined;
    dead.stub.close();
  }

  /** How the status of a call becomes an error. */
  private errorIn({ on, session }: Authorized, context: Partial<CallContext>): ErrorOf {
    const { endpoint } = this.settings;
    return (status) => {
      const error = errorOfStatus(status, { endpoint, proxy: on.proxy, ...context });
      if (isRefusal(error)) this.session.refused(session);
      return error;
    };
  }

  private watched<T>(on: Connection, call: Observable<T>, watch: Partial<CallWatch>): Observable<T> {
    const { endpoint, connectTimeoutMs = CONNECT_TIMEOUT_MS, quietMs = QUIET_MS } = this.settings;
    return watchedCall(on, call, {
      endpoint,
      connectTimeoutMs,
      silence: NEVER,
      // Without a keepalive.
      silent: () => silent(endpoint, watch.topic ?? ''),
      connected: () => undefined,
      ...{ quietMs, isUnary: false, quiet: () => this.warn(noAnswerYet(endpoint, quietMs)) },
      replace: () => this.replace(on),
      ...watch,
    });
  }
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
