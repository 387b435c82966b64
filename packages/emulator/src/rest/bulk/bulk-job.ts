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
  /** When it was made, in milliseconds since 1970. */
  readonly createdAt: number;
  state: 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Aborted' | 'Failed';
  /** Why the whole job failed. */
  errorMessage?: string;
  processed: number;
  failed: number;
}

/** How long the service keeps a job and its results, in milliseconds. */
const KEPT_MS = 7 * 24 * 3_600_000;

/** The jobs of one kind. */
export class BulkJobs<Job extends BulkJob> {
  private readonly ids: RecordIds;
  private readonly jobs = new Map<string, Job>();

  /**
   * @param first - Number of the first one's id: two kinds share a key prefix.
   * @param now - The time, in milliseconds since 1970.
   */
  constructor(
    first: number,
    protected readonly now: () => number,
  ) {
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
    return { done: true, nextRecordsUrl: null, records: this.kept().map(infoOfJob) };
  }

  /**
   * The job that a path names.
   *
   * @throws {@link RestProblem} when there is none.
   */
  named({ segments }: Pick<RestCall, 'segments'>): Job {
    const [id = ''] = segments;
    const job = this.kept().find((each) => each.id === id || each.id.slice(0, 15) === id);
    if (job === undefined) throw notFound();
    return job;
  }

  /** Removes a job. */
  delete(job: Job): void {
    this.jobs.delete(job.id);
  }

  /** Removes all jobs, and returns how many there were. */
  deleteAll(): number {
    const count = this.kept().length;
    this.jobs.clear();
    return count;
  }

  /** Brings a job's state up to date. Here, requests alone change it. */
  protected refresh(_job: Job): void {}

  private kept(): Job[] {
    const since = this.now() - KEPT_MS;
    for (const job of this.jobs.values()) {
      if (job.createdAt <= since) this.jobs.delete(job.id);
      else this.refresh(job);
    }
    return [...this.jobs.values()];
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
