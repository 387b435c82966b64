import type { HttpAnswer } from '../../http/route.js';
import type { SoqlQuery } from '../../soql/ast.js';
import { type Column, namesOf, ownerOf } from '../../soql/columns.js';
import { isGrouped } from '../../soql/groups.js';
import { parseQuery } from '../../soql/parse-query.js';
import type { QueryFindings } from '../../soql/query-plan.js';
import type { QueryRow } from '../../soql/queryable.js';
import { runQuery } from '../../soql/run-query.js';
import { SoqlError } from '../../soql/soql-error.js';
import { bodyOf, json, noContent, type RestCall, type RestRoute } from '../rest-call.js';
import { RestProblem } from '../rest-problem.js';
import { csvAnswer } from './csv-answer.js';
import { csvOf } from './csv.js';
import { formatOf, infoOf } from './job-info.js';
import type { QueryJob } from './query-job.js';

/** The endpoints of jobs that read many records into a table. */
export const QUERY_JOB_ROUTES: readonly RestRoute[] = [
  ['POST', '/jobs/query', create],
  ['GET', '/jobs/query', (call) => json(call.queryJobs.listing((job) => infoOf(call, job, 'V2Query')))],
  ['GET', '/jobs/query/*', (call) => json(infoOf(call, call.queryJobs.named(call), 'V2Query'))],
  ['PATCH', '/jobs/query/*', abort],
  ['DELETE', '/jobs/query/*', remove],
  ['GET', '/jobs/query/*/results', results, 'csv'],
];

/** Most records in one answer. */
const MAX_RECORDS = 250_000;

function create(call: RestCall): HttpAnswer {
  const body = bodyOf(call);
  const { operation, query } = body;
  if ((operation !== 'query' && operation !== 'queryAll') || typeof query !== 'string') {
    throw new RestProblem(400, 'INVALIDJOB', 'A job has a query, and the operation query or queryAll.');
  }
  const format = formatOf(body);
  const found = run(call, query, operation === 'queryAll');
  const job = call.queryJobs.begin((plan) => ({
    ...plan,
    operation,
    ...found,
    state: 'UploadComplete',
    processed: 0,
    failed: 0,
    ...format,
  }));
  return json(infoOf(call, job, 'V2Query'));
}

function run(call: RestCall, text: string, deleted: boolean): Pick<QueryJob, 'object' | 'findings'> {
  try {
    const query = parseQuery(text);
    checkClauses(query);
    const findings = runQuery(query, call.replica, { deleted });
    checkColumns(findings);
    return { object: namesOf(call.replica, query).object.name, findings };
  } catch (error) {
    throw error instanceof SoqlError ? new RestProblem(400, error.errorCode, error.describe(text)) : error;
  }
}

/**
 * Refuses what a job cannot do. ORDER BY and LIMIT are not refused: the service advises against them, because they make
 * jobs slow.
 */
function checkClauses(query: SoqlQuery): void {
  if (query.select.type === 'count' || isGrouped(query)) throw unsupported('Aggregate functions and GROUP BY are');
  if (query.offset > 0) throw unsupported('OFFSET is');
}

function checkColumns({ children, columns }: QueryFindings): void {
  if (children !== undefined) {
    const message = 'Aggregate Relationships not supported in Bulk V2 Query with CSV content type';
    throw new RestProblem(400, 'API_ERROR', message);
  }
  if (columns.some(({ field }) => field.kind === 'compound')) {
    throw new RestProblem(400, 'API_ERROR', 'Selecting compound data not supported in Bulk Query');
  }
}

function unsupported(what: string): RestProblem {
  return new RestProblem(400, 'API_ERROR', `${what} not supported in Bulk Query`);
}

function abort(call: RestCall): HttpAnswer {
  const job = call.queryJobs.named(call);
  if (bodyOf(call).state !== 'Aborted') throw new RestProblem(400, 'INVALIDJOBSTATE', 'state is Aborted.');
  if (job.state !== 'InProgress') throw new RestProblem(400, 'INVALIDJOBSTATE', `A job that is ${job.state} stays so.`);
  job.state = 'Aborted';
  return json(infoOf(call, job, 'V2Query'));
}

function remove(call: RestCall): HttpAnswer {
  const job = call.queryJobs.named(call);
  if (job.state === 'InProgress') {
    throw new RestProblem(400, 'INVALIDJOBSTATE', 'A job that is InProgress is aborted before it is deleted.');
  }
  call.queryJobs.delete(job);
  return noContent();
}

/** A piece of the table; a header has the locator of the next one, or `null` after the last. */
function results(call: RestCall): HttpAnswer {
  const job = call.queryJobs.named(call);
  if (job.state !== 'JobComplete') {
    throw new RestProblem(400, 'INVALIDJOBSTATE', `A job that is ${job.state} has no results.`);
  }
  const { query } = call.request;
  const from = positionOf(query.get('locator'));
  const most = Number(/^\d+$/.exec(query.get('maxRecords') ?? '')?.[0] ?? MAX_RECORDS);
  const to = from + Math.min(MAX_RECORDS, Math.max(1, most));
  const { columns, rows } = job.findings;
  const page = rows.slice(from, to).map((row) => columns.map((column) => cellOf(column, row)));
  return csvAnswer(csvOf(columns.map(nameOf), page, job), {
    'sforce-numberofrecords': String(page.length),
    'sforce-locator': to < rows.length ? locatorOf(to) : 'null',
  });
}

/** A value of the table. Dates with times end with `Z`, where those in JSON have an offset. */
function cellOf(column: Column, row: QueryRow): unknown {
  const value = ownerOf(column, row)?.toJson(column.field);
  return column.field.kind === 'dateTime' && typeof value === 'string' ? value.replace('+0000', 'Z') : value;
}

function nameOf({ relationships, field }: Column): string {
  return [...relationships, field.name].join('.');
}

function locatorOf(position: number): string {
  return Buffer.from(String(position), 'latin1').toString('base64url');
}

/** @throws {@link RestProblem} when the service cannot have given this locator. */
function positionOf(locator: string | null): number {
  if (locator === null || locator === '') return 0;
  const position = Buffer.from(locator, 'base64url').toString('latin1');
  if (!/^[1-9]\d*$/.test(position)) throw new RestProblem(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
  return Number(position);
}
