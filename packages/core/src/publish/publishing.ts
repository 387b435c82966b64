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
import type { StatusDetail } from '../ports/status.js';
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

/** What a client lends to publishing. */
export interface PublishContext {
  readonly transport: PublishTransport;
  readonly schemas: SchemaRegistry;
  /** The id of the user whose session it is; `undefined` where that is not known. Logs in, where that is needed. */
  readonly user: () => Observable<string | undefined>;
  /** Completes once the client is closed; at once where it is. */
  readonly completed: Observable<unknown>;
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
  readonly logger: Logger;
  /** Where the status of one more publisher on a topic goes. */
  readonly statusOf: (topic: string) => (make: () => StatusDetail) => void;
}

/** What a client publishes with. */
export interface EventPublishing {
  /**
   * Publishes one event, or many in requests that go one after the other: a cold Observable that emits one result for each
   * event, in order, and completes. Each subscription publishes.
   *
   * ```ts
   * const results = await lastValueFrom(client.publish('/event/Order__e', orders).pipe(toArray()));
   * ```
   *
   * For one event and a promise, see `publishNow`. To await this one is an error: nothing would subscribe to it.
   *
   * - Results: an event that cannot be published (it does not fit the schema, is too large, the service refuses it) is an
   *   `Err` with a `PublishError`; the others go on.
   * - Error: when nothing can be published: the topic is unknown or takes no events, the login is refused, the service cannot
   *   be reached. Results that were emitted before stand; whether the others are published is unknown.
   * - Unsubscribe: cancels the call; what was sent may be published.
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
   * Publishes one event, at once: a promise of where it is on the topic.
   *
   * ```ts
   * const { replayId } = await client.publishNow('/event/Order__e', { data: { Number__c: '42' } });
   * ```
   *
   * Rejects with a `PublishError` when the event is not published, or nobody knows whether it is (`reason`, `outcome`); and
   * otherwise with what `publish` errors with: `authentication`, `connection`, `client-closed`, `configuration`, ….
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
   * A request goes when it is full, or when nothing is in flight: so a lone event goes at once, and many go together. When
   * the connection breaks another one is made, and what was not answered is sent again, or not: see `onUnknown`.
   *
   * - Results: one for each event, in order: where it is on the topic, or a `PublishError` that says why it is not.
   * - Told: `status$` has what was published, what is waited for and what was refused. The logger warns of the first refusal, of
   *   an outage, and of events that may be on the topic twice; again every 30 seconds while that goes on.
   * - Complete: when the source has completed and all results are emitted.
   * - Error: the source's error is passed on at once; and the stream errors when nothing can be published: the topic is
   *   unknown or takes no events, the login is refused, `maxAttempts` calls failed in a row, more than `maxBuffered` events
   *   wait. Events without a result may be published; they are not settled.
   * - Unsubscribe: cancels the stream. Events without a result may be published; they are not settled.
   * - Delivery: holds each event until its result is emitted, and emits it in the event's scope. So a stream of rxforce is
   *   slowed when the service is slow, and what is not published comes again after a crash. An `Err` settles its event only
   *   where it is taken, by `handle` or another operator that works, or by the subscriber's `next`; see `onRefused`.
   * - Order: events that are sent again because the topic's schema changed can come behind later ones. What is sent again
   *   after a break keeps its order.
   * - Memory: the events that wait; on a stream of rxforce at most its window, on others `maxBuffered`.
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
   * One value, and the completion, once every event that was given to be published has its result. What is there when it is
   * subscribed to goes without waiting for more.
   */
  readonly settled: Observable<void>;
}

/** Makes the part of a client that publishes. */
export function publishing(context: PublishContext): Publishing {
  const { transport, schemas, completed, logger, statusOf } = context;
  const topics = new TopicSchemas(transport, schemas);
  const publications = new Set<Publication>();
  const progress = new Subject<void>();
  const warn = (message: string) => logger.warn(message);
  const progressed = () => progress.next();

  const begin = (
    parts: Pick<PublicationParts, 'topic' | 'options' | 'open' | 'tell'>,
    subscriber: Subscriber<PublishResult>,
  ): Publication => {
    const publication = new Publication({ ...context, ...parts, schemas: topics, warn, progressed }, subscriber);
    if (isOver(completed)) {
      subscriber.error(clientClosed());
      return publication;
    }
    publications.add(publication);
    subscriber.add(() => {
      publications.delete(publication);
      progressed();
    });
    publication.start();
    // Streams of the client end before that, and complete: then there is nothing to complain of.
    subscriber.add(completed.subscribe({ complete: () => subscriber.error(clientClosed()) }));
    return publication;
  };

  const publish: EventPublishing['publish'] = (topic, events, options = {}) => {
    const inputs = (Array.isArray(events) ? events : [events]) as readonly PublishInput<never>[];
    const parts = {
      topic: publishTopic(topic),
      options: resolvePublishOptions(options),
      open: (requests: Observable<WirePublishRequest>) =>
        requests.pipe(concatMap((request) => transport.publish(request))),
      tell: undefined,
    };
    const results = new Observable<PublishResult>((subscriber) => {
      const publication = begin(parts, subscriber);
      inputs.forEach((input) => publication.add(input, NO_HOLD));
      publication.sourceCompleted();
    });
    return notAwaitable(results);
  };

  return {
    publish,
    publishNow: (topic, event, options) => publishNow(event, () => publish(topic, event, options)),
    publisher: (topic, options = {}) => {
      const name = publishTopic(topic);
      const parts = {
        topic: name,
        options: resolvePublisherOptions(options),
        open: ((requests, silence) => transport.publishStream(name, requests, silence)) satisfies OpenStream,
      };
      return (source) =>
        operate(source as Observable<unknown>, 'works', (subscriber: Subscriber<PublishResult>) =>
          feeding(begin({ ...parts, tell: statusOf(name) }, subscriber)),
        );
    },
    settled: defer(() => {
      [...publications].forEach((each) => each.flush());
      return progress.pipe(
        startWith(undefined),
        filter(() => [...publications].every(({ unfinished }) => unfinished === 0)),
        take(1),
        map(() => undefined),
      );
    }),
  };
}

function isOver(completed: Observable<unknown>): boolean {
  let over = false;
  completed.subscribe({ complete: () => (over = true) }).unsubscribe();
  return over;
}

/** Gives a publication what a source emits. */
function feeding(publication: Publication): OperatorHandlers<unknown> {
  return {
    next: (input) => {
      publication.add(input as PublishInput<never>, hold(input, 'works'));
      publication.pump();
    },
    complete: () => publication.sourceCompleted(),
  };
}
