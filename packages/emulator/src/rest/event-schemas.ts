import type { HttpAnswer } from '../http/route.js';
import type { RegisteredSchema } from '../schemas/schema-registry.js';
import { json, type RestCall, type RestRoute } from './rest-call.js';
import { notFound, RestProblem } from './rest-problem.js';

/** The endpoints of events' schemas: by the event's name, and by the schema's id. */
export const EVENT_SCHEMA_ROUTES: readonly RestRoute[] = [
  ['GET', '/sobjects/*/eventSchema', (call) => schemaOf(call, call.objects.event(call.segments[0] ?? '')?.schemaId)],
  ['GET', '/event/eventSchema/*', (call) => schemaOf(call, call.segments[0])],
];

const FORMATS = ['EXPANDED', 'COMPACT'];

function schemaOf(call: RestCall, id: string | undefined): HttpAnswer {
  const schema = call.schemas.get(id ?? '');
  if (schema === undefined) throw notFound();
  const format = call.request.query.get('payloadFormat')?.toUpperCase() ?? 'EXPANDED';
  if (!FORMATS.includes(format)) {
    throw new RestProblem(400, 'INVALID_ARGUMENT', `payloadFormat is ${FORMATS.join(' or ')}.`);
  }
  return json(format === 'COMPACT' ? compact(schema) : expanded(schema));
}

/** As the Pub/Sub API has it. */
function compact({ id, json: text }: RegisteredSchema): object {
  return { ...(JSON.parse(text) as object), uuid: id };
}

/** As in events of the streaming API: what an event holds, in what comes with it. */
function expanded({ id, json: text }: RegisteredSchema): object {
  const { name, namespace, fields } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const payload = { type: 'record', name: 'Payload', doc: '', fields };
  const event = { type: 'record', name: 'Event', fields: [{ name: 'replayId', type: 'long' }] };
  const data = {
    type: 'record',
    name: 'Data',
    namespace: '',
    fields: [
      { name: 'schema', type: 'string' },
      { name: 'payload', type: payload },
      { name: 'event', type: event },
    ],
  };
  return {
    name,
    namespace,
    type: 'expanded-record',
    fields: [
      { name: 'data', type: data },
      { name: 'channel', type: 'string' },
    ],
    uuid: id,
  };
}
