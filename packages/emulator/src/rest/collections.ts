import type { HttpAnswer } from '../http/route.js';
import { to18 } from '../model/record-ids.js';
import { keyOf, namingField, upsertOperation } from './external-ids.js';
import { asObject, type JsonObject } from './json-object.js';
import { onlyOnce } from './only-once.js';
import { OrgObject } from './org-object.js';
import { platformEventNamed, publishOperation } from './platform-event-records.js';
import { columnsNamed, recordJson } from './record-json.js';
import { objectNamed, writableObject } from './records.js';
import { bodyOf, json, type RestCall, type RestRoute } from './rest-call.js';
import { RestProblem } from './rest-problem.js';
import { createOperation, deleteOperation, type Operation, saveAll, updateOperation } from './save.js';

/** The endpoints of many records at once, each request a transaction. */
export const COLLECTION_ROUTES: readonly RestRoute[] = [
  ['POST', '/composite/sobjects', create],
  ['PATCH', '/composite/sobjects', update],
  ['DELETE', '/composite/sobjects', remove],
  ['GET', '/composite/sobjects/*', (call) => retrieve(call, listOf(call, 'ids'), listOf(call, 'fields'))],
  ['POST', '/composite/sobjects/*', retrieveByBody],
  ['PATCH', '/composite/sobjects/*/*', upsert],
];

/** Most records in a request that changes them. */
const MAX_CHANGED = 200;
/** Most records in a request that reads them. */
const MAX_READ = 2000;

function create(call: RestCall): HttpAnswer {
  return change(call, (record) => {
    const event = platformEventNamed(call, typeNameOf(record));
    if (event !== undefined) return publishOperation(call, event, record);
    const { object, body } = sentRecord(call, record);
    return createOperation(object, body, (name) => call.objects.object(name));
  });
}

function update(call: RestCall): HttpAnswer {
  const once = onlyOnce();
  return change(call, (record) => {
    const { object, id, body } = sentRecord(call, record);
    return updateOperation(object, once(id, to18(id)), body, (name) => call.objects.object(name));
  });
}

function upsert(call: RestCall): HttpAnswer {
  const [name, fieldName = ''] = call.segments;
  const object = writableObject(call, name);
  const field = namingField(object, fieldName);
  const once = onlyOnce();
  return change(call, (record) => {
    const { id, body } = sentRecord(call, record);
    const { [field.name]: value, ...rest } = { ...body, ...(field.place.type === 'id' && { [field.name]: id }) };
    const key = keyOf(field, value);
    if (key !== null) once(String(value), String(key));
    return upsertOperation(call, object, field, value, rest);
  });
}

/** A record of a request's body. */
interface SentRecord {
  readonly object: OrgObject;
  readonly id: string;
  /** Without the id. */
  readonly body: JsonObject;
}

function change(call: RestCall, operationOf: (record: JsonObject) => Operation): HttpAnswer {
  const { records, allOrNone } = bodyOf(call);
  if (!Array.isArray(records)) {
    throw new RestProblem(400, 'REQUIRED_FIELD_MISSING', 'The body has a list of records', ['records']);
  }
  checkSize(records.length, MAX_CHANGED);
  const makers = records.map((record: unknown) => () => operationOf(asObject(record)));
  return json(saveAll(call, makers, allOrNone === true));
}

function sentRecord(call: RestCall, record: JsonObject): SentRecord {
  const type = typeNameOf(record);
  if (call.objects.object(type) === undefined) {
    throw new RestProblem(400, 'INVALID_TYPE', `sObject type '${type}' is not supported.`, []);
  }
  const { id, Id, ...body } = record;
  return { object: writableObject(call, type), id: textOf(id ?? Id), body };
}

function typeNameOf({ attributes }: JsonObject): string {
  const { type } = asObject(attributes ?? {});
  if (typeof type !== 'string') {
    throw new RestProblem(400, 'INVALID_INPUT', 'Each record names its type in attributes: { "type": "Account" }', []);
  }
  return type;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function remove(call: RestCall): HttpAnswer {
  const ids = listOf(call, 'ids');
  checkSize(ids.length, MAX_CHANGED);
  const once = onlyOnce();
  const makers = ids.map((id) => () => deleteOperation(objectOfId(call, id), once(id, to18(id))));
  return json(saveAll(call, makers, call.request.query.get('allOrNone') === 'true'));
}

function objectOfId({ objects }: RestCall, id: string): OrgObject {
  const object = objects.objectOfId(id);
  if (!(object instanceof OrgObject)) throw new RestProblem(400, 'MALFORMED_ID', `bad id ${id}`, []);
  return object;
}

function retrieveByBody(call: RestCall): HttpAnswer {
  const { ids, fields } = bodyOf(call);
  return retrieve(call, texts(ids), texts(fields));
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** The records with these ids, in their order; null for one that is not there. */
function retrieve(call: RestCall, ids: readonly string[], fields: readonly string[]): HttpAnswer {
  const object = objectNamed({ objects: call.replica }, call.segments[0]);
  if (fields.length === 0) throw new RestProblem(400, 'MISSING_ARGUMENT', 'The required fields parameter is missing');
  checkSize(ids.length, MAX_READ);
  const columns = columnsNamed(object, fields);
  return json(
    ids.map((id) => {
      const row = object.row(id);
      return row === undefined ? null : recordJson(call, row, columns);
    }),
  );
}

function listOf({ request }: RestCall, parameter: string): string[] {
  return (request.query.get(parameter) ?? '').split(',').filter((each) => each !== '');
}

function checkSize(size: number, most: number): void {
  if (size > most) {
    const message = `record limit reached. cannot submit more than ${most} records into this call`;
    throw new RestProblem(400, 'EXCEEDED_ID_LIMIT', message);
  }
}
