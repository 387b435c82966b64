import type { PlatformEventInfo } from '../org/platform-events.js';
import type { ScalarValue } from '../org/values.js';
import { ownEventFields } from './event-object.js';
import type { JsonObject } from './json-object.js';
import type { RestCall } from './rest-call.js';
import type { RestField } from './rest-field.js';
import { notFound, RestProblem } from './rest-problem.js';
import type { Saved } from './save.js';
import { valueOf } from './values.js';

/** The value that the service returns instead of a record's id: a published event is not a record. */
const NO_RECORD = 'e00xx0000000001AAA';

/** The platform event of the org with this name, in any case. */
export function platformEventNamed({ org }: RestCall, name: string): PlatformEventInfo | undefined {
  return org.platformEvents().find((event) => event.name.toLowerCase() === name.toLowerCase());
}

/**
 * Publishes an event that a request has as a record.
 *
 * @throws {@link RestProblem} when a field does not exist or its value does not fit.
 */
export function publishOperation(call: RestCall, event: PlatformEventInfo, body: JsonObject): () => Saved {
  const { bus, schemas, random, sessions, now } = call;
  const schema = schemas.get(event.schemaId);
  const topic = bus.topic(event.topic);
  if (schema === undefined || topic === undefined) throw notFound();
  const values = valuesOf(event.name, ownEventFields(schema), body);
  return () => {
    const payload = schema.type.toBuffer({ ...values, CreatedDate: now(), CreatedById: sessions.identity.userId });
    const id = random.uuid();
    bus.append([topic], { id, schemaId: schema.id, payload });
    return { id: NO_RECORD, errors: [{ statusCode: 'OPERATION_ENQUEUED', message: id, fields: [] }] };
  };
}

/** A value for each field, null where the body has none. */
function valuesOf(event: string, fields: readonly RestField[], body: JsonObject): Record<string, ScalarValue | null> {
  const values: Record<string, ScalarValue | null> = Object.fromEntries(fields.map(({ name }) => [name, null]));
  for (const [name, value] of Object.entries(body)) {
    if (name === 'attributes') continue;
    const field = fields.find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (field === undefined) {
      throw new RestProblem(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${event}`);
    }
    values[field.name] = valueOf(field, value);
  }
  return values;
}
