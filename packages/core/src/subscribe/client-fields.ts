import type { EventSchema } from '../codec/event-schema.js';
import type { EventFields } from '../model/event-fields.js';
import type { Logger } from '../model/logger.js';

/**
 * Makes the client's knowledge of the fields of a schema's events. All events of a schema in one subscription share it.
 *
 * @param wanted - The fields that are read; all by default.
 */
export function clientFields(
  { name: eventName, json: schemaJson, fields }: EventSchema,
  wanted: readonly string[] | undefined,
  logger: Logger,
): EventFields {
  const names = wanted && new Set(wanted);
  return Object.defineProperty(
    {
      eventName,
      schemaJson,
      logger,
      kindsOf: (path: string) => fields.kindsOf(path),
      closestTo: (path: string) => fields.closestTo(path),
      isRead: (path: string) => names?.has(path.split('.')[0] ?? '') ?? true,
    },
    INSPECT,
    // How Node prints it, inside an event.
    { value: () => `Fields(${eventName})` },
  );
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom');
