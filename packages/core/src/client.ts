import type { ChannelOptions } from '@grpc/grpc-js';
import {
  asyncScheduler,
  BehaviorSubject,
  defer,
  EMPTY,
  filter,
  map,
  Subject,
  takeUntil,
  throwIfEmpty,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { sharedSession } from './auth/shared-session.js';
import type { TlsOptions } from './grpc/pubsub-client.js';
import { grpcTransport } from './grpc/transport.js';
import { ConfigurationError } from './model/errors.js';
import type { ChangeEvent, PlatformEvent } from './model/events.js';
import { changeTopic, eventTopic, topicOf } from './model/topic.js';
import type { Logger } from './ports/logger.js';
import type { SessionProvider } from './ports/session-provider.js';
import type { Status } from './ports/status.js';
import { SchemaRegistry } from './schema/schema-registry.js';
import { changeEventOf, clientClosed, eventStream, platformEventOf } from './subscribe/event-stream.js';
import { resolveSubscribeOptions, type SubscribeOptions } from './subscribe/options.js';
import type { StreamContext } from './subscribe/stream-run.js';

/** How a client reaches an org. */
export interface ClientOptions {
  /** How to log in: `clientCredentials()`, `staticSession()`. The first call logs in; all share the session. */
  readonly auth: SessionProvider;
  /**
   * `host:port` of the Pub/Sub API. Some firewalls pass 443 only; `api.deu.pubsub.salesforce.com` is in Germany.
   *
   * @defaultValue `'api.pubsub.salesforce.com:7443'`
   */
  readonly endpoint?: string;
  /** Certificates to trust instead of the well-known ones, such as an emulator's, and the client's own. */
  readonly tls?: TlsOptions;
  /**
   * Plaintext instead of TLS, for an emulator.
   *
   * @defaultValue false
   */
  readonly insecure?: boolean;
  /** grpc-js channel options, on top of rxforce's own. */
  readonly channelOptions?: ChannelOptions;
  /**
   * Where warnings go.
   *
   * @defaultValue warnings to `console`, nothing else
   */
  readonly logger?: Logger;
  /**
   * The clock, for tests.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/** What the service knows about a topic. */
export interface TopicInfo {
  /** Its whole name. */
  readonly topic: string;
  /** The org's id as the service has it. */
  readonly tenantId: string;
  /** Whether this user may publish to it. Nobody may publish changes. */
  readonly canPublish: boolean;
  /** Whether this user may subscribe to it. */
  readonly canSubscribe: boolean;
  /** The schema events have now; `undefined` for a channel whose events have several. Each event names its own. */
  readonly schemaId: string | undefined;
}

/** A schema, as the service sent it. */
export interface SchemaInfo {
  /** The id that events name it by. */
  readonly id: string;
  /** Avro, in JSON. */
  readonly json: string;
}

/** A Salesforce org's events. */
export interface PubSubClient {
  /**
   * The changes of an entity, or of all entities of a channel: a cold Observable that opens a stream of its own for each
   * subscription. Work on an event asynchronously only in `handle()` or another operator that holds events.
   *
   * Errors with an `RxforceError`: `topic-unavailable`, `replay-id-invalid`, `authentication`, `connection`,
   * `stream-ended`, `undecodable`, …; those that may pass have `retriable`, and `retry()` goes on after the last settled
   * event.
   *
   * @param topicOrEntity - `'Account'`, `'Employee__c'`, or a whole topic such as `'/data/ChangeEvents'`.
   * @throws `ConfigurationError` when the name or an option cannot be right.
   */
  changes<T = Record<string, unknown>>(topicOrEntity: string, options?: SubscribeOptions): Observable<ChangeEvent<T>>;
  /**
   * The events of a platform event topic, as `changes` otherwise.
   *
   * @param topic - Such as `'/event/Order__e'`.
   * @throws `ConfigurationError` when the name or an option cannot be right.
   */
  events<T = Record<string, unknown>>(topic: string, options?: SubscribeOptions): Observable<PlatformEvent<T>>;
  /**
   * Asks what the service knows about a topic, anew at each subscription: one value, within 30 seconds.
   *
   * Errors with an `RxforceError`: `topic-unavailable` when there is none of that name, `authentication`, `connection`, …
   *
   * @throws `ConfigurationError` when the name cannot be right.
   */
  topic(topicOrEntity: string): Observable<TopicInfo>;
  /**
   * Fetches a schema, once for all subscriptions of this client: one value, within 30 seconds.
   *
   * Errors with a `SchemaError` when what is sent is not the schema of that id, and otherwise as `topic`.
   */
  schema(schemaId: string): Observable<SchemaInfo>;
  /** What happens to all subscriptions of this client, as it happens. */
  readonly status$: Observable<Status>;
  /** Ends now: subscriptions complete, their streams are cancelled, the connection is closed. */
  close(): void;
}

const CLIENT_OPTIONS: readonly string[] = [
  'auth',
  'endpoint',
  'tls',
  'insecure',
  'channelOptions',
  'logger',
  'scheduler',
] satisfies (keyof ClientOptions)[];

const DEFAULT_ENDPOINT = 'api.pubsub.salesforce.com:7443';

const CONSOLE: Logger = {
  warn: (message) => console.warn(message),
};

/**
 * Makes a client for one org. It connects and logs in when the first subscription needs it.
 *
 * @throws `ConfigurationError` when an option cannot be right.
 */
export function createClient(options: ClientOptions): PubSubClient {
  const { auth, logger = CONSOLE, scheduler } = options;
  const transport = grpcTransport(channelSettings(options), sharedSession(auth));
  const schemas = new SchemaRegistry(transport);
  const status = new Subject<Status>();
  const closed = new BehaviorSubject(false);
  const context: StreamContext = {
    transport,
    schemas,
    scheduler: scheduler ?? asyncScheduler,
    nextTurn: scheduler ? (work) => void scheduler.schedule(work) : (work) => void setImmediate(work),
    logger,
    closed,
    report: (make) => {
      if (status.observed) status.next(make());
    },
  };
  const untilClosed = <T>(call: () => Observable<T>): Observable<T> =>
    defer(() => (closed.value ? EMPTY : call())).pipe(
      takeUntil(closed.pipe(filter(Boolean))),
      throwIfEmpty(clientClosed),
    );

  return {
    changes: <T>(topicOrEntity: string, subscribeOptions: SubscribeOptions = {}) =>
      eventStream(
        context,
        changeTopic(topicOrEntity),
        resolveSubscribeOptions(subscribeOptions),
        changeEventOf,
      ) as Observable<ChangeEvent<T>>,
    events: <T>(topic: string, subscribeOptions: SubscribeOptions = {}) =>
      eventStream(context, eventTopic(topic), resolveSubscribeOptions(subscribeOptions), platformEventOf) as Observable<
        PlatformEvent<T>
      >,
    topic: (topicOrEntity) => {
      const topic = topicOf(topicOrEntity);
      return untilClosed(() => transport.topic(topic)).pipe(
        map(({ topicName, tenantGuid, canPublish, canSubscribe, schemaId }) => ({
          topic: topicName,
          tenantId: tenantGuid,
          canPublish,
          canSubscribe,
          schemaId: schemaId === '' ? undefined : schemaId,
        })),
      );
    },
    schema: (schemaId) => untilClosed(() => schemas.load(schemaId)).pipe(map(({ id, json }) => ({ id, json }))),
    status$: status.asObservable(),
    close: () => {
      if (closed.value) return;
      closed.next(true);
      closed.complete();
      status.complete();
      transport.close();
    },
  };
}

function channelSettings(options: ClientOptions): Parameters<typeof grpcTransport>[0] {
  const { auth, endpoint = DEFAULT_ENDPOINT, tls, insecure = false, channelOptions = {} } = options;
  // JavaScript callers have no compiler to tell them.
  const unknown = Object.keys(options).find((name) => !CLIENT_OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw new ConfigurationError(`There is no option "${unknown}". The options are ${CLIENT_OPTIONS.join(', ')}.`);
  }
  if (typeof (auth as Partial<SessionProvider> | undefined)?.open !== 'function') {
    throw new ConfigurationError('createClient() needs auth: clientCredentials({ … }) or staticSession({ … }).');
  }
  if (!/^[^\s/:]+:\d{1,5}$|^\[[\da-f:]+\]:\d{1,5}$/i.test(endpoint)) {
    throw new ConfigurationError(
      `endpoint is "${endpoint}", but must be host:port without a scheme, such as "${DEFAULT_ENDPOINT}".`,
    );
  }
  if (insecure && tls) {
    throw new ConfigurationError('insecure and tls exclude each other: give tls for TLS, insecure for plaintext.');
  }
  return { endpoint, tls: insecure ? undefined : (tls ?? {}), channelOptions };
}
