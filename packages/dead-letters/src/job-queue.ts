import type { DeadLetterQueueError } from '@rxforce/core/model';
import { fileFailure } from './durable-file.js';
import type { LetterDirectory } from './letter-directory.js';
import type { LetterRecord } from './letter-record.js';

/** The records to write, and the answer after they are written. */
export interface Plan<T> {
  readonly records: readonly LetterRecord[];
  readonly answer: T;
}

/** A call to the directory. */
export interface Job<T> {
  /**
   * Does the call where it writes nothing; otherwise decides what to write, from the current index. When it throws, the
   * call rejects with that error.
   */
  readonly plan: () => Plan<T> | Promise<Plan<T>>;
  /**
   * The ids of the letters, where the call writes only about these, whatever is in the index. Then its records can be
   * written together with records about other letters.
   */
  readonly ids?: readonly string[];
  /** About how many bytes it writes. */
  readonly bytes?: number;
}

/** About the most bytes that are written together; a single call may write more. */
const MOST_BYTES = 4 * 1024 * 1024;

interface WaitingJob extends Job<unknown> {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: DeadLetterQueueError) => void;
}

/**
 * Runs the calls to a directory one after the other, in their order. Waiting calls that write about different letters
 * are written together, with one sync of the disk.
 */
export class JobQueue {
  private readonly waiting: WaitingJob[] = [];
  private isWorking = false;

  constructor(private readonly directory: LetterDirectory) {}

  /** Runs a call. Its records are on the disk when this resolves. Rejects with a `DeadLetterQueueError`. */
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
      // Not earlier, so that all calls that wait by now can be done together.
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
