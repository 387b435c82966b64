import { ConfigurationError } from '@rxforce/core/model';
import type { HttpAnswer } from '../../http/route.js';
import { to18 } from '../../model/record-ids.js';
import type { QueryDatabase } from '../../soql/queryable.js';
import { describeGlobal, describeObject } from '../describe.js';
import { asObject } from '../json-object.js';
import { asksForColumns, findingsOf, metadataOf } from '../queries.js';
import { allColumns, recordJson } from '../record-json.js';
import { bodyOf, json, noContent, type RestCall, type RestRoute, urlOf } from '../rest-call.js';
import { notFound, RestProblem } from '../rest-problem.js';
import { ONE_AT_A_TIME, type ToolingInput, type ToolingObject } from './tooling-object.js';

/** The endpoints of the Tooling API. */
export const TOOLING_ROUTES: readonly RestRoute[] = [
  ['GET', '/tooling', ({ base }) => json({ query: `${base}/tooling/query`, sobjects: `${base}/tooling/sobjects` })],
  ['GET', '/tooling/query', (call) => query(toolingCall(call))],
  ['GET', '/tooling/sobjects', (call) => describeGlobal(toolingCall(call), call.tooling.list())],
  ['GET', '/tooling/sobjects/*/describe', (call) => json(describeObject(toolingCall(call), objectOf(call)))],
  ['POST', '/tooling/sobjects/*', (call) => create(toolingCall(call))],
  ['GET', '/tooling/sobjects/*/*', (call) => read(toolingCall(call))],
  ['PATCH', '/tooling/sobjects/*/*', update],
  ['DELETE', '/tooling/sobjects/*/*', remove],
];

/** Its paths begin with those of the version. */
function toolingCall(call: RestCall): RestCall {
  return { ...call, base: `${call.base}/tooling` };
}

function objectOf({ tooling, segments }: RestCall): ToolingObject {
  const object = tooling.object(segments[0] ?? '');
  if (object === undefined) throw notFound();
  return object;
}

/** The objects that describe the org can be queried here, too. */
function toolingDatabase({ tooling, objects }: RestCall): QueryDatabase {
  const factNamed = (name: string) => objects.facts.find((fact) => fact.name.toLowerCase() === name.toLowerCase());
  return { now: tooling.now, object: (name) => tooling.object(name) ?? factNamed(name) };
}

function query(call: RestCall): HttpAnswer {
  const database = toolingDatabase(call);
  if (asksForColumns(call)) return json(metadataOf(call, database, { deleted: false }));
  const { rows, columns, children, totalSize } = findingsOf(call, database, { deleted: false });
  const restricted: readonly string[] = ONE_AT_A_TIME;
  if (rows.length > 1 && columns.some(({ field }) => restricted.includes(field.name))) {
    const message =
      'When retrieving results with Metadata or FullName fields, the query qualifications must specify no more than ' +
      `one row for retrieval. Result size: ${rows.length}`;
    throw new RestProblem(400, 'MALFORMED_QUERY', message);
  }
  return json({
    size: totalSize,
    totalSize,
    done: true,
    queryLocator: null,
    entityTypeName: rows[0]?.object ?? null,
    records: rows.map((row) => recordJson(call, row, columns, children)),
  });
}

function create(call: RestCall): HttpAnswer {
  const object = objectOf(call);
  const id = checked(() => object.create(inputOf(call)));
  const answer = { id, success: true, errors: [], warnings: [], infos: [] };
  return json(answer, 201, { location: urlOf(call, { object: object.name, id }) });
}

function inputOf(call: RestCall): ToolingInput {
  const { FullName, Metadata } = bodyOf(call);
  if (FullName !== undefined && typeof FullName !== 'string') {
    throw new RestProblem(400, 'JSON_PARSER_ERROR', 'FullName is a text.');
  }
  if (Metadata === undefined) {
    throw new RestProblem(400, 'REQUIRED_FIELD_MISSING', 'Required fields are missing: [Metadata]', ['Metadata']);
  }
  return { Metadata: asObject(Metadata), ...(FullName !== undefined && { FullName }) };
}

function read(call: RestCall): HttpAnswer {
  const object = objectOf(call);
  const row = object.row(call.segments[1] ?? '');
  if (row === undefined) throw notFound();
  return json(recordJson(call, row, allColumns(object)));
}

function update(call: RestCall): HttpAnswer {
  const object = objectOf(call);
  const id = existingId(call, object);
  const { Metadata } = inputOf(call);
  checked(() => object.update(id, Metadata));
  return noContent();
}

function remove(call: RestCall): HttpAnswer {
  const object = objectOf(call);
  const id = existingId(call, object);
  checked(() => object.delete(id));
  return noContent();
}

function existingId({ segments }: RestCall, object: ToolingObject): string {
  const id = to18(segments[1] ?? '');
  if (object.row(id) === undefined) throw notFound();
  return id;
}

/** Reports what the org refuses as an error of the client. */
function checked<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ConfigurationError
      ? new RestProblem(400, 'FIELD_INTEGRITY_EXCEPTION', error.message, [])
      : error;
  }
}
