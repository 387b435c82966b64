import {
  concatMap,
  defer,
  filter,
  map,
  Observable,
  startWith,
  Subject,
  take,
  type OperatorFunction,
  type SchedulerLike,
  type Subscriber,
} from 'rxjs';
import { hold } from '../delivery/hold.js';
import { operate, type OperatorHandlers } from '../delivery/operate.js';
import { NO_HOLD } from '../delivery/no-hold.js';
import type { Logger } from '../ports/logger.js';
import type { Tell } from '../ports/status.js';
import type { PublishTransport } from '../ports/transport.js';
import type { WirePublishRequest } from '../ports/wire.js';
import type { SchemaRegistry } from '../codec/schema-registry.js';
import { clientClosed } from '../subscribe/event-stream.js';
import {
  publishTopic,
  resolvePublisherOptions,
  resolvePublishOptions,
  type PublisherOptions,
  type PublishOptions,
} from './options.js';
import { notAwaitable, publishNow } from './publish-now.js';
import type { Published, PublishInput } from './publish-input.js';
import type { PublishResult } from './publish-result.js';
import type { OpenStream } from './publish-line.js';
import { Publication } from './publication.js';
import type { PublicationParts } from './publication-parts.js';
import { TopicSchemas } from './topic-schemas.js';

/** The parts of a client that publishing uses. */
export interface PublishContext {
  readonly transport: PublishTransport;
  readonly schemas: SchemaRegistry;
  /** The id of the session's user; `undefined` where it is not known. Logs in where that is needed. */
  readonly user: () => Observable<string | undefined>;
  /** Completes once the client is closed, or at once where it is closed already. */
  readonly completed: Observable<unknown>;
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
  readonly logger: Logger;
  /** Makes the function that reports the status of one more publisher on a topic. */
  readonly statusOf: (topic: string) => Tell;
}

/** The calls of a client that publish. */
export interface EventPublishing {
  /**
   * Publishes one event, or many in requests that go one after the other. It returns a cold Observable that emits one
   * result for each event, in order, and completes. Each subscription publishes.
   *
   * ```ts
   * const results = await lastValueFrom(client.publish('/event/Order__e', orders).pipe(toArray()));
   * ```
   *
   * For one event and a promise, see `publishNow`. Awaiting this Observable is an error, as nothing would subscribe to
   * it.
   *
   * - Results: an event that cannot be published (it does not fit the schema, is too large, the service refuses it) has
   *   an `Err` with a `PublishError`. The others continue.
   * - Error: when nothing can be published: the topic is unknown or takes no events, the login is refused, the service
   *   cannot be reached. Results that were emitted before stand. Whether the other events are published is unknown.
   * - Unsubscribe: cancels the call. Events that were sent may be published.
   * - Memory: the events.
   *
   * @param topic - Such as `'/event/Order__e'`, or `'Order__e'` for short.
   * @param events - One event, or an array.
   * @throws `ConfigurationError` when the topic or an option cannot be right.
   */
  publish<T = Record<string, unknown>>(
    topic: string,
    events: PublishInput<NoInfer<T>> | readonly PublishInput<NoInfer<T>>[],
    options?: PublishOptions,
  ): Observable<PublishResult>;
  /**
   * Publishes one event at once, and returns a promise of its position on the topic.
   *
   * ```ts
   * const { replayId } = await client.publishNow('/event/Order__e', { data: { Number__c: '42' } });
   * ```
   *
   * Rejects with a `PublishError` when the event is not published, or when nobody knows whether it is (`reason`,
   * `outcome`). Its other errors are those of `publish`: `authentication`, `connection`, `client-closed`,
   * `configuration`, ….
   *
   * @param topic - Such as `'/event/Order__e'`, or `'Order__e'` for short.
   * @param event - One event. For many, use `publish`, which has a result for each.
   */
  publishNow<T = Record<string, unknown>>(
    topic: string,
    event: PublishInput<NoInfer<T>>,
    options?: PublishOptions,
  ): Promise<Published>;
  /**
   * Publishes a stream of events, in requests on a stream of the service.
   *
   * A request is sent when it is full, or when nothing is in flight. So a lone event is sent at once, and many events
   * are sent together. When the connection breaks, another one is made. Events without an answer are sent again, or
   * not: see `onUnknown`.
   *
   * - Results: one for each event, in order: its position on the topic, or a `PublishError` that says why it has none.
   * - Reports: `status$` reports events that were published, waits, and events that were refused. The logger warns of
   *   the first refusal, of an outage, and of events that may be on the topic twice, and again every 30 seconds while
   *   that continues.
   * - Complete: when the source has completed and all results are emitted.
   * - Error: the source's error is passed on at once. The stream also errors when nothing can be published: the topic
   *   is unknown or takes no events, the login is refused, `maxAttempts` calls failed in a row, more than `maxBuffered`
   *   events wait. Events without a result may be published; they are not settled.
   * - Unsubscribe: cancels the stream. Events without a result may be published; they are not settled.
   * - Delivery: holds each event until its result is emitted, and emits the result in the event's scope. So a slow
   *   service slows a stream of rxforce, and events that are not published come again after a crash. An `Err` settles
   *   its event only where it is taken, by `handle` or another operator that works, or by the subscriber's `next`; see
   *   `onRefused`.
   * - Order: events that are sent again because the topic's schema changed can come after later ones. Events that are
   *   sent again after a break keep their order.
   * - Memory: the events that wait: at most the window on a stream of rxforce, and `maxBuffered` on other sources.
   *
   * @param topic - Such as `'/event/Order__e'`, or `'Order__e'` for short.
   * @throws `ConfigurationError` when the topic or an option cannot be right.
   */
  publisher<T = Record<string, unknown>>(
    topic: string,
    options?: PublisherOptions,
  ): OperatorFunction<PublishInput<T>, PublishResult>;
}

/** The part of a client that publishes. */
export interface Publishing extends EventPublishing {
  /**
   * Emits one value and completes, once every event to be published has its result. Events that wait at the
   * subscription are sent without waiting for more.
   */
  readonly settled: Observable<void>;
}

/** Makes the part of a client that publishes. */
export function publishing(context: PublishContext): Publishing {
  const { transport } = context;
  const publications = new Publications(context);

  const publish: EventPublishing['publish'] = (topic, events, options = {}) => {
    const inputs = (Array.isArray(events) ? events : [events]) as readonly PublishInput<never>[];
    const parts = {
      topic: publishTopic(topic),
      options: resolvePublishOptions(options),
      open: (requests: Observable<WirePublishRequest>) =>
        requests.pipe(concatMap((request) => transport.publish(request))),
      hasCaller: true,
    };
    const results = new Observable<PublishResult>((subscriber) => {
      const publication = publications.begin(parts, subscriber);
      inputs.forEach((input) => publication.add(input, NO_HOLD));
      publication.sourceCompleted();
    });
    return notAwaitable(results);
  };

  const publisher: EventPublishing['publisher'] = (topic, options = {}) => {
    const name = publishTopic(topic);
    const parts = {
      topic: name,
      options: resolvePublisherOptions(options),
      hasCaller: false,
      open: ((requests, silence) => transport.publishStream(name, requests, silence)) satisfies OpenStream,
    };
    return (source) =>
      operate(source as Observable<unknown>, 'works', (subscriber: Subscriber<PublishResult>) =>
        feeding(publications.begin(parts, subscriber)),
      );
  };

  return {
    publish,
    publishNow: (topic, event, options) => publishNow(event, () => publish(topic, event, options)),
    publisher,
    settled: defer(() => publications.settled()),
  };
}

/** What a publication is made of, beside what the client has. */
type OwnParts = Pick<PublicationParts, 'topic' | 'options' | 'open' | 'hasCaller'>;

/** The publications of a client, until they are over. */
class Publications {
  private readonly live = new Set<Publication>();
  private readonly progress = new Subject<void>();
  private readonly topics: TopicSchemas;

  constructor(private readonly context: PublishContext) {
    this.topics = new TopicSchemas(context.transport, context.schemas);
  }

  begin(parts: OwnParts, subscriber: Subscriber<PublishResult>): Publication {
    const { completed } = this.context;
    const publication = new Publication(this.allOf(parts), subscriber);
    if (isOver(completed)) {
      subscriber.error(clientClosed());
      return publication;
    }
    this.live.add(publication);
    subscriber.add(() => {
      this.live.delete(publication);
      this.progress.next();
    });
    publication.start();
    // Streams of the client end before that, and complete. Then there is no error to report.
    subscriber.add(completed.subscribe({ complete: () => subscriber.error(clientClosed()) }));
    return publication;
  }

  /** Sends what waits, and emits once every event has its result. */
  settled(): Observable<void> {
    [...this.live].forEach((each) => each.flush());
    return this.progress.pipe(
      startWith(undefined),
      filter(() => [...this.live].every(({ unfinished }) => unfinished === 0)),
      take(1),
      map(() => undefined),
    );
  }

  private allOf(parts: OwnParts): PublicationParts {
    const { context, topics } = this;
    return {
      ...context,
      ...parts,
      schemas: topics,
      tell: context.statusOf(parts.topic),
      warn: (message) => context.logger.warn(message),
      progressed: () => this.progress.next(),
    };
  }
}

function isOver(completed: Observable<unknown>): boolean {
  let over = false;
  completed.subscribe({ complete: () => (over = true) }).unsubscribe();
  return over;
}

/** Feeds the values of a source to a publication. */
function feeding(publication: Publication): OperatorHandlers<unknown> {
  return {
    next: (input) => {
      publication.add(input as PublishInput<never>, hold(input, 'works'));
      publication.pump();
    },
    complete: () => publication.sourceCompleted(),
  };
}
