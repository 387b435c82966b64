import { Err, Ok, type DeadLetterQueueError, type Result } from '@rxforce/core/model';
import { fileFailure } from './durable-file.js';
import type { LetterDirectory } from './letter-directory.js';
import type { LetterRecord } from './letter-record.js';

/** What a call answers. */
export type Answer<T> = Result<T, DeadLetterQueueError>;

/** What to write, and what to answer once it is written. */
export interface Plan<T> {
  readonly records: readonly LetterRecord[];
  readonly answer: T;
}

/** A call. */
export interface Job<T> {
  /** Does it, where it writes nothing; else decides what to write. By what is in the index now. */
  readonly plan: () => Answer<Plan<T>> | Promise<Answer<Plan<T>>>;
  /**
   * Where what it writes is about these letters only, whatever is in the index: then it can be written together with what is
   * about others.
   */
  readonly ids?: readonly string[];
  /** About how much it writes. */
  readonly bytes?: number;
}

/** About the most that is written together; a single call may write more. */
const MOST_BYTES = 4 * 1024 * 1024;

interface WaitingJob extends Job<unknown> {
  readonly settle: (answer: Answer<unknown>) => void;
}

/**
 * Does the calls to a directory one after the other, in their order. Those that wait and write about different letters are
 * written together: that takes one sync of the disk.
 */
export class JobQueue {
  private readonly waiting: WaitingJob[] = [];
  private isWorking = false;

  constructor(private readonly directory: LetterDirectory) {}

  /** What it writes is on the disk when this resolves. Does not reject. */
  do<T>(job: Job<T>): Promise<Answer<T>> {
    return new Promise((resolve) => {
      this.waiting.push({ ...job, settle: (answer) => resolve(answer as Answer<T>) });
      if (!this.isWorking) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.isWorking = true;
    while (this.waiting.length > 0) {
      const refreshed = await this.attempt(() => this.directory.refresh());
      // Not earlier: what waits by now can be done together.
      const jobs = this.waiting.splice(0, countTogether(this.waiting));
      const done = refreshed.ok ? await this.attempt(() => this.doTogether(jobs)) : refreshed;
      if (done.err) jobs.forEach(({ settle }) => settle(done));
    }
    this.isWorking = false;
  }

  private async doTogether(jobs: readonly WaitingJob[]): Promise<void> {
    const plans = await Promise.all(jobs.map(async ({ plan, settle }) => ({ plan: await plan(), settle })));
    const records = plans.flatMap(({ plan }) => (plan.ok ? plan.val.records : []));
    if (records.length > 0) {
      if (!(await this.directory.append(records))) {
        await this.directory.refresh();
        return this.doTogether(jobs);
      }
      await this.directory.tidy();
    }
    plans.forEach(({ plan, settle }) => settle(plan.ok ? Ok(plan.val.answer) : plan));
  }

  private async attempt<T>(work: () => Promise<T>): Promise<Answer<T>> {
    try {
      return Ok(await work());
    } catch (error) {
      return Err(fileFailure('Keeping dead letters', this.directory.path, error));
    }
  }
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
