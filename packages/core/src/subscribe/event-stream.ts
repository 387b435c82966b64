import { Observable } from 'rxjs';
import { DELIVERY } from '../flow/delivery.js';
import type { Watermark } from '../flow/watermark.js';
import { DecodeError, RxforceError } from '../model/errors.js';
import type { ChangeEvent, PlatformEvent } from '../model/events.js';
import { Err, Ok } from '../model/result.js';
import type { ResolvedSubscribeOptions } from './options.js';
import { StreamRun, type EventOf, type StreamContext } from './stream-run.js';

/**
 * A topic as a cold Observable: each subscription has a stream of its own, and unsubscribing cancels it.
 *
 * Subscriptions side by side are independent, each from where `replay` says. One that follows an ended one, as with
 * `retry()` or a `share()` that connects again, goes on after the last event that was settled.
 */
export function eventStream<E>(
  context: StreamContext,
  topic: string,
  options: ResolvedSubscribeOptions,
  eventOf: EventOf<E>,
): Observable<E> {
  let running = 0;
  let lastEnded: Watermark | undefined;
  return new Observable<E>((subscriber) => {
    if (context.closed.value) {
      subscriber.error(clientClosed());
      return;
    }
    const from = (running === 0 ? lastEnded?.position : undefined) ?? options.replay;
    const run = new StreamRun(context, { topic, from }, options, eventOf, subscriber);
    running++;
    subscriber.add(() => {
      run.stop();
      running--;
      lastEnded = run.deliveries.watermark;
    });
    subscriber.add(context.closed.subscribe((closed) => closed && subscriber.complete()));
    run.open();
  });
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
