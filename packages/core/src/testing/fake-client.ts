import { NEVER, of, Subject, takeUntil, throwError, type Observable, type SchedulerLike } from 'rxjs';
import type { TrackedObservable } from '../delivery/tracked-observable.js';
import type { PubSubClient } from '../client.js';
import { ConfigurationError } from '../model/errors.js';
import type { StreamEvent } from '../model/events.js';
import { changeTopic, eventTopic, topicOf } from '../model/topic.js';
import type { SubscriptionStatus } from '../ports/status.js';
import type { PublishInput } from '../publish/publish-input.js';
import { drainReport } from '../subscribe/drain-report.js';
import { clientClosed, type EventStream } from '../subscribe/event-stream.js';
import type { OrgRequest } from '../rest/org-request.js';
import { managedName } from '../position/managed-name.js';
import { resolveManagedOptions } from '../subscribe/managed-options.js';
import { resolveSubscribeOptions, type ReadingOptions } from '../subscribe/options.js';
import { FakePublishing, type PublishAnswer } from './fake-publishing.js';
import type { DeliveredSource } from './delivered.js';
import { FakeTopic, type FakeSubscriber } from './fake-topic.js';

/** The answer to a call of `fetch()`: a `Response`, what the org sends as JSON, or a promise of either. */
export type FetchAnswer = (path: string, request: OrgRequest) => unknown;

/** A client for marble tests. Its topics are Observables that the test makes. */
export interface FakeClient extends PubSubClient {
  /**
   * The deliveries of one subscription to a topic.
   *
   * @param topicOrEntity - As for `changes()` or `events()`, or `managed:` and the name of a managed subscription.
   * @param subscription - The number of the topic's subscription, from 1; the first one by default.
   * @throws `ConfigurationError` when nobody has subscribed that often.
   */
  deliveries(topicOrEntity: string, subscription?: number): DeliveredSource<StreamEvent>;
  /** Emits each event of a topic when it is settled, in any of its subscriptions. For `expectSettled`. */
  settled$(topicOrEntity: string): Observable<StreamEvent>;
  /** The events passed to `publish()`, `publishNow()` and `publisher()` for a topic, in order. */
  published(topic: string): readonly PublishInput[];
  /**
   * Sets the results of events that are published from here on. By default, all are on their topic at once.
   *
   * @param answer - Returns `undefined` for an event that is on the topic.
   */
  answerPublish(answer: PublishAnswer): void;
  /**
   * Sets the answers to `fetch()` from here on: a `Response`, or a value that the org sends as JSON. An error that it
   * throws or rejects with is that of the call. Without answers, calls reject with a `ConfigurationError`.
   */
  answerFetch(answer: FetchAnswer): void;
}

/**
 * Makes a client whose streams are Observables of the test, such as `cold('-a-b|', events)`. It delivers events as a
 * real client does: `window` counts, and the test can see which events are settled. It checks options as a real client
 * does. `replay` has no effect, as nothing is stored.
 *
 * @param streams - The events of each topic, by entity or whole topic; those of a managed subscription, by `managed:`
 * and its name.
 * @param scheduler - The scheduler of the marble test.
 * @throws `ConfigurationError` when the name of a stream cannot be right; and from `changes()` and `events()` when the
 * test has no stream of that name.
 */
export function fakeClient(
  streams: Readonly<Record<string, Observable<StreamEvent>>>,
  scheduler: SchedulerLike,
): FakeClient {
  const topics = new FakeTopics(streams);
  const closed = new Subject<void>();
  const status$: Observable<SubscriptionStatus> = NEVER.pipe(takeUntil(closed));
  let isClosed = false;
  let numbers = 0;
  const client: FakeSubscriber = { scheduler, closed, isClosed: () => isClosed, nextNumber: () => ++numbers };
  const stream = <E>(topic: string, options: ReadingOptions): EventStream<E> => {
    const events$ = topics.named(topic).stream(options, client) as TrackedObservable<unknown>;
    return Object.assign(events$ as TrackedObservable<E>, { status$ });
  };
  const publishing = new FakePublishing();
  let onFetch: FetchAnswer = (path) => {
    throw new ConfigurationError(`fakeClient() has no answer to ${path}: set it by answerFetch().`);
  };
  const close = () => {
    isClosed = true;
    closed.next();
  };
  return {
    changes: (topicOrEntity, options = {}) => stream(changeTopic(topicOrEntity), resolveSubscribeOptions(options)),
    events: (topic, options = {}) => stream(eventTopic(topic), resolveSubscribeOptions(options)),
    managed: (idOrName, options = {}) =>
      stream(`${MANAGED_PREFIX}${idOrName}`, resolveManagedOptions(idOrName, options)),
    publish: publishing.publish,
    publishNow: publishing.publishNow,
    publisher: publishing.publisher,
    topic: (topicOrEntity) => {
      const topic = topicOf(topicOrEntity);
      topics.named(topic);
      const canPublish = topic.startsWith('/event/');
      return of({ topic, tenantId: '00D000000000001EAA', canPublish, canSubscribe: true, schemaId: undefined });
    },
    schema: (schemaId) => throwError(() => noSchema(schemaId)),
    status$,
    fetch: async (path, request = {}) => {
      if (isClosed) throw clientClosed();
      return answered(await onFetch(path, request));
    },
    state: () => ({
      at: scheduler.now(),
      state: isClosed ? 'closed' : 'open',
      login: undefined,
      apiUsage: undefined,
      subscriptions: isClosed ? [] : topics.all().flatMap((source) => source.states()),
    }),
    drain: () => {
      close();
      return Promise.resolve(drainReport(topics.all().flatMap((source) => source.drained())));
    },
    close,
    deliveries: (topicOrEntity, subscription = 1) => topics.named(keyOf(topicOrEntity)).deliveries(subscription),
    settled$: (topicOrEntity) => topics.named(keyOf(topicOrEntity)).settled$,
    published: (topic) => publishing.on(topic),
    answerPublish: (answer) => publishing.answers(answer),
    answerFetch: (answer) => (onFetch = answer),
  };
}

/** The topics of a fake client. */
class FakeTopics {
  private readonly byKey: ReadonlyMap<string, FakeTopic>;

  constructor(streams: Readonly<Record<string, Observable<StreamEvent>>>) {
    const keyed = Object.entries(streams).map(([name, source]) => [keyOf(name), source] as const);
    this.byKey = new Map(keyed.map(([key, source]) => [key, new FakeTopic(key, source)]));
  }

  named(key: string): FakeTopic {
    const topic = this.byKey.get(key);
    if (topic) return topic;
    throw new ConfigurationError(
      `fakeClient() was given no stream for ${key}. It has ${[...this.byKey.keys()].join(', ')}.`,
    );
  }

  all(): FakeTopic[] {
    return [...this.byKey.values()];
  }
}

function answered(answer: unknown): Response {
  return answer instanceof Response ? answer : Response.json(answer);
}

/** The prefix of a managed subscription's name. */
const MANAGED_PREFIX = 'managed:';

/** The key of a stream: a whole topic, or the prefix and a managed subscription's name. */
function keyOf(name: string): string {
  if (!name.startsWith(MANAGED_PREFIX)) return topicOf(name);
  managedName(name.slice(MANAGED_PREFIX.length));
  return name;
}

function noSchema(schemaId: string): ConfigurationError {
  return new ConfigurationError(`A fakeClient() has no schemas, so none of the id "${schemaId}".`);
}
