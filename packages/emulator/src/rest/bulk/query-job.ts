import { Planned } from '../../model/planned.js';
import type { QueryFindings } from '../../soql/query-plan.js';
import { type BulkJob, BulkJobs } from './bulk-job.js';

/** How a job ends. */
export type JobFate =
  { readonly state: 'JobComplete' | 'Aborted' } | { readonly state: 'Failed'; readonly errorMessage: string };

/** A job that reads records, with its findings: the records as they were when the job was made. */
export interface QueryJob extends BulkJob {
  readonly findings: QueryFindings;
  readonly fate: JobFate;
  /** When it ends, in milliseconds since 1970. */
  readonly endsAt: number;
}

/** The parts of a job that its request does not say. */
export type JobPlan = Pick<QueryJob, 'id' | 'createdAt' | 'endsAt' | 'fate'>;

/** Where the ids of jobs that read begin: those of jobs that change records look alike. */
const FIRST_ID = 1_000_000;

/** The jobs that read records. Their states follow the clock. */
export class QueryJobs extends BulkJobs<QueryJob> {
  /** How the next jobs end. */
  readonly fates = new Planned<undefined, JobFate>();

  /**
   * @param now - The time, in milliseconds since 1970.
   * @param jobMs - How long a job takes, in milliseconds.
   */
  constructor(
    now: () => number,
    private readonly jobMs: number,
  ) {
    super(FIRST_ID, now);
  }

  /** Adds a job, which `make` creates; its time begins now. */
  begin(make: (plan: JobPlan) => QueryJob): QueryJob {
    const createdAt = this.now();
    const fate: JobFate = this.fates.take(() => true) ?? { state: 'JobComplete' };
    return this.open((id) => make({ id, createdAt, endsAt: createdAt + this.jobMs, fate }));
  }

  protected override refresh(job: QueryJob): QueryJob {
    if (job.state !== 'UploadComplete' && job.state !== 'InProgress') return job;
    job.state = this.now() < job.endsAt ? 'InProgress' : job.fate.state;
    if (job.state === 'JobComplete') job.processed = job.findings.totalSize;
    if (job.state === 'Failed' && job.fate.state === 'Failed') job.errorMessage = job.fate.errorMessage;
    return job;
  }
}
