import type { HttpAnswer } from '../http/route.js';
import { namesOf } from '../soql/columns.js';
import { parseQuery } from '../soql/parse-query.js';
import type { QueryDatabase } from '../soql/queryable.js';
import type { QueryFindings, QueryScope } from '../soql/query-plan.js';
import { runQuery } from '../soql/run-query.js';
import { SoqlError } from '../soql/soql-error.js';
import { columnMetadata } from './column-metadata.js';
import { recordJson } from './record-json.js';
import { json, type RestCall, type RestRoute } from './rest-call.js';
import { RestProblem } from './rest-problem.js';

/** The endpoints of queries. */
export const QUERY_ROUTES: readonly RestRoute[] = [
  ['GET', '/query', (call) => query(call, call.replica, { deleted: false })],
  ['GET', '/queryAll', (call) => query(call, call.replica, { deleted: true })],
  ['GET', '/query/*', more],
  ['GET', '/queryAll/*', more],
];

/** Most records in one answer, which clients may lower. */
const MAX_BATCH = 2000;
const MIN_BATCH = 200;

/**
 * Answers a query with its first records.
 *
 * @throws {@link RestProblem} when there is no query, or it cannot be run.
 */
export function query(call: RestCall, database: QueryDatabase, which: QueryScope): HttpAnswer {
  if (call.request.query.has('explain')) return json(explain(call, database));
  return asksForColumns(call)
    ? json(metadataOf(call, database, which))
    : json(batch(call, findingsOf(call, database, which), 0, undefined));
}

/**
 * Runs the query of a request.
 *
 * @throws {@link RestProblem} when there is no query, or it cannot be run.
 */
export function findingsOf(call: RestCall, database: QueryDatabase, which: QueryScope): QueryFindings {
  return explained(call, 'q', (text) => runQuery(parseQuery(text), database, which));
}

/** The plan of a query: here, all records are read. */
function explain(call: RestCall, database: QueryDatabase): object {
  return explained(call, 'explain', (text) => {
    const query = parseQuery(text);
    const { object } = namesOf(database, query);
    const cardinality = runQuery(query, database, { deleted: false }).totalSize;
    const plan = {
      cardinality,
      fields: [],
      leadingOperationType: 'TableScan',
      notes: [],
      relativeCost: 1,
      sobjectCardinality: object.count?.({ deleted: false }) ?? object.rows({ deleted: false }).length,
      sobjectType: object.name,
    };
    return { plans: [plan], sourceQuery: text };
  });
}

/** Whether a client asks for the form of the answer instead of the answer. */
export function asksForColumns({ request }: RestCall): boolean {
  return request.query.get('columns')?.toLowerCase() === 'true';
}

/**
 * The form of the answer to the query of a request.
 *
 * @throws {@link RestProblem} when there is no query, or it cannot be run.
 */
export function metadataOf(call: RestCall, database: QueryDatabase, which: QueryScope): object {
  return explained(call, 'q', (text) => columnMetadata(parseQuery(text), database, which));
}

/** Runs a function with the query of a request. Errors are explained with the query's own text. */
function explained<T>({ request }: RestCall, parameter: 'q' | 'explain', work: (text: string) => T): T {
  const text = request.query.get(parameter);
  if (text === null) {
    throw new RestProblem(400, 'MALFORMED_QUERY', 'SOQL query is required: give it as the parameter q.');
  }
  try {
    return work(text);
  } catch (error) {
    throw error instanceof SoqlError ? new RestProblem(400, error.errorCode, error.describe(text)) : error;
  }
}

function more(call: RestCall): HttpAnswer {
  const [locator = ''] = call.segments;
  const cursor = call.cursors.find(locator);
  if (cursor === undefined) throw new RestProblem(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
  const [id] = locator.split('-');
  return json(batch(call, cursor.findings, cursor.position, id));
}

/** @param cursor - The id of the open cursor; a new one is opened when it is needed. */
function batch(call: RestCall, findings: QueryFindings, from: number, cursor: string | undefined): object {
  const { rows, columns, children, totalSize } = findings;
  const to = from + batchSizeOf(call);
  const records = rows.slice(from, to).map((row) => recordJson(call, row, columns, children));
  if (to >= rows.length) return { totalSize, done: true, records };
  const locator = `${cursor ?? call.cursors.open(findings)}-${to}`;
  return { totalSize, done: false, nextRecordsUrl: `${call.base}/query/${locator}`, records };
}

function batchSizeOf({ request }: RestCall): number {
  const options = String(request.headers['sforce-query-options'] ?? '');
  const wanted = Number(/batchSize\s*=\s*(\d+)/i.exec(options)?.[1] ?? MAX_BATCH);
  return Math.min(MAX_BATCH, Math.max(MIN_BATCH, wanted));
}
