import type { HttpAnswer } from '../http/route.js';
import type { QueryRow } from '../soql/queryable.js';
import { OrgObject } from './org-object.js';
import { platformEventNamed, publishOperation } from './platform-event-records.js';
import { allColumns, columnsNamed, recordJson } from './record-json.js';
import { bodyOf, json, noContent, type RestCall, type RestRoute, urlOf } from './rest-call.js';
import type { RestObject } from './rest-object.js';
import { notFound, RestProblem } from './rest-problem.js';
import { createOperation, deleteOperation, saveOne, updateOperation } from './save.js';
import { isRecordId } from './values.js';

/** The endpoints of single records. */
export const RECORD_ROUTES: readonly RestRoute[] = [
  ['POST', '/sobjects/*', create],
  ['GET', '/sobjects/*/*', read],
  ['PATCH', '/sobjects/*/*', update],
  ['DELETE', '/sobjects/*/*', remove],
];

/**
 * The object that a path names.
 *
 * @throws {@link RestProblem} when there is none.
 */
export function objectNamed({ objects }: Pick<RestCall, 'objects'>, name = ''): RestObject {
  const object = objects.object(name);
  if (object === undefined) throw notFound();
  return object;
}

/**
 * The object that a path names, whose records are to be changed.
 *
 * @throws {@link RestProblem} when there is none, or clients cannot change it.
 */
export function writableObject(call: Pick<RestCall, 'objects'>, name = ''): OrgObject {
  const object = objectNamed(call, name);
  if (!(object instanceof OrgObject)) {
    const message = `entity type cannot be inserted, updated or deleted: ${object.info.label}`;
    throw new RestProblem(400, 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', message, []);
  }
  return object;
}

function create(call: RestCall): HttpAnswer {
  const { objects, segments } = call;
  const [name = ''] = segments;
  const event = platformEventNamed(call, name);
  if (event !== undefined) return json({ ...publishOperation(call, event, bodyOf(call))(), success: true }, 201);
  const object = writableObject(call, name);
  const operation = createOperation(object, bodyOf(call), (each) => objects.object(each));
  const { id } = saveOne(call, operation);
  return json({ id, success: true, errors: [] }, 201, { location: urlOf(call, { object: object.name, id }) });
}

function read(call: RestCall): HttpAnswer {
  const [name, id = ''] = call.segments;
  const object = objectNamed({ objects: call.replica }, name);
  return readRow(call, object, rowNamed(object, id));
}

/** Answers with a record: the fields that the client asks for, or all. */
export function readRow(call: RestCall, object: RestObject, row: QueryRow): HttpAnswer {
  const fields = call.request.query.get('fields');
  const columns = fields === null ? allColumns(object) : columnsNamed(object, fields.split(','));
  return json(recordJson(call, row, columns));
}

function rowNamed(object: RestObject, id: string): QueryRow {
  if (!isRecordId(id)) throw notFound(`Provided external ID field does not exist or is not accessible: ${id}`);
  const row = object.row(id);
  if (row !== undefined) return row;
  throw object instanceof OrgObject && object.stored(id) !== undefined
    ? new RestProblem(404, 'ENTITY_IS_DELETED', 'entity is deleted', [])
    : notFound();
}

function update(call: RestCall): HttpAnswer {
  const [name, id = ''] = call.segments;
  const object = writableObject(call, name);
  saveOne(
    call,
    updateOperation(object, existingId(object, id), bodyOf(call), (each) => call.objects.object(each)),
  );
  return noContent();
}

function remove(call: RestCall): HttpAnswer {
  const [name, id = ''] = call.segments;
  const object = writableObject(call, name);
  saveOne(call, deleteOperation(object, existingId(object, id)));
  return noContent();
}

/** An id in a path that names nothing is a resource that there is not; in a body, it is a wrong value. */
function existingId(object: OrgObject, id: string): string {
  if (isRecordId(id) && object.isOwn(id) && object.stored(id) === undefined) throw notFound();
  return id;
}
