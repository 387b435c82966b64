import { Observable, Subject, type Subscriber } from 'rxjs';
import { TrackedObservable } from '../delivery/tracked-observable.js';
import { DELIVERY } from '../delivery/delivery.js';
import { DecodeError, RxforceError } from '../model/errors.js';
import { FIELDS } from '../model/event-fields.js';
import type { ChangeEvent, PlatformEvent } from '../model/events.js';
import { topicOfEvents } from '../model/topic.js';
import { Err, Ok } from '../model/result.js';
import type { Lease } from '../ports/lease.js';
import type { Status, StatusDetail } from '../ports/status.js';
import { EndedSubscriptions, type Ending } from './ended-subscriptions.js';
import { leased } from './leased.js';
import { lineageHere } from './lineage.js';
import { PipelineBehind } from '../settlement/pipeline-behind.js';
import type { ClientSubscriptions } from './client-subscriptions.js';
import type { EventOf } from './hand-out.js';
import type { ResolvedManagedOptions } from './managed-options.js';
import type { ResolvedSubscribeOptions } from './options.js';
import { readInto, type Reader, type SharedStream } from './read-into.js';
import type { StreamContext } from './active-subscription.js';

/** The events of a topic: a cold Observable, and what happens to its subscriptions. */
export interface EventStream<E> extends Observable<E>, AsyncIterable<E> {
  /**
   * The events for `for await`: each is held until the next one is asked for, so that a crash in the loop's body loses nothing.
   * Leaving the loop early unsubscribes, and the event that was in its body comes again.
   */
  [Symbol.asyncIterator](): AsyncGenerator<E, void, undefined>;
  /** What happens to the subscriptions of this Observable, as it happens. It never completes. */
  readonly status$: Observable<Status>;
}

/**
 * A topic as a cold Observable: each subscription has streams of its own, and unsubscribing cancels them.
 *
 * Without a store, subscriptions side by side are independent, each from where `replay` says. One that follows an ended
 * one, as with `retry()` or a `share()` that connects again, goes on after the last event that was settled; which one it
 * follows is told by the operators behind it. With a store there is one at a time, and it goes on where the last one stood.
 * So does one of a managed subscription, whose position the service keeps.
 *
 * @param topic - Its whole name, or that of the managed subscription.
 */
export function eventStream<E>(
  context: StreamContext,
  subscriptions: ClientSubscriptions,
  topic: string,
  options: ResolvedSubscribeOptions | ResolvedManagedOptions,
  eventOf: EventOf<E>,
): EventStream<E> {
  const status$ = new Subject<Status>();
  const stream = { context, subscriptions, topic, options, eventOf, ended: new EndedSubscriptions() };
  const events$ = new TrackedObservable<E>((subscriber) => {
    const lineage = lineageHere();
    if (subscriptions.closed) {
      endAfterClose(stream.ended.before(lineage), subscriber);
      return;
    }
    const subscription = subscriptions.nextNumber();
    const tell = (make: () => StatusDetail) => {
      if (!status$.observed && !subscriptions.status$.observed) return;
      const status = { ...make(), topic, subscription };
      status$.next(status);
      subscriptions.status$.next(status);
    };
    let ended: Ending = 'left';
    const ends = (how: Ending) => (ended = how);
    subscriber.add(
      subscriptions.completed.subscribe(() => {
        ends('completed');
        subscriber.complete();
      }),
    );
    const pipeline = PipelineBehind.of(events$ as TrackedObservable<never>, subscriber);
    const reader = { subscription, tell, lineage, pipeline, ends, ended: () => ended };
    const { lease } = options;
    if (lease) leasedEvents(stream, reader, lease).subscribe(subscriber);
    else readInto(stream, reader, subscriber);
  });
  return Object.assign(events$, { status$: status$.asObservable() });
}

/**
 * The client was closed. What was subscribed again by an operator shall end in peace: `retry()` with the completion, `repeat()`,
 * which goes on at each, with nothing more.
 */
function endAfterClose(before: Ending | undefined, subscriber: Subscriber<unknown>): void {
  if (before === undefined) subscriber.error(clientClosed());
  else if (before !== 'completed') subscriber.complete();
}

/** The events for as long as a lease is held, and again when it is. */
function leasedEvents<E>(stream: SharedStream<E>, reader: Reader, lease: Lease): Observable<E> {
  const { context, topic, options } = stream;
  const { tell } = reader;
  const waiting = (attempt: number, delayMs: number, cause: RxforceError) => {
    tell(() => ({ type: 'waiting', attempt, delayMs, cause }));
    if (attempt === 1) context.logger.warn(`${topic}: ${cause.message}`);
  };
  const { replay, maxAttempts } = options;
  return leased({ stream: context, lease, topic, name: replay.name, maxAttempts, tell, waiting }, (held) => {
    return new Observable<E>((target) => readInto(stream, reader, target, held));
  });
}

/** What everything errors with once the client was closed. */
export function clientClosed(): RxforceError {
  return new RxforceError('client-closed', 'The client was closed. Make another one with createClient().');
}

/**
 * Makes change events. They carry the delivery, so that operators can tell an event that comes to them too late, and what is
 * known of their fields, so that operators can tell a name that is wrong.
 */
export const changeEventOf: EventOf<ChangeEvent> = ({ event, delivery }, topic, { header, data }, _schema, fields) => {
  const { id, schemaId } = event;
  if (header === undefined) {
    return Err(
      new DecodeError(
        `The event at ${topic} has no ChangeEventHeader, so it is no change event. Use client.events().`,
        {
          topic,
          schemaId,
        },
      ),
    );
  }
  const { replayId } = delivery;
  return Ok({ id, topic, replayId, schemaId, header, data, [DELIVERY]: delivery, [FIELDS]: fields });
};

/**
 * Makes the events of a managed subscription, which carries changes or platform events.
 *
 * @param topic - Its topic, where that is known; otherwise events name the one that their schema tells.
 */
export function managedEventOf(topic: string | undefined): EventOf<ChangeEvent | PlatformEvent> {
  return ({ event, delivery }, _name, { header, data }, { name }, fields) => {
    const { id, schemaId } = event;
    const common = { id, topic: topic ?? topicOfEvents(name), replayId: delivery.replayId, schemaId };
    return Ok({ ...common, ...(header && { header }), data, [DELIVERY]: delivery, [FIELDS]: fields });
  };
}

/** Makes platform events. */
export const platformEventOf: EventOf<PlatformEvent> = ({ event, delivery }, topic, { data }, _schema, fields) => {
  const { id, schemaId } = event;
  return Ok({ id, topic, replayId: delivery.replayId, schemaId, data, [DELIVERY]: delivery, [FIELDS]: fields });
};
