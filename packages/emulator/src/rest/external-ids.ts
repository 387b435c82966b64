import type { HttpAnswer } from '../http/route.js';
import type { ScalarValue } from '../org/values.js';
import type { QueryRow } from '../soql/queryable.js';
import type { JsonObject } from './json-object.js';
import type { OrgObject } from './org-object.js';
import { objectNamed, readRow, writableObject } from './records.js';
import { bodyOf, json, noContent, type RestCall, type RestRoute, urlOf } from './rest-call.js';
import type { RestField } from './rest-field.js';
import type { RestObject } from './rest-object.js';
import { notFound, RestProblem } from './rest-problem.js';
import { createOperation, deleteOperation, type Operation, saveOne, updateOperation } from './save.js';
import { valueOf } from './values.js';

/** The endpoints of records that are identified by one of their fields. */
export const EXTERNAL_ID_ROUTES: readonly RestRoute[] = [
  ['GET', '/sobjects/*/*/*', read],
  ['PATCH', '/sobjects/*/*/*', upsert],
  ['DELETE', '/sobjects/*/*/*', remove],
];

/** From this version on, an upsert that updates is answered with the result for the record. */
const ANSWERS_UPDATES = 46;

/**
 * The field that identifies records: the id, or an external id.
 *
 * @throws {@link RestProblem} when there is no field of that name, or it cannot identify records.
 */
export function namingField(object: RestObject, name: string): RestField {
  const field = object.field(name);
  if (field === undefined || (field.place.type !== 'id' && !field.externalId)) {
    throw notFound(`Provided external ID field does not exist or is not accessible: ${name}`);
  }
  return field;
}

/**
 * Creates the record that a field identifies, or updates it where it exists.
 *
 * @throws {@link RestProblem} when that is impossible, or several records have the value.
 */
export function upsertOperation(
  call: RestCall,
  object: OrgObject,
  field: RestField,
  value: unknown,
  body: JsonObject,
): Operation {
  const lookup = (name: string) => call.objects.object(name);
  if (field.place.type === 'id') {
    const update = updateOperation(object, String(value), body, lookup);
    return (tx) => ({ ...update(tx), created: false });
  }
  const [row, ...others] = rowsWith(object, field, value);
  if (others.length > 0) {
    const message = `Many records found for ${field.name} '${String(value)}'`;
    throw new RestProblem(400, 'DUPLICATE_EXTERNAL_ID', message, [field.name]);
  }
  if (row === undefined) {
    const create = createOperation(object, { ...body, [field.name]: value }, lookup);
    return (tx) => ({ ...create(tx), created: true });
  }
  const update = updateOperation(object, row.id, { ...body, [field.name]: value }, lookup);
  return (tx) => ({ ...update(tx), created: false });
}

/** The key of a value. Texts are compared as in queries, ignoring case. */
export function keyOf(field: RestField, value: unknown): ScalarValue | null {
  return sameCase(valueOf(field, value ?? null));
}

/** The records whose field has this value. */
function rowsWith(object: RestObject, field: RestField, value: unknown): QueryRow[] {
  const wanted = keyOf(field, value);
  if (wanted === null) throw new RestProblem(400, 'MISSING_ARGUMENT', `${field.name} not specified`, [field.name]);
  return object.rows({ deleted: false }).filter((row) => sameCase(row.get(field)) === wanted);
}

function sameCase<T>(value: T): T | string {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

function read(call: RestCall): HttpAnswer {
  const [name, fieldName = '', value = ''] = call.segments;
  const object = objectNamed({ objects: call.replica }, name);
  const rows = rowsWith(object, namingField(object, fieldName), value);
  return rows.length > 1 ? choices(call, rows) : readRow(call, object, onlyOne(rows));
}

function upsert(call: RestCall): HttpAnswer {
  const [name, fieldName = '', value = ''] = call.segments;
  const object = writableObject(call, name);
  const field = namingField(object, fieldName);
  const rows = rowsWith(object, field, value);
  if (rows.length > 1) return choices(call, rows);
  const { id, created = false } = saveOne(call, upsertOperation(call, object, field, value, bodyOf(call)));
  return created || Number(call.version) >= ANSWERS_UPDATES
    ? json({ id, success: true, errors: [], created }, created ? 201 : 200)
    : noContent();
}

function remove(call: RestCall): HttpAnswer {
  const [name, fieldName = '', value = ''] = call.segments;
  const object = writableObject(call, name);
  const rows = rowsWith(object, namingField(object, fieldName), value);
  if (rows.length > 1) return choices(call, rows);
  saveOne(call, deleteOperation(object, onlyOne(rows).id));
  return noContent();
}

function onlyOne([row]: readonly QueryRow[]): QueryRow {
  if (row === undefined) throw notFound();
  return row;
}

/** The answer when several records have the value: the client may choose. */
function choices(call: RestCall, rows: readonly QueryRow[]): HttpAnswer {
  return json(
    rows.map((row) => urlOf(call, row)),
    300,
  );
}
