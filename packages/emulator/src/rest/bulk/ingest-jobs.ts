import type { HttpAnswer } from '../../http/route.js';
import { to18 } from '../../model/record-ids.js';
import { keyOf, namingField, upsertOperation } from '../external-ids.js';
import { onlyOnce } from '../only-once.js';
import type { OrgObject } from '../org-object.js';
import { writableObject } from '../records.js';
import { bodyOf, json, noContent, type RestCall, type RestRoute } from '../rest-call.js';
import { RestProblem, type SaveError } from '../rest-problem.js';
import {
  createOperation,
  deleteOperation,
  type Operation,
  saveAll,
  type SaveResult,
  updateOperation,
} from '../save.js';
import { type BulkJob, BulkJobs } from './bulk-job.js';
import { csvAnswer } from './csv-answer.js';
import { csvOf, type CsvRow, rowsOf } from './csv.js';
import { formatOf, infoOf } from './job-info.js';

/** A job that changes records, with the table of them. */
export interface IngestJob extends BulkJob {
  readonly externalIdFieldName: string | undefined;
  /** The upload, until it is read as {@link rows}; the service accepts one upload for each job. */
  data: string | undefined;
  rows: readonly CsvRow[];
  /** The results of the first rows; of all rows when the job is complete. */
  readonly results: SaveResult[];
}

type Jobs = BulkJobs<IngestJob>;

/**
 * The endpoints of jobs that change many records by a table.
 *
 * @param now - The time, in milliseconds since 1970.
 */
export function ingestRoutes(now: () => number): RestRoute[] {
  const jobs: Jobs = new BulkJobs(1, now);
  return [
    ['POST', '/jobs/ingest', (call) => create(jobs, call)],
    ['GET', '/jobs/ingest', (call) => json(jobs.listing((job) => infoOf(call, job, 'V2Ingest')))],
    ['GET', '/jobs/ingest/*', (call) => answerWith(call, jobs.named(call))],
    ['PUT', '/jobs/ingest/*/batches', (call) => upload(jobs, call)],
    ['PATCH', '/jobs/ingest/*', (call) => changeState(jobs, call)],
    ['DELETE', '/jobs/ingest/*', (call) => remove(jobs, call)],
    ['GET', '/jobs/ingest/*/successfulResults', (call) => successes(jobs, call), 'csv'],
    ['GET', '/jobs/ingest/*/failedResults', (call) => failures(jobs, call), 'csv'],
    ['GET', '/jobs/ingest/*/unprocessedrecords', (call) => unprocessed(jobs, call), 'csv'],
  ];
}

const OPERATIONS = ['insert', 'update', 'upsert', 'delete', 'hardDelete'];
/** Records of one transaction. */
const CHUNK = 200;
/** The text for null: an empty value leaves a field unchanged. */
const NULL = '#N/A';

function create(jobs: Jobs, call: RestCall): HttpAnswer {
  const body = bodyOf(call);
  const { object, operation, externalIdFieldName } = body;
  if (typeof object !== 'string' || typeof operation !== 'string' || !OPERATIONS.includes(operation)) {
    throw new RestProblem(400, 'INVALIDJOB', `A job has an object, and an operation: ${OPERATIONS.join(', ')}.`);
  }
  const { name } = writableObject(call, object);
  if (operation === 'upsert') {
    namingField(writableObject(call, object), typeof externalIdFieldName === 'string' ? externalIdFieldName : '');
  }
  const job = jobs.open((id) => ({
    id,
    operation,
    object: name,
    createdAt: call.now(),
    state: 'Open',
    processed: 0,
    failed: 0,
    ...formatOf(body),
    externalIdFieldName: typeof externalIdFieldName === 'string' ? externalIdFieldName : undefined,
    data: undefined,
    rows: [],
    results: [],
  }));
  return answerWith(call, job);
}

function answerWith(call: RestCall, job: IngestJob): HttpAnswer {
  const { externalIdFieldName } = job;
  return json({
    ...infoOf(call, job, 'V2Ingest'),
    ...(externalIdFieldName !== undefined && { externalIdFieldName }),
    ...(job.state === 'Open' && { contentUrl: `${call.base.slice(1)}/jobs/ingest/${job.id}/batches` }),
  });
}

function upload(jobs: Jobs, call: RestCall): HttpAnswer {
  const job = jobs.named(call);
  const { body, headers } = call.request;
  if (!/csv/i.test(headers['content-type'] ?? '')) {
    throw new RestProblem(415, 'UNSUPPORTED_MEDIA_TYPE', 'The data of a job comes as text/csv.');
  }
  if (job.state !== 'Open' || job.data !== undefined) {
    throw new RestProblem(400, 'INVALIDJOBSTATE', `Found multiple contents for job: ${job.id}, or it is not open.`);
  }
  job.data = body;
  return { type: 'text', status: 201, body: '' };
}

function changeState(jobs: Jobs, call: RestCall): HttpAnswer {
  const job = jobs.named(call);
  const { state } = bodyOf(call);
  if (state !== 'UploadComplete' && state !== 'Aborted') {
    throw new RestProblem(400, 'INVALIDJOBSTATE', 'state is UploadComplete or Aborted.');
  }
  if (job.state !== 'Open') throw new RestProblem(400, 'INVALIDJOBSTATE', `A job that is ${job.state} stays so.`);
  job.state = state;
  const answer = answerWith(call, job);
  if (state === 'UploadComplete') process(call, job);
  return answer;
}

/**
 * Processes a job before the answer. For the client it happens after the answer, which only says that the upload is
 * complete.
 */
function process(call: RestCall, job: IngestJob): void {
  try {
    job.rows = rowsOf(job.data ?? '', job);
    job.data = undefined;
    const object = writableObject(call, job.object);
    for (const chunk of chunks(job.rows)) {
      const once = onlyOnce();
      const makers = chunk.map((row) => () => operationOf(call, job, object, row, once));
      // The changes of a chunk stay and are reported, whatever happens to the next one.
      job.results.push(...saveAll(call, makers, false));
    }
    job.state = 'JobComplete';
  } catch (error) {
    const { errorCode, message } =
      error instanceof RestProblem ? error : { errorCode: 'UNKNOWN_EXCEPTION', message: String(error) };
    job.state = 'Failed';
    job.errorMessage = `${errorCode} : ${message}`;
  }
  job.processed = job.results.length;
  job.failed = job.results.filter(({ success }) => !success).length;
}

function operationOf(
  call: RestCall,
  job: IngestJob,
  object: OrgObject,
  row: CsvRow,
  once: ReturnType<typeof onlyOnce>,
): Operation {
  const lookup = (name: string) => call.objects.object(name);
  const { Id, ...body } = valuesOf(row);
  try {
    switch (job.operation) {
      case 'insert':
        return createOperation(object, Id === undefined ? body : { ...body, Id }, lookup);
      case 'update': {
        const update = updateOperation(object, Id ?? '', body, lookup);
        once(Id ?? '', to18(Id ?? ''));
        return update;
      }
      case 'upsert': {
        const field = namingField(object, job.externalIdFieldName ?? '');
        const { [field.name]: value, ...rest } = { ...body, ...(field.place.type === 'id' && { [field.name]: Id }) };
        const key = keyOf(field, value);
        if (key !== null) once(String(value), String(key));
        return upsertOperation(call, object, field, value, rest);
      }
      default: {
        const remove = deleteOperation(object, Id ?? '');
        once(Id ?? '', to18(Id ?? ''));
        return remove;
      }
    }
  } catch (error) {
    // A row that cannot be read does not affect the others.
    throw error instanceof RestProblem && error.errorCode === 'JSON_PARSER_ERROR'
      ? new RestProblem(400, 'INVALID_TYPE_ON_FIELD_IN_RECORD', error.message, error.fields ?? [])
      : error;
  }
}

/** What a row says: nothing for a field without a value. */
function valuesOf(row: CsvRow): Record<string, string | null> {
  const given = Object.entries(row).flatMap(([name, value]) =>
    value === '' ? [] : ([[name, value === NULL ? null : value]] as const),
  );
  return Object.fromEntries(given.map(([name, value]) => [/^id$/i.test(name) ? 'Id' : name, value]));
}

function chunks<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, index) =>
    all.slice(index * CHUNK, (index + 1) * CHUNK),
  );
}

function remove(jobs: Jobs, call: RestCall): HttpAnswer {
  const job = jobs.named(call);
  if (job.state === 'Open' || job.state === 'UploadComplete') {
    throw new RestProblem(400, 'INVALIDJOBSTATE', `A job that is ${job.state} is aborted before it is deleted.`);
  }
  jobs.delete(job);
  return noContent();
}

function successes(jobs: Jobs, call: RestCall): HttpAnswer {
  const job = jobs.named(call);
  const rows = job.results.flatMap((result, index) => {
    const created = result.success && (job.operation === 'insert' || result.created === true);
    return result.success ? [{ sf__Id: result.id, sf__Created: created, ...job.rows[index] }] : [];
  });
  return csvAnswer(csvOf(['sf__Id', 'sf__Created', ...columnsOf(job)], rows, job));
}

function failures(jobs: Jobs, call: RestCall): HttpAnswer {
  const job = jobs.named(call);
  const rows = job.results.flatMap((result, index) => {
    const row = job.rows[index] ?? {};
    return result.success ? [] : [{ sf__Id: idOf(row), sf__Error: result.errors.map(errorText).join(';'), ...row }];
  });
  return csvAnswer(csvOf(['sf__Id', 'sf__Error', ...columnsOf(job)], rows, job));
}

/** The id in a row, whatever the case of its column. */
function idOf(row: CsvRow): string {
  return Object.entries(row).find(([name]) => /^id$/i.test(name))?.[1] ?? '';
}

function errorText({ statusCode, message, fields }: SaveError): string {
  return `${statusCode}:${message}:${fields.join(' ')}--`;
}

/** The uploaded rows that were not processed, as in a job that was aborted, or that failed before its end. */
function unprocessed(jobs: Jobs, call: RestCall): HttpAnswer {
  const job = jobs.named(call);
  return csvAnswer(
    job.data ?? (job.rows.length === 0 ? '' : csvOf(columnsOf(job), job.rows.slice(job.results.length), job)),
  );
}

function columnsOf({ rows }: IngestJob): string[] {
  return Object.keys(rows[0] ?? {});
}
