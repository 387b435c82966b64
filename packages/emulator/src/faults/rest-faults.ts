import { type Checks, oneOf, optional, readOptions, text, wholeNumber } from '../model/option-checks.js';
import type { FaultContext } from './fault-context.js';

/** How many requests are left. */
export interface LimitOptions {
  /**
   * How many more requests are answered, up to the limit of a day.
   *
   * @defaultValue 0
   */
  readonly remaining?: number;
}

/** How the next jobs end. */
export interface FailJobsOptions {
  /**
   * `Failed`, or `Aborted` as by an administrator.
   *
   * @defaultValue 'Failed'
   */
  readonly state?: 'Failed' | 'Aborted';
  /**
   * Why a job failed.
   *
   * @defaultValue A text that says that this is a fault on command.
   */
  readonly errorMessage?: string;
  /**
   * How many jobs; at least 1.
   *
   * @defaultValue 1
   */
  readonly times?: number;
}

/** Faults of the REST API. All throw a `ConfigurationError` for options that are not valid. */
export interface RestFaults {
  /**
   * Leaves few requests of the day's limit, as if other programs had made the others within the last hour. When they
   * are used up, requests are refused with 403 REQUEST_LIMIT_EXCEEDED. A day later by the emulator's clock, all are
   * there again.
   */
  limitRequests(options?: LimitOptions): void;
  /**
   * Closes all query cursors: the next request of each `nextRecordsUrl` is refused with INVALID_QUERY_LOCATOR.
   *
   * @returns How many there were.
   */
  expireCursors(): number;
  /** Lets the next Bulk API jobs that read records end without results, after their time (`bulkJobMs`). */
  failJobs(options?: FailJobsOptions): void;
  /**
   * Removes all Bulk API jobs that read records, with their results, as after seven days.
   *
   * @returns How many there were.
   */
  expireJobs(): number;
}

const FAIL_OPTIONS: Checks<FailJobsOptions> = {
  state: optional(oneOf(['Failed', 'Aborted'])),
  errorMessage: optional(text),
  times: optional(wholeNumber(1)),
};

/** Makes the faults of the REST API. */
export function restFaults({ rest: { usage, cursors, queryJobs } }: FaultContext): RestFaults {
  const limitOptions: Checks<LimitOptions> = { remaining: optional(wholeNumber(0, usage.most)) };
  return {
    limitRequests: (options = {}) => {
      const { remaining = 0 } = readOptions('limitRequests', options, limitOptions);
      usage.leave(remaining);
    },
    expireCursors: () => cursors.closeAll(),
    failJobs: (options = {}) => {
      const {
        state = 'Failed',
        errorMessage = 'A fault on command.',
        times = 1,
      } = readOptions('failJobs', options, FAIL_OPTIONS);
      queryJobs.fates.plan(state === 'Failed' ? { state, errorMessage } : { state }, undefined, times);
    },
    expireJobs: () => queryJobs.deleteAll(),
  };
}
