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
 * `retry()` or a `share()` that connects again, goes on after the last event that was settled; where several have ended,
 * in their order.
 */
export function eventStream<E>(
  context: StreamContext,
  topic: string,
  options: ResolvedSubscribeOptions,
  eventOf: EventOf<E>,
): Observable<E> {
  const ended: Watermark[] = [];
  return new Observable<E>((subscriber) => {
    if (context.closed.value) {
      subscriber.error(clientClosed());
      return;
    }
    const before = ended.shift();
    if (before && before.position === undefined && !before.idle) {
      context.logger.warn(cannotGoBack(topic, options.replay));
    }
    const from = before?.position ?? options.replay;
    const run = new StreamRun(context, { topic, from }, options, eventOf, subscriber);
    subscriber.add(() => {
      run.stop();
      ended.push(run.deliveries.watermark);
    });
    subscriber.add(context.closed.subscribe((closed) => closed && subscriber.complete()));
    run.open();
  });
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
