import { ApiUsage } from './api-usage.js';
import { QueryJobs } from './bulk/query-job.js';
import { QueryCursors } from './query-cursors.js';

/** The settings of the REST API. */
export interface RestSettings {
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** How many requests a day are allowed; 0 for as many as in developer editions, and none is refused. */
  readonly dailyApiRequests: number;
  /** How long a job that reads records takes, in milliseconds. */
  readonly bulkJobMs: number;
}

/** What the REST API keeps between requests. Faults act on it. */
export class RestState {
  readonly usage: ApiUsage;
  readonly cursors: QueryCursors;
  readonly queryJobs: QueryJobs;

  constructor({ now, dailyApiRequests, bulkJobMs }: RestSettings) {
    this.usage = new ApiUsage(now, dailyApiRequests);
    this.cursors = new QueryCursors(now);
    this.queryJobs = new QueryJobs(now, bulkJobMs);
  }
}
