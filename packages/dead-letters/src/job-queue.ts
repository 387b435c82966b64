import type { DeadLetterQueueError } from '@rxforce/core/model';
import { fileFailure } from './durable-file.js';
import type { LetterDirectory } from './letter-directory.js';
import type { LetterRecord } from './letter-record.js';

/** What to write, and what to answer once it is written. */
export interface Plan<T> {
  readonly records: readonly LetterRecord[];
  readonly answer: T;
}

/** A call. */
export interface Job<T> {
  /**
   * Does it, where it writes nothing; else decides what to write. By what is in the index now. What it throws, the call
   * rejects with.
   */
  readonly plan: () => Plan<T> | Promise<Plan<T>>;
  /**
   * Where what it writes is about these letters only, whatever is in the index: then it can be written together with
   * what is about others.
   */
  readonly ids?: readonly string[];
  /** About how much it writes. */
  readonly bytes?: number;
}

/** About the most that is written together; a single call may write more. */
const MOST_BYTES = 4 * 1024 * 1024;

interface WaitingJob extends Job<unknown> {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: DeadLetterQueueError) => void;
}

/**
 * Does the calls to a directory one after the other, in their order. Those that wait and write about different letters
 * are written together: that takes one sync of the disk.
 */
export class JobQueue {
  private readonly waiting: WaitingJob[] = [];
  private isWorking = false;

  constructor(private readonly directory: LetterDirectory) {}

  /** What it writes is on the disk when this resolves. Rejects with a `DeadLetterQueueError`. */
  do<T>(job: Job<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...job, resolve: (answer) => resolve(answer as T), reject });
      if (!this.isWorking) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.isWorking = true;
    while (this.waiting.length > 0) {
      const refreshed = await Promise.allSettled([this.directory.refresh()]);
      // Not earlier: what waits by now can be done together.
      const jobs = this.waiting.splice(0, countTogether(this.waiting));
      try {
        refreshed.forEach(orThrow);
        await this.doTogether(jobs);
      } catch (error) {
        jobs.forEach(({ reject }) => reject(this.failure(error)));
      }
    }
    this.isWorking = false;
  }

  private async doTogether(jobs: readonly WaitingJob[]): Promise<void> {
    const plans = await Promise.allSettled(jobs.map(async ({ plan }) => plan()));
    const records = plans.flatMap((each) => (each.status === 'fulfilled' ? each.value.records : []));
    if (records.length > 0) {
      if (!(await this.directory.append(records))) {
        await this.directory.refresh();
        return this.doTogether(jobs);
      }
      await this.directory.tidy();
    }
    jobs.forEach(({ resolve, reject }, index) => {
      const plan = plans[index];
      if (plan?.status === 'fulfilled') resolve(plan.value.answer);
      else reject(this.failure(plan?.reason));
    });
  }

  private failure(error: unknown): DeadLetterQueueError {
    return fileFailure('Keeping dead letters', this.directory.path, error);
  }
}

function orThrow(settled: PromiseSettledResult<unknown>): void {
  if (settled.status === 'rejected') throw settled.reason;
}

/** How many of the first jobs can be done together: at least one. */
function countTogether(jobs: readonly Job<unknown>[]): number {
  const seen = new Set<string>();
  let total = 0;
  for (const [index, { ids, bytes = 0 }] of jobs.entries()) {
    total += bytes;
    if (index > 0 && (!ids || total > MOST_BYTES || ids.some((id) => seen.has(id)))) return index;
    if (!ids) return 1;
    ids.forEach((id) => seen.add(id));
  }
  return jobs.length;
}
