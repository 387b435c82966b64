import type { HttpAnswer } from '../../http/route.js';
import { type Column, namesOf, ownerOf } from '../../soql/columns.js';
import { parseQuery } from '../../soql/parse-query.js';
import type { QueryFindings } from '../../soql/query-plan.js';
import { runQuery } from '../../soql/run-query.js';
import { SoqlError } from '../../soql/soql-error.js';
import { bodyOf, json, noContent, type RestCall, type RestRoute } from '../rest-call.js';
import { RestProblem } from '../rest-problem.js';
import { type BulkJob, BulkJobs, createdNow, formatOf, infoOf } from './bulk-job.js';
import { csvAnswer } from './csv-answer.js';
import { csvOf } from './csv.js';

/** A job that reads records, with its findings. */
export interface QueryJob extends BulkJob {
  readonly findings: QueryFindings;
}

type Jobs = BulkJobs<QueryJob>;

/** Where the ids of jobs that read begin: those of jobs that change records look alike. */
const FIRST_ID = 1_000_000;

/** The endpoints of jobs that read many records into a table. */
export function queryJobRoutes(): RestRoute[] {
  const jobs: Jobs = new BulkJobs(FIRST_ID);
  return [
    ['POST', '/jobs/query', (call) => create(jobs, call)],
    ['GET', '/jobs/query', (call) => json(jobs.listing((job) => infoOf(call, job, 'V2Query')))],
    ['GET', '/jobs/query/*', (call) => json(infoOf(call, jobs.named(call), 'V2Query'))],
    ['PATCH', '/jobs/query/*', (call) => abort(jobs, call)],
    ['DELETE', '/jobs/query/*', (call) => remove(jobs, call)],
    ['GET', '/jobs/query/*/results', (call) => results(jobs, call), 'csv'],
  ];
}

/** Most records in one answer. */
const MAX_RECORDS = 250_000;

function create(jobs: Jobs, call: RestCall): HttpAnswer {
  const body = bodyOf(call);
  const { operation, query } = body;
  if ((operation !== 'query' && operation !== 'queryAll') || typeof query !== 'string') {
    throw new RestProblem(400, 'INVALIDJOB', 'A job has a query, and the operation query or queryAll.');
  }
  const found = run(call, query, operation === 'queryAll');
  const job = jobs.open((id) => ({
    id,
    operation,
    ...found,
    createdDate: createdNow(call),
    state: 'JobComplete',
    processed: found.findings.totalSize,
    failed: 0,
    ...formatOf(body),
  }));
  return json({ ...infoOf(call, job, 'V2Query'), state: 'UploadComplete', numberRecordsProcessed: 0 });
}

function run(call: RestCall, text: string, deleted: boolean): Pick<QueryJob, 'object' | 'findings'> {
  try {
    const query = parseQuery(text);
    const findings = runQuery(query, call.replica, { deleted });
    if (findings.children !== undefined || findings.columns.length === 0) {
      throw new SoqlError('MALFORMED_QUERY', 'A job has no queries in its query, and no COUNT()');
    }
    return { object: namesOf(call.replica, query).object.name, findings };
  } catch (error) {
    throw error instanceof SoqlError ? new RestProblem(400, error.errorCode, error.describe(text)) : error;
  }
}

function abort(jobs: Jobs, call: RestCall): HttpAnswer {
  const job = jobs.named(call);
  if (bodyOf(call).state !== 'Aborted' || job.state !== 'JobComplete') {
    throw new RestProblem(400, 'INVALIDJOBSTATE', 'A job that goes on can be given the state Aborted.');
  }
  job.state = 'Aborted';
  return json(infoOf(call, job, 'V2Query'));
}

function remove(jobs: Jobs, call: RestCall): HttpAnswer {
  jobs.delete(jobs.named(call));
  return noContent();
}

/** A piece of the table; a header has the locator of the next one, or `null` after the last. */
function results(jobs: Jobs, call: RestCall): HttpAnswer {
  const job = jobs.named(call);
  if (job.state !== 'JobComplete') {
    throw new RestProblem(400, 'INVALIDJOBSTATE', `A job that is ${job.state} has no results.`);
  }
  const { query } = call.request;
  const from = wholeNumber(Buffer.from(query.get('locator') ?? '', 'base64').toString('latin1'), 0);
  const to = from + Math.min(MAX_RECORDS, wholeNumber(query.get('maxRecords') ?? '', MAX_RECORDS));
  const { columns, rows } = job.findings;
  const names = columns.map(nameOf);
  const page = rows
    .slice(from, to)
    .map((row) =>
      Object.fromEntries(
        columns.map((column, index) => [names[index] ?? '', ownerOf(column, row)?.toJson(column.field) ?? '']),
      ),
    );
  return csvAnswer(csvOf(names, page, job), {
    'sforce-numberofrecords': String(page.length),
    'sforce-locator': to < rows.length ? Buffer.from(String(to), 'latin1').toString('base64') : 'null',
  });
}

function nameOf({ relationships, field }: Column): string {
  return [...relationships, field.name].join('.');
}

function wholeNumber(text: string, otherwise: number): number {
  return /^\d+$/.test(text) && Number(text) > 0 ? Number(text) : otherwise;
}
