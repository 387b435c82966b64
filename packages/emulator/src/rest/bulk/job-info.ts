import type { RestCall } from '../rest-call.js';
import { RestProblem } from '../rest-problem.js';
import { datetimeOf } from '../values.js';
import type { BulkJob } from './bulk-job.js';
import { type CsvFormat, DELIMITERS } from './csv.js';

/**
 * The format of a job's table, from a client's request.
 *
 * @throws {@link RestProblem} when it names a format that the service does not know.
 */
export function formatOf({
  columnDelimiter = 'COMMA',
  lineEnding = 'LF',
  contentType = 'CSV',
}: Record<string, unknown>): CsvFormat {
  if (contentType !== 'CSV') throw new RestProblem(400, 'INVALIDJOB', 'contentType is CSV.');
  if (typeof columnDelimiter !== 'string' || !Object.hasOwn(DELIMITERS, columnDelimiter)) {
    throw new RestProblem(400, 'INVALIDJOB', `columnDelimiter is one of ${Object.keys(DELIMITERS).join(', ')}.`);
  }
  if (lineEnding !== 'LF' && lineEnding !== 'CRLF') {
    throw new RestProblem(400, 'INVALIDJOB', 'lineEnding is LF or CRLF.');
  }
  return { columnDelimiter: columnDelimiter as CsvFormat['columnDelimiter'], lineEnding };
}

/** A job as clients see it. */
export function infoOf({ version, sessions }: RestCall, job: BulkJob, jobType: 'V2Ingest' | 'V2Query'): object {
  const { id, operation, object, createdAt, state, columnDelimiter, lineEnding, errorMessage } = job;
  const createdDate = datetimeOf(Math.floor(createdAt / 1000) * 1000);
  return {
    id,
    operation,
    object,
    createdById: sessions.identity.userId,
    createdDate,
    systemModstamp: createdDate,
    state,
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: Number(version),
    jobType,
    lineEnding,
    columnDelimiter,
    numberRecordsProcessed: job.processed,
    ...(jobType === 'V2Ingest' && { numberRecordsFailed: job.failed }),
    retries: 0,
    totalProcessingTime: 0,
    ...(errorMessage !== undefined && { errorMessage }),
  };
}
