import { eventSchema, parseSchema, schemaIdOf, type EventSchema } from '@rxforce/core/codec';
import { ConfigurationError, SchemaError } from '@rxforce/core/model';
import { fieldTypes, shortName, type AvroField, type FieldType } from './value-type.js';

/** The schema of a topic's events. */
export interface TopicSchema {
  /** The topic. By default the one that events of the schema's name are on. */
  readonly topic?: string;
  /** Avro, in JSON. */
  readonly json: string;
}

/** What a topic's events carry in `data`. */
export interface EventType {
  readonly topic: string;
  readonly schemaId: string;
  /** Whether these are changes of records, or platform events. */
  readonly kind: 'changes' | 'events';
  /** API name of the object or of the platform event: `Account`, `Employee__c`, `Order_Event__e`. */
  readonly name: string;
  /** API name of the event itself, by which the schema goes: `Employee__ChangeEvent`, `Order_Event__e`. */
  readonly eventName: string;
  readonly fields: readonly FieldType[];
}

/** What every event's schema is. */
type RecordType = EventSchema['type'] & { readonly fields: readonly AvroField[] };

const HEADER = 'ChangeEventHeader';
const CHANGE_EVENT = 'ChangeEvent';

/**
 * Reads schemas, and puts what they describe in order of the names: the order of the topics does not count.
 *
 * @throws `SchemaError` when one describes no event, `ConfigurationError` when a topic comes with two schemas.
 */
export function eventTypes(schemas: readonly TopicSchema[]): readonly EventType[] {
  const byTopic = new Map<string, EventType>();
  for (const schema of schemas) {
    const event = eventType(schema);
    const { topic, schemaId } = event;
    const known = byTopic.get(topic);
    if (known !== undefined && known.schemaId !== schemaId) {
      throw new ConfigurationError(
        `There are two schemas for ${topic}: ${known.schemaId} and ${schemaId}. Give one of them.`,
        { topic },
      );
    }
    byTopic.set(topic, event);
  }
  return [...byTopic.values()].sort((a, b) => inOrder(a.name, b.name) || inOrder(a.topic, b.topic));
}

function eventType({ topic, json }: TopicSchema): EventType {
  const schemaId = schemaIdOf(parseSchema(json));
  // As a client reads it, with the same complaints.
  const { fields, name: fullName } = eventSchema(json, schemaId).type as RecordType;
  const eventName = shortName(fullName);
  const isChange = fields[0]?.name === HEADER;
  const name = isChange ? entityOf(eventName, schemaId) : eventName;
  return {
    topic: topic ?? `/${isChange ? 'data' : 'event'}/${eventName}`,
    schemaId,
    kind: isChange ? 'changes' : 'events',
    name,
    eventName,
    fields: fieldTypes(isChange ? fields.slice(1) : fields, name),
  };
}

/** `AccountChangeEvent` tells of Account, `Employee__ChangeEvent` of Employee__c. */
function entityOf(eventName: string, schemaId: string): string {
  const stem = eventName.slice(0, -CHANGE_EVENT.length);
  if (!eventName.endsWith(CHANGE_EVENT) || stem === '') {
    throw new SchemaError(
      `Schema ${schemaId} has a ${HEADER}, but the name "${eventName}", which is none of change events: those look like ` +
        '"AccountChangeEvent" and "Employee__ChangeEvent". Give the schema as GetSchema sends it.',
      { schemaId },
    );
  }
  return stem.endsWith('__') ? `${stem}c` : stem;
}

/** By code units, so that no machine's language changes the order. */
function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
