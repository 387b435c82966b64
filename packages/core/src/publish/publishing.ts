import {
  concatMap,
  defer,
  filter,
  map,
  Observable,
  startWith,
  Subject,
  Subscriber,
  take,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import { hold } from '../flow/hold.js';
import { NO_HOLD } from '../flow/no-hold.js';
import type { Logger } from '../ports/logger.js';
import type { PublishTransport } from '../ports/transport.js';
import type { SchemaRegistry } from '../schema/schema-registry.js';
import { clientClosed } from '../subscribe/event-stream.js';
import {
  publishTopic,
  resolvePublisherOptions,
  resolvePublishOptions,
  type PublisherOptions,
  type PublishOptions,
} from './options.js';
import type { PublishInput } from './publish-input.js';
import type { PublishResult } from './publish-result.js';
import { PublishRun } from './publish-run.js';
import type { RunParts } from './run-parts.js';
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
}

/** What a client publishes with. */
export interface EventPublishing {
  /**
   * Publishes one event, or many in requests that go one after the other: a cold Observable that emits one result for each
   * event, in order, and completes. Each subscription publishes.
   *
   * ```ts
   * const [result] = await firstValueFrom(client.publish('/event/Order__e', { data: { Number__c: '42' } }).pipe(toArray()));
   * ```
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
   * Publishes a stream of events, in requests on a stream of the service.
   *
   * A request goes when it is full, or when nothing is in flight: so a lone event goes at once, and many go together. When
   * the connection breaks another one is made, and what was not answered is sent again, or not: see `onUnknown`.
   *
   * - Results: one for each event, in order: where it is on the topic, or a `PublishError` that says why it is not.
   * - Complete: when the source has completed and all results are emitted.
   * - Error: the source's error is passed on at once; and the stream errors when nothing can be published: the topic is
   *   unknown or takes no events, the login is refused, `maxAttempts` calls failed in a row, more than `maxBuffered` events
   *   wait. Events without a result may be published; they are not settled.
   * - Unsubscribe: cancels the stream. Events without a result may be published; they are not settled.
   * - Delivery: holds each event until its result is emitted, and emits it in the event's scope. So a stream of rxforce is
   *   slowed when the service is slow, and what is not published comes again after a crash.
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
  const { transport, schemas, completed, logger } = context;
  const topics = new TopicSchemas(transport, schemas);
  const runs = new Set<PublishRun>();
  const progress = new Subject<void>();
  const warn = (message: string) => logger.warn(message);
  const progressed = () => progress.next();

  /** @param feed - Gives the run its events. */
  const run = (
    parts: Pick<RunParts, 'topic' | 'options' | 'open'>,
    feed: (run: PublishRun, subscriber: Subscriber<PublishResult>) => void,
  ) =>
    new Observable<PublishResult>((subscriber) => {
      if (isOver(completed)) {
        subscriber.error(clientClosed());
        return;
      }
      const begun = new PublishRun({ ...context, ...parts, schemas: topics, warn, progressed }, subscriber);
      runs.add(begun);
      subscriber.add(() => {
        runs.delete(begun);
        progressed();
      });
      begun.start();
      feed(begun, subscriber);
      // Behind the source, which may complete when the client is closed: then there is nothing to complain of.
      subscriber.add(completed.subscribe({ complete: () => subscriber.error(clientClosed()) }));
    });

  return {
    publish: (topic, events, options = {}) => {
      const inputs = (Array.isArray(events) ? events : [events]) as readonly PublishInput<never>[];
      const parts = {
        topic: publishTopic(topic),
        options: resolvePublishOptions(options),
        open: (requests) => requests.pipe(concatMap((request) => transport.publish(request))),
      } satisfies Partial<RunParts>;
      return run(parts, (begun) => {
        inputs.forEach((input) => begun.add(input, NO_HOLD));
        begun.sourceCompleted();
      });
    },
    publisher: (topic, options = {}) => {
      const name = publishTopic(topic);
      const parts = {
        topic: name,
        options: resolvePublisherOptions(options),
        open: (requests, silence) => transport.publishStream(name, requests, silence),
      } satisfies Partial<RunParts>;
      return (source) =>
        run(parts, (begun, subscriber) => {
          source.subscribe(new Inputs(subscriber, begun) as Subscriber<unknown>);
        });
    },
    settled: defer(() => {
      [...runs].forEach((begun) => begun.flush());
      return progress.pipe(
        startWith(undefined),
        filter(() => [...runs].every(({ unfinished }) => unfinished === 0)),
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

/** Gives a run what a source emits. */
class Inputs extends Subscriber<PublishInput<never>> {
  constructor(
    private readonly downstream: Subscriber<unknown>,
    private readonly run: PublishRun,
  ) {
    // Operators outside RxJS have no other way to make a Subscriber that ends with the one downstream.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    super(downstream);
  }

  protected override _next(input: PublishInput<never>): void {
    try {
      this.run.add(input, hold(input));
      this.run.pump();
    } catch (error) {
      this.downstream.error(error);
    }
  }

  protected override _complete(): void {
    try {
      this.run.sourceCompleted();
    } catch (error) {
      this.downstream.error(error);
    } finally {
      this.unsubscribe();
    }
  }
}
