import { Observable, Subject, type Subscriber } from 'rxjs';
import { DELIVERY } from '../flow/delivery.js';
import { DecodeError, RxforceError } from '../model/errors.js';
import type { ChangeEvent, PlatformEvent } from '../model/events.js';
import { Err, Ok } from '../model/result.js';
import type { Status, StatusDetail } from '../ports/status.js';
import { EndedSubscriptions } from './ended-subscriptions.js';
import { leased } from './leased.js';
import { lineageOf } from './lineage.js';
import type { Runs } from './runs.js';
import type { EventOf } from './hand-out.js';
import type { ResolvedSubscribeOptions } from './options.js';
import { StreamRun, type StreamContext } from './stream-run.js';

/** The events of a topic: a cold Observable, and what happens to its subscriptions. */
export interface EventStream<E> extends Observable<E> {
  /** What happens to the subscriptions of this Observable, as it happens. It never completes. */
  readonly status$: Observable<Status>;
}

/**
 * A topic as a cold Observable: each subscription has streams of its own, and unsubscribing cancels them.
 *
 * Without a store, subscriptions side by side are independent, each from where `replay` says. One that follows an ended
 * one, as with `retry()` or a `share()` that connects again, goes on after the last event that was settled; which one it
 * follows is told by the operators behind it. With a store there is one at a time, and it goes on where the last one stood.
 */
export function eventStream<E>(
  context: StreamContext,
  runs: Runs,
  topic: string,
  options: ResolvedSubscribeOptions,
  eventOf: EventOf<E>,
): EventStream<E> {
  const status$ = new Subject<Status>();
  const ended = new EndedSubscriptions();
  const events$ = new Observable<E>((subscriber) => {
    if (runs.closed) {
      subscriber.error(clientClosed());
      return;
    }
    const subscription = runs.nextNumber();
    const tell = (make: () => StatusDetail) => {
      if (!status$.observed && !runs.status$.observed) return;
      const status = { ...make(), topic, subscription };
      status$.next(status);
      runs.status$.next(status);
    };
    const read = (target: Subscriber<E>, fence?: number, over: () => void = () => undefined) => {
      const owner = { topic, tell, over: () => (runs.remove(run), over()) };
      const run: StreamRun<E> = new StreamRun<E>(context, owner, options, eventOf, target, fence);
      runs.add(run);
      let begun = false;
      const takeOver = () => {
        begun = true;
        const before = ended.follow(lineage);
        if (before === 'unknown') context.logger.warn(cannotTell(topic, options.replay.from));
        else if (before && before.position === undefined) context.logger.warn(cannotGoBack(topic, options.replay.from));
        return before === 'unknown' ? undefined : before?.position;
      };
      target.add(() => {
        run.stop();
        const position = run.current();
        // Where nothing was received, there is nothing to follow.
        if (begun && !(position === undefined && run.untouched)) ended.add({ subscription, position, lineage });
      });
      run.open(takeOver);
    };
    const lineage = lineageOf(subscriber);
    subscriber.add(runs.completed.subscribe(() => subscriber.complete()));
    const { lease, maxAttempts, replay } = options;
    if (lease === undefined) {
      read(subscriber);
      return;
    }
    const waiting = (attempt: number, delayMs: number, cause: RxforceError) => {
      tell(() => ({ type: 'waiting', attempt, delayMs, cause }));
      if (attempt === 1) context.logger.warn(`${topic}: ${cause.message}`);
    };
    const active = (token: number, over: () => void) => new Observable<E>((target) => read(target, token, over));
    const leasedContext = { stream: context, lease, topic, name: replay.name, maxAttempts, tell, waiting };
    leased(leasedContext, active).subscribe(subscriber);
  });
  return Object.assign(events$, { status$: status$.asObservable() });
}

function cannotTell(topic: string, replay: unknown): string {
  return (
    `Several subscriptions of one Observable of ${topic} have ended, and it cannot be told which of them a new one ` +
    `follows: it starts from '${String(replay)}'. With 'latest' that skips what came meanwhile: give each consumer a ` +
    'changes() of its own, put retry() directly behind it, or use a replay store with a name for each.'
  );
}

function cannotGoBack(topic: string, replay: unknown): string {
  return (
    `A subscription of ${topic} ended before its first event was settled, and no position before that event is known: it ` +
    `starts from '${String(replay)}' again. With 'latest' that skips what came meanwhile: start from 'earliest' or from a ` +
    'stored replay id where nothing may be missed.'
  );
}

/** What everything errors with once the client was closed. */
export function clientClosed(): RxforceError {
  return new RxforceError('client-closed', 'The client was closed. Make another one with createClient().');
}

/** Makes change events. Carries the delivery, so that operators can tell an event that comes to them too late. */
export const changeEventOf: EventOf<ChangeEvent> = ({ event, delivery }, topic, { header, data }) => {
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
  return Ok({ id, topic, replayId: delivery.replayId, schemaId, header, data, [DELIVERY]: delivery });
};

/** Makes platform events. */
export const platformEventOf: EventOf<PlatformEvent> = ({ event, delivery }, topic, { data }) =>
  Ok({ id: event.id, topic, replayId: delivery.replayId, schemaId: event.schemaId, data, [DELIVERY]: delivery });
