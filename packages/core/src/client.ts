import { defer, EMPTY, firstValueFrom, map, takeUntil, throwIfEmpty, timer, type Observable } from 'rxjs';
import { sharedSession } from './login/shared-session.js';
import { resolveClientOptions, type ClientOptions } from './client-options.js';
import { grpcTransport } from './grpc/transport.js';
import type { ChangeEvent, PlatformEvent } from './model/events.js';
import { changeTopic, eventTopic, topicOf } from './model/topic.js';
import { LONGEST_TIMER_MS, wholeNumber } from './model/whole-number.js';
import { onceForAll } from './ports/once-for-all.js';
import { lineWriter } from './ports/safe-logger.js';
import type { Status } from './ports/status.js';
import type { WireTopicInfo } from './ports/wire.js';
import { certificatesIn } from './net/pem.js';
import { OrgCalls } from './rest/org-calls.js';
import type { OrgRequest } from './rest/org-request.js';
import { publishing, type EventPublishing } from './publish/publishing.js';
import { SchemaRegistry } from './codec/schema-registry.js';
import type { ClientState } from './subscribe/client-state.js';
import type { DrainReport } from './subscribe/drain-report.js';
import { changeEventOf, platformEventOf } from './subscribe/event-of.js';
import { clientClosed, managedStream, topicStream, type EventStream } from './subscribe/event-stream.js';
import { clientBasics } from './subscribe/client-basics.js';
import { writeStatuses } from './subscribe/log-status.js';
import { attendedLogin } from './stream-life/attended-login.js';
import { monotonicNow } from './model/monotonic.js';
import { retryRefused } from './stream-life/retry-transient.js';
import { resolveManagedOptions, type ManagedOptions } from './subscribe/managed-options.js';
import { resolveSubscribeOptions, type SubscribeOptions } from './subscribe/options.js';
import { ClientSubscriptions } from './subscribe/client-subscriptions.js';
import type { ManagedStreamContext } from './subscribe/stream-context.js';

/** What the service knows about a topic. */
export interface TopicInfo {
  /** The topic's whole name. */
  readonly topic: string;
  /** The org's id, as the service sends it. */
  readonly tenantId: string;
  /** Whether this user may publish to it. Nobody may publish changes. */
  readonly canPublish: boolean;
  /** Whether this user may subscribe to it. */
  readonly canSubscribe: boolean;
  /**
   * The schema that events have now. `undefined` for a channel, whose events have several; each event names its own.
   */
  readonly schemaId: string | undefined;
}

/** A schema, as the service sent it. */
export interface SchemaInfo {
  /** The id by which events name it. */
  readonly id: string;
  /** The Avro schema, as JSON. */
  readonly json: string;
}

/** The names of a record's fields. Where `T` is a union of records, the names of all of them. */
export type FieldName<T> = T extends unknown ? keyof T & string : never;

/** {@link SubscribeOptions} for events whose record is `T`: `fields` takes the names of its fields. */
export type SubscribeOptionsOf<T> = SubscribeOptions & { readonly fields?: readonly FieldName<T>[] };

/** A Salesforce org's events. */
export interface PubSubClient extends EventPublishing {
  /**
   * The changes of an entity, or of all entities of a channel, as a cold Observable. Each subscription opens a stream
   * of its own, and another one when that stream breaks. Work on an event asynchronously only in `handle()` or another
   * operator that holds events.
   *
   * Errors with an `RxforceError` when trying again would not help: `topic-unavailable`, `replay-id-invalid`,
   * `authentication`, `undecodable`, `delivery-failed`, …; after that, `retry()` continues after the last settled
   * event.
   *
   * @param topicOrEntity - `'Account'`, `'Employee__c'`, or a whole topic such as `'/data/ChangeEvents'`.
   * @throws `ConfigurationError` when the name or an option cannot be right.
   */
  changes<T = Record<string, unknown>>(
    topicOrEntity: string,
    options?: SubscribeOptionsOf<T>,
  ): EventStream<ChangeEvent<T>>;
  /**
   * The events of a platform event topic. Otherwise as `changes`.
   *
   * @param topic - Such as `'/event/Order__e'`, or `'Order__e'` for short.
   * @throws `ConfigurationError` when the name or an option cannot be right.
   */
  events<T = Record<string, unknown>>(topic: string, options?: SubscribeOptionsOf<T>): EventStream<PlatformEvent<T>>;
  /**
   * The events of a managed subscription. The service keeps its position; otherwise it is as `changes` and `events`,
   * with the same delivery. Settled events are committed on the stream. A new subscription or process continues after
   * the last commit.
   *
   * Only one client at a time reads a managed subscription. While another client reads it, this one waits, and
   * `status$` reports that. After a connection was lost, the service can take some 15 minutes to notice. Errors with a
   * `ManagedSubscriptionError` when no managed subscription has that name, or when it is stopped or deleted.
   *
   * `E` is the type of its events: `ChangeEvent<Account>` or `PlatformEvent<Order>`. Only the record in Salesforce says
   * which. Without `E`, an event may be either.
   *
   * @param idOrName - The developer name of the ManagedEventSubscription, or the id of its record (`18x…`).
   * @throws `ConfigurationError` when the name or an option cannot be right.
   */
  managed<E extends ChangeEvent | PlatformEvent = ChangeEvent | PlatformEvent>(
    idOrName: string,
    options?: ManagedOptions,
  ): EventStream<E>;
  /**
   * Asks the service about a topic. Each subscription asks anew and gets one value, within 30 seconds.
   *
   * Errors with an `RxforceError`: `topic-unavailable` when no topic has that name, `authentication`, `connection`, …
   *
   * @throws `ConfigurationError` when the name cannot be right.
   */
  topic(topicOrEntity: string): Observable<TopicInfo>;
  /**
   * Fetches a schema, once for all subscriptions of this client. It emits one value, within 30 seconds.
   *
   * Errors with a `SchemaError` when the service sends something other than the schema of that id. Its other errors are
   * those of `topic`.
   */
  schema(schemaId: string): Observable<SchemaInfo>;
  /**
   * What happens to all subscriptions and publishers of this client, and its logins, as it happens. Completes after
   * `close()` and `drain()`.
   */
  readonly status$: Observable<Status>;
  /**
   * Calls the org's REST API, on the session that all calls of this client share. It is `fetch` with a path of the org.
   *
   * ```ts
   * const account = await (await client.fetch(`/services/data/v65.0/sobjects/Account/${id}`)).json();
   * ```
   *
   * A session that is refused is renewed, and the call made again where that is safe: see `retry`. Work on events may
   * still call after `close()`, as long as it counts.
   *
   * Rejects with an `RxforceError` where the org refuses, too, so there is no `ok` to check: `service` with the org's
   * own code as `serviceCode`, `authentication`, `limit-exceeded`, `throttled`, `connection`, `client-closed`. With the
   * reason of `signal` when that ends it.
   *
   * @param path - From the root of the org's instance, such as `/services/data/v65.0/limits`.
   */
  fetch(path: string, request?: OrgRequest): Promise<Response>;
  /**
   * What this client and each of its subscriptions do at this moment: state, window, lag, last commit, last response.
   * For probes (see `readinessOf`) and pages. Nothing is measured before somebody asks.
   */
  state(): ClientState;
  /**
   * Ends without loss, as on SIGTERM. Nothing more is asked for, and subscriptions complete. `drain()` waits for the
   * work on delivered events and commits it. It also waits for the results of events that are being published.
   * Operators with something left emit it when they complete. Then everything closes, as with `close()`.
   *
   * @param options - `timeoutMs`: longest wait for the work and the commit, in milliseconds, from 0. Work that is not
   * done by then comes again. `10_000` by default.
   * @returns The events that were settled, and those that were not.
   * @throws `ConfigurationError` when the time is out of range.
   */
  drain(options?: { readonly timeoutMs?: number }): Promise<DrainReport>;
  /**
   * Ends now. Subscriptions complete and their streams are cancelled. Observables that publish error with
   * `client-closed`. The connection is closed. Work that is under way and finishes within 10 seconds is still
   * committed.
   */
  close(): void;
}

const DRAIN_TIMEOUT_MS = 10_000;

/**
 * Makes a client for one org. The client connects and logs in when the first subscription needs it.
 *
 * @throws `ConfigurationError` when an option cannot be right.
 */
export function createClient(options: ClientOptions): PubSubClient {
  const { subscriptions, session, calls, context } = clientParts(options);
  const { transport, schemas, scheduler } = context;
  const published = publishing({
    ...context,
    user: () => defer(() => session.current()).pipe(map(({ userId }) => userId)),
    completed: subscriptions.completed,
    statusOf: (topic) => subscriptions.publication(topic),
  });
  const untilClosed = <T>(call: () => Observable<T>): Observable<T> =>
    defer(() => (subscriptions.closed ? EMPTY : call())).pipe(
      retryRefused(context),
      takeUntil(subscriptions.completed),
      throwIfEmpty(clientClosed),
    );
  /** Waits until every event to be published has its result, or until the time is over. */
  const publishedWithin = (ms: number) =>
    firstValueFrom(published.settled.pipe(takeUntil(timer(ms, scheduler))), { defaultValue: undefined });
  const close = () => subscriptions.close();

  return {
    ...eventStreams(context, subscriptions),
    publish: (topic, events, publishOptions) => published.publish(topic, events, publishOptions),
    publishNow: (topic, event, publishOptions) => published.publishNow(topic, event, publishOptions),
    publisher: (topic, publisherOptions) => published.publisher(topic, publisherOptions),
    topic: (topicOrEntity) => {
      const topic = topicOf(topicOrEntity);
      return untilClosed(() => transport.topic(topic)).pipe(map(topicInfoOf));
    },
    schema: (schemaId) => untilClosed(() => schemas.load(schemaId)).pipe(map(({ id, json }) => ({ id, json }))),
    status$: subscriptions.status$.asObservable(),
    fetch: (path, request) => calls.fetch(path, request),
    state: () => ({ ...subscriptions.state(scheduler.now()), apiUsage: calls.usage }),
    drain: async ({ timeoutMs = DRAIN_TIMEOUT_MS } = {}) => {
      wholeNumber('timeoutMs', timeoutMs, 0, LONGEST_TIMER_MS);
      const endsAt = monotonicNow(scheduler) + timeoutMs;
      const [report] = await Promise.all([subscriptions.drain(timeoutMs), publishedWithin(timeoutMs)]);
      // The work on events may have published more.
      await publishedWithin(Math.max(0, endsAt - monotonicNow(scheduler)));
      close();
      return report;
    },
    close,
  };
}

/** Makes what the streams and calls of a client have in common. Nothing is connected yet. */
function clientParts(options: ClientOptions) {
  const settings = resolveClientOptions(options);
  const { auth, proxy, schemaIds = 'verify', logLevel = 'warn' } = options;
  const basics = clientBasics(options);
  const { scheduler: clock, logger } = basics;
  // Late work is still committed, on the stream where the service keeps the position.
  const subscriptions = new ClientSubscriptions(() => {
    transport.close();
    calls.close();
  });
  const onWay = proxy === undefined ? auth : { open: () => auth.open({ proxy }) };
  const session = sharedSession(
    attendedLogin(onWay, clock, logger, subscriptions.completed),
    Date.now,
    (message) => logger.warn(message),
    (outcome) => subscriptions.login(outcome, clock.now()),
  );
  const waits = onceForAll(logger, clock);
  const transport = grpcTransport(settings, session, (message) => waits.warn(message));
  const ca = options.tls?.ca === undefined ? undefined : certificatesIn('tls.ca', options.tls.ca);
  const calls = new OrgCalls(session, { ca, proxy }, () => clock.now());
  const schemas = new SchemaRegistry(transport, schemaIds, options.scheduler);
  // At the level of warnings the client's own words are enough, and no status is made for the log alone.
  if (logLevel !== 'warn') writeStatuses(subscriptions.status$, lineWriter(options.logger ?? console, logLevel), clock);
  return { subscriptions, session, calls, context: { ...basics, transport, schemas } satisfies ManagedStreamContext };
}

function eventStreams(
  context: ManagedStreamContext,
  subscriptions: ClientSubscriptions,
): Pick<PubSubClient, 'changes' | 'events' | 'managed'> {
  return {
    changes: <T>(topicOrEntity: string, options: SubscribeOptions = {}) => {
      const topic = changeTopic(topicOrEntity);
      const resolved = resolveSubscribeOptions(options);
      return topicStream(context, subscriptions, topic, resolved, changeEventOf) as EventStream<ChangeEvent<T>>;
    },
    events: <T>(topicOrEvent: string, options: SubscribeOptions = {}) => {
      const topic = eventTopic(topicOrEvent);
      const resolved = resolveSubscribeOptions(options);
      return topicStream(context, subscriptions, topic, resolved, platformEventOf) as EventStream<PlatformEvent<T>>;
    },
    managed: <E extends ChangeEvent | PlatformEvent>(idOrName: string, options: ManagedOptions = {}) => {
      const resolved = resolveManagedOptions(idOrName, options);
      return managedStream(context, subscriptions, idOrName, resolved) as EventStream<E>;
    },
  };
}

function topicInfoOf({ topicName, tenantGuid, canPublish, canSubscribe, schemaId }: WireTopicInfo): TopicInfo {
  return {
    topic: topicName,
    tenantId: tenantGuid,
    canPublish,
    canSubscribe,
    schemaId: schemaId === '' ? undefined : schemaId,
  };
}
