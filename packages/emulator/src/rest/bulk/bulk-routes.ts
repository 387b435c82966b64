import type { RestRoute } from '../rest-call.js';
import { BulkJobs } from './bulk-job.js';
import { INGEST_ROUTES, type IngestJob } from './ingest-jobs.js';
import { QUERY_JOB_ROUTES, type QueryJob } from './query-jobs.js';

/** The endpoints of the Bulk API 2.0. */
export const BULK_ROUTES: readonly RestRoute[] = [...INGEST_ROUTES, ...QUERY_JOB_ROUTES];

/** The jobs of an org. */
export interface Bulk {
  readonly ingest: BulkJobs<IngestJob>;
  readonly query: BulkJobs<QueryJob>;
}

/** Where the ids of jobs that read begin: those of both kinds look alike. */
const FIRST_QUERY = 1_000_000;

/** No jobs so far. */
export function createBulk(): Bulk {
  return { ingest: new BulkJobs(1), query: new BulkJobs(FIRST_QUERY) };
}
