import { RecordIds } from '../../model/record-ids.js';
import { notFound } from '../rest-problem.js';
import type { CsvFormat } from './csv.js';

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
  named({ segments }: { readonly segments: readonly string[] }): Job {
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

  /** Brings a job's state up to date, and returns it. Here, requests alone change the state. */
  protected refresh(job: Job): Job {
    return job;
  }

  private kept(): Job[] {
    const since = this.now() - KEPT_MS;
    for (const job of this.jobs.values()) {
      if (job.createdAt <= since) this.jobs.delete(job.id);
      else this.refresh(job);
    }
    return [...this.jobs.values()];
  }
}
