import { eventSchema, parseSchema, schemaIdOf, type EventSchema } from '@rxforce/core/codec';
import { ConfigurationError, SchemaError } from '@rxforce/core/model';
import { fieldTypes, shortName, type AvroField, type FieldType } from './value-type.js';

/** The schema of a topic's events. */
export interface TopicSchema {
  /** The topic. By default the one for events of the schema's name. */
  readonly topic?: string;
  /** The Avro schema, in JSON. */
  readonly json: string;
}

/** The type of the `data` in a topic's events. */
export interface EventType {
  readonly topic: string;
  readonly schemaId: string;
  /** Whether these are changes of records, or platform events. */
  readonly kind: 'changes' | 'events';
  /** API name of the object or of the platform event: `Account`, `Employee__c`, `Order_Event__e`. */
  readonly name: string;
  /** API name of the event itself, which is the schema's name: `Employee__ChangeEvent`, `Order_Event__e`. */
  readonly eventName: string;
  readonly fields: readonly FieldType[];
}

/** The type of every event's schema: a record. */
type RecordType = EventSchema['type'] & { readonly fields: readonly AvroField[] };

const HEADER = 'ChangeEventHeader';
const CHANGE_EVENT = 'ChangeEvent';

/**
 * Reads schemas, and sorts the events by name, so that the order of the topics does not matter.
 *
 * @throws `SchemaError` when a schema does not describe an event, `ConfigurationError` when a topic has two schemas.
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
  // Reads the schema like a client, with the same errors.
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

/** `AccountChangeEvent` is about Account, `Employee__ChangeEvent` about Employee__c. */
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

/** Compares by code units, so that a machine's language does not change the order. */
function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
