import { DELIVERY } from '../delivery/delivery.js';
import { DecodeError } from '../model/errors.js';
import { FIELDS } from '../model/event-fields.js';
import type { ChangeEvent, PlatformEvent, StreamEvent } from '../model/events.js';
import { topicOfEvents } from '../model/topic.js';
import { headersByName, type FetchedEvent } from '../ports/fetched-event.js';
import type { EventOf } from './hand-out.js';

/**
 * Makes change events. The events carry the delivery, so that operators can recognize an event that comes too late.
 * They also carry the client's knowledge of their fields, so that operators can recognize a wrong name.
 */
export const changeEventOf: EventOf<ChangeEvent> = ({ event, delivery }, topic, { header, data }, _schema, fields) => {
  const { id, schemaId } = event;
  if (header === undefined) {
    throw new DecodeError(
      `The event at ${topic} has no ChangeEventHeader, so it is no change event. Use client.events().`,
      { topic, schemaId },
    );
  }
  const { replayId } = delivery;
  return withHeaders({ id, topic, replayId, schemaId, header, data, [DELIVERY]: delivery, [FIELDS]: fields }, event);
};

/**
 * Makes the events of a managed subscription, which carries changes or platform events.
 *
 * @param topic - Its topic, where it is known. Otherwise events name the topic of their schema.
 */
export function managedEventOf(topic: string | undefined): EventOf<ChangeEvent | PlatformEvent> {
  return ({ event, delivery }, _name, { header, data }, { name }, fields) => {
    const { id, schemaId } = event;
    const common = { id, topic: topic ?? topicOfEvents(name), replayId: delivery.replayId, schemaId };
    return withHeaders({ ...common, ...(header && { header }), data, [DELIVERY]: delivery, [FIELDS]: fields }, event);
  };
}

/** Makes platform events. */
export const platformEventOf: EventOf<PlatformEvent> = ({ event, delivery }, topic, { data }, _schema, fields) => {
  const { id, schemaId } = event;
  const { replayId } = delivery;
  return withHeaders({ id, topic, replayId, schemaId, data, [DELIVERY]: delivery, [FIELDS]: fields }, event);
};

/** Nearly all events have none, and pay nothing for it. */
function withHeaders<E extends StreamEvent>(made: E, { headers }: FetchedEvent): E {
  return headers.length === 0 ? made : Object.assign(made, { headers: headersByName(headers) });
}
