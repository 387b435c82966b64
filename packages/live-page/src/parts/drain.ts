import type { DrainReport } from '@rxforce/core';
import type { SchedulerLike } from 'rxjs';
import type { LiveDrain } from '../state/live-reading.js';
import type { Audit } from './dead-letters.js';

/** Ends the work of a process without loss, such as `() => client.drain()`. */
export type DrainWork = () => Promise<Pick<DrainReport, 'settled' | 'unsettled' | 'uncommitted'>>;

/** The drain of a page: it begins once, and is never taken back. */
export class Drain {
  private now: LiveDrain | null = null;

  /** @param work - How the process is drained; `undefined` where it cannot be. */
  constructor(
    private readonly work: DrainWork | undefined,
    private readonly audit: Audit,
    private readonly scheduler: SchedulerLike,
  ) {}

  /** Whether the process can be drained. */
  get isOffered(): boolean {
    return this.work !== undefined;
  }

  /** How far it is; `null` before it has begun. */
  read(): LiveDrain | null {
    return this.now;
  }

  /** Begins, unless it has begun. How it goes on is in the next readings. */
  begin(): LiveDrain {
    if (this.now !== null) return this.now;
    const startedAt = this.scheduler.now();
    this.now = { ...{ state: 'running', startedAt, endedAt: null }, settled: null, left: null, reason: null };
    this.audit('info', 'a drain was begun: nothing new is read');
    // The answer goes out first: at its end, a process may close the page.
    this.scheduler.schedule(() => {
      this.drain(startedAt).catch((error: unknown) => this.failed(startedAt, error));
    });
    return this.now;
  }

  private async drain(startedAt: number): Promise<void> {
    if (this.work === undefined) throw new Error('Nobody has told the page how the process is drained.');
    const { settled, unsettled, uncommitted } = await this.work();
    const left = unsettled + uncommitted;
    this.now = { state: 'done', startedAt, endedAt: this.scheduler.now(), settled, left, reason: null };
    const end = left === 0 ? 'nothing is left' : `${left} not done or not saved, which come again`;
    this.audit(left === 0 ? 'info' : 'error', `the drain is over: ${settled} settled meanwhile, ${end}`);
  }

  private failed(startedAt: number, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.now = { ...{ state: 'failed', startedAt, endedAt: this.scheduler.now() }, settled: null, left: null, reason };
    this.audit('error', `the drain has failed: ${reason}`);
  }
}
