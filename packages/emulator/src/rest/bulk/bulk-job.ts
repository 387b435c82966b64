import { RecordIds } from '../../model/record-ids.js';
import type { RestCall } from '../rest-call.js';
import { notFound, RestProblem } from '../rest-problem.js';
import { datetimeOf } from '../values.js';
import { type CsvFormat, DELIMITERS } from './csv.js';

/** The first three characters of jobs' ids. */
const KEY_PREFIX = '750';

/** A job: the request of a client, and its progress. */
export interface BulkJob extends CsvFormat {
  readonly id: string;
  readonly operation: string;
  readonly object: string;
  readonly createdDate: string;
  state: 'Open' | 'UploadComplete' | 'JobComplete' | 'Aborted' | 'Failed';
  /** Why the whole job failed. */
  errorMessage?: string;
  processed: number;
  failed: number;
}

/** The jobs of one kind. */
export class BulkJobs<Job extends BulkJob> {
  private readonly ids: RecordIds;
  private readonly jobs = new Map<string, Job>();

  /** @param first - Number of the first one's id: two kinds share a key prefix. */
  constructor(first: number) {
    this.ids = new RecordIds(first);
  }

  /** Adds a job, which `make` creates with its id. */
  open(make: (id: string) => Job): Job {
    const job = make(this.ids.next(KEY_PREFIX));
    this.jobs.set(job.id, job);
    return job;
  }

  /** All jobs, as clients see them. */
  listing(infoOfJob: (job: Job) => object): object {
    return { done: true, nextRecordsUrl: null, records: [...this.jobs.values()].map(infoOfJob) };
  }

  /**
   * The job that a path names.
   *
   * @throws {@link RestProblem} when there is none.
   */
  named({ segments }: Pick<RestCall, 'segments'>): Job {
    const [id = ''] = segments;
    const job = [...this.jobs.values()].find((each) => each.id === id || each.id.slice(0, 15) === id);
    if (job === undefined) throw notFound();
    return job;
  }

  /**
   * Removes a job that has ended.
   *
   * @throws {@link RestProblem} when it has not.
   */
  delete(job: Job): void {
    if (job.state === 'Open' || job.state === 'UploadComplete') {
      throw new RestProblem(400, 'INVALIDJOBSTATE', `A job that is ${job.state} is aborted before it is deleted.`);
    }
    this.jobs.delete(job.id);
  }
}

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

/** When a job is made. */
export function createdNow({ now }: Pick<RestCall, 'now'>): string {
  return datetimeOf(Math.floor(now() / 1000) * 1000);
}

/** A job as clients see it. */
export function infoOf({ version, sessions }: RestCall, job: BulkJob, jobType: 'V2Ingest' | 'V2Query'): object {
  const { id, operation, object, createdDate, state, columnDelimiter, lineEnding, errorMessage } = job;
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
    numberRecordsFailed: job.failed,
    retries: 0,
    totalProcessingTime: 0,
    ...(errorMessage !== undefined && { errorMessage }),
  };
}
