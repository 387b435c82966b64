import { fork, type ChildProcess } from 'node:child_process';
import { ReplayId } from '../../src/model/replay-id.js';
import type { PositionKey, StreamPosition } from '../../src/ports/replay-store.js';
import { bundled, localEnvironment } from '../../../../test/support/bundled.js';

/** What a process is to do with a file store. */
export type ReplayTask =
  /** Locks, then saves one count after the other, for ever. */
  | { readonly type: 'save'; readonly directory: string }
  /** Locks, and releases when it gets a message. */
  | { readonly type: 'hold'; readonly directory: string }
  /** Locks, adds one to the count, and releases, `rounds` times; notes in the file `log` when it has the lock. */
  | { readonly type: 'race'; readonly directory: string; readonly rounds: number; readonly log: string };

/** What it tells. */
export type ReplayReport =
  | { readonly type: 'saved'; readonly count: number }
  | { readonly type: 'locked' }
  | { readonly type: 'refused'; readonly code: string; readonly message: string };

/** The position that all of them use. */
export const SHARED_KEY: PositionKey = {
  organizationId: '00D000000000001',
  topic: '/data/AccountChangeEvent',
  name: 'crm-sync',
};

/** A count as a position. */
export function positionOf(count: number): ReplayId {
  return ReplayId.fromBytes(Buffer.from(String(count)));
}

/** The count that a position is; 0 for none. */
export function countOf(position: StreamPosition | undefined): number {
  return position instanceof ReplayId ? Number(Buffer.from(position.toBytes()).toString()) : 0;
}

/** A process of its own that uses a file store. */
export class ReplayProcess {
  readonly reports: ReplayReport[] = [];
  /** Resolves when it has ended, to its exit code; `null` for one that was killed. */
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(task: ReplayTask) {
    this.child = fork(bundled(new URL('replay-process-main.ts', import.meta.url)), [JSON.stringify(task)], {
      execArgv: [],
      env: localEnvironment(),
    });
    this.child.on('message', (report: ReplayReport) => this.reports.push(report));
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves when it has reported this often. Rejects when it ends before. */
  async reported(count: number): Promise<ReplayReport> {
    while (this.reports.length < count) {
      const next = new Promise<void>((resolve) => this.child.once('message', () => resolve()));
      const ended = this.ended.then((code) => Promise.reject(new Error(`It ended with ${code} and reported no more.`)));
      await Promise.race([next, ended]);
    }
    return this.reports[count - 1]!;
  }

  /** Makes a holder release its lock, and end. */
  release(): void {
    this.child.send('release');
  }

  /** Resolves when a signal that ends it has ended it. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Stops it where it is, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }
}
