import { Observable, Subject, type Subscriber } from 'rxjs';
import { TrackedObservable } from '../delivery/tracked-observable.js';
import { ClientClosedError, type RxforceError } from '../model/errors.js';
import type { ChangeEvent, PlatformEvent } from '../model/events.js';
import type { SubscriptionStatus } from '../ports/status.js';
import { EndedSubscriptions, type Ending } from './ended-subscriptions.js';
import { leased } from './leased.js';
import { lineageHere } from './lineage.js';
import { PipelineBehind } from '../settlement/pipeline-behind.js';
import type { ClientSubscriptions } from './client-subscriptions.js';
import type { EventOf } from './hand-out.js';
import type { ResolvedManagedOptions } from './managed-options.js';
import type { ResolvedSubscribeOptions } from './options.js';
import { readInto, type Reader, type SharedStream } from './read-into.js';
import { rowWarnings } from './row-warnings.js';
import { managedEventOf } from './event-of.js';
import { keptByClient, keptByService, type NamedLease } from './position-keeper.js';
import type { ReadingPlan } from './reading-plan.js';
import type { ManagedStreamContext, StreamContext } from './stream-context.js';

/** The events of a topic as a cold Observable, and the status of its subscriptions. */
export interface EventStream<E> extends Observable<E>, AsyncIterable<E> {
  /**
   * The events for `for await`. Each event is held until the loop asks for the next one, so a crash in the loop's body
   * loses nothing. Leaving the loop early unsubscribes, and the event in its body comes again.
   */
  [Symbol.asyncIterator](): AsyncGenerator<E, void, undefined>;
  /** The status of all subscriptions of this Observable, as it changes. It never completes. */
  readonly status$: Observable<SubscriptionStatus>;
}

/**
 * A topic as a cold Observable. Each subscription has streams of its own, and unsubscribing cancels them.
 *
 * Without a store, subscriptions at the same time are independent, and each starts where `replay` says. A subscription
 * that follows an ended one, as with `retry()` or a `share()` that connects again, continues after the last settled
 * event. The operators downstream determine which one it follows. With a store there is one subscription at a time, and
 * it continues at the position of the last one.
 *
 * @param topic - The topic's whole name.
 */
export function topicStream<E>(
  context: StreamContext,
  subscriptions: ClientSubscriptions,
  topic: string,
  options: ResolvedSubscribeOptions,
  eventOf: EventOf<E>,
): EventStream<E> {
  return eventStream(context, subscriptions, {
    topic,
    options,
    eventOf,
    keeper: keptByClient(context, topic, options),
  });
}

/**
 * A managed subscription as a cold Observable. There is one subscription at a time, and it continues at the position
 * that the service keeps.
 *
 * @param idOrName - The id or name that the user gave.
 */
export function managedStream(
  context: ManagedStreamContext,
  subscriptions: ClientSubscriptions,
  idOrName: string,
  options: ResolvedManagedOptions,
): EventStream<ChangeEvent | PlatformEvent> {
  return eventStream(context, subscriptions, {
    topic: idOrName,
    options,
    eventOf: managedEventOf(options.managed.topic),
    keeper: keptByService(context, idOrName, options.managed),
  });
}

function eventStream<E>(
  context: StreamContext,
  subscriptions: ClientSubscriptions,
  plan: ReadingPlan<E>,
): EventStream<E> {
  const status$ = new Subject<SubscriptionStatus>();
  const stream = { context, subscriptions, plan, ended: new EndedSubscriptions() };
  const { topic, keeper } = plan;
  const name = keeper.lease?.name ?? keeper.name;
  const now = () => context.scheduler.now();
  const events$ = new TrackedObservable<E>((subscriber) => {
    const lineage = lineageHere();
    if (subscriptions.closed) {
      endAfterClose(stream.ended.before(lineage), subscriber);
      return;
    }
    const subscription = subscriptions.nextNumber();
    const record = subscriptions.record({ topic, subscription, name }, now, status$);
    let ended: Ending = 'left';
    const ends = (how: Ending, error?: unknown) => {
      ended = how;
      if (how === 'errored') record.failed(error);
    };
    subscriber.add(
      subscriptions.completed.subscribe(() => {
        ends('completed');
        subscriber.complete();
      }),
    );
    const pipeline = PipelineBehind.of(events$ as TrackedObservable<never>, subscriber);
    const reader = { subscription, record, lineage, pipeline, ends, ended: () => ended };
    subscriber.add(() => record.left());
    if (keeper.lease) leasedEvents(stream, reader, keeper.lease).subscribe(subscriber);
    else readInto(stream, reader, subscriber);
  });
  return Object.assign(events$, { status$: status$.asObservable() });
}

/**
 * The client was closed. An operator that subscribes again then ends without an error: `retry()` with the completion.
 * `repeat()`, which subscribes again at each completion, gets nothing more.
 */
function endAfterClose(before: Ending | undefined, subscriber: Subscriber<unknown>): void {
  if (before === undefined) subscriber.error(clientClosed());
  else if (before !== 'completed') subscriber.complete();
}

/** The events while a lease is held, and again whenever it is acquired again. */
function leasedEvents<E>(stream: SharedStream<E>, reader: Reader, { lease, name }: NamedLease): Observable<E> {
  const { context, plan } = stream;
  const { topic, options } = plan;
  const { tell, mention } = reader.record;
  const warn = rowWarnings(topic, context);
  const waiting = (attempt: number, delayMs: number, cause: RxforceError, isReading: boolean) => {
    // While the lease is held, the stream goes on.
    (isReading ? mention : tell)('waiting', () => ({ attempt, delayMs, cause }));
    warn(attempt, cause);
  };
  const { maxAttempts } = options;
  const failed = (error: unknown) => reader.record.failed(error);
  return leased({ stream: context, lease, topic, name, maxAttempts, tell, waiting, failed }, (held) => {
    return new Observable<E>((target) => readInto(stream, reader, target, held));
  });
}

/** The error of every call after the client was closed. */
export function clientClosed(): RxforceError {
  return new ClientClosedError('The client was closed. Make another one with createClient().');
}
