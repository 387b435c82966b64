import { ConfigurationError } from '@rxforce/core/model';
import type { Bus } from './bus/bus.js';
import type { SchemaRegistry } from './schemas/schema-registry.js';

/** Events that were recorded elsewhere, with the schemas they were written with. */
export interface Recording {
  /** Avro schemas as JSON, as GetSchema returned them. */
  readonly schemas: readonly string[];
  /** The events, in the order of delivery. */
  readonly events: readonly RecordedEvent[];
}

/** A recorded event, its bytes in base64. */
export interface RecordedEvent {
  readonly event: { readonly id: string; readonly schemaId: string; readonly payload: string };
  readonly replayId: string;
}

/**
 * Puts recorded events on a topic as if they happened now, under their own ids, schemas and replay ids.
 *
 * @throws `ConfigurationError` when an event names a schema that neither the recording nor the org has.
 */
export function serveRecording(bus: Bus, schemas: SchemaRegistry, topicName: string, recording: Recording): void {
  for (const json of recording.schemas) {
    schemas.register(json);
  }
  const unknown = recording.events.find(({ event }) => schemas.get(event.schemaId) === undefined);
  if (unknown !== undefined) {
    throw new ConfigurationError(
      `The recorded event ${unknown.event.id} names the schema "${unknown.event.schemaId}", which was not given. ` +
        'Give the schema as it was recorded: its id is made from its content.',
    );
  }
  const schemaId = recording.events.at(-1)?.event.schemaId ?? '';
  const topic = bus.createTopic({ name: topicName, schemaId, canPublish: false });
  for (const { event, replayId } of recording.events) {
    const payload = Buffer.from(event.payload, 'base64');
    bus.append([topic], { ...event, payload, replayId: Buffer.from(replayId, 'base64') });
  }
}
