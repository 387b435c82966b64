import { spawn, type ChildProcess } from 'node:child_process';
import type { DeadLetter } from '../../src/dead-letter-queue.js';
import { bundled } from '../../../../test/support/bundled.js';

/** What a process is to do with a file queue. */
export type LetterTask =
  /**
   * Puts letters for ever, some together, several puts at a time; removes every second one again. The files are small, so
   * that they come and go all the time.
   */
  | { readonly type: 'churn'; readonly directory: string; readonly name: string }
  /** Puts `count` letters, one after the other. */
  | { readonly type: 'put'; readonly directory: string; readonly name: string; readonly count: number }
  /** Takes letters; puts some back the first time, else removes them. Ends when its input has, and no letter is left. */
  | { readonly type: 'redrive'; readonly directory: string };

/** What it prints: one line each. `putting` and `removing` are printed before, the others after the queue has answered. */
export type LetterReport = readonly [event: 'putting' | 'put' | 'removing' | 'removed', id: string];

/** The letter with an id: its content follows from that. */
export function letterWith(id: string, attempts = 1): DeadLetter {
  return {
    id,
    value: { id, commitNumber: BigInt(id.length) ** 70n, at: new Date(id.length), text: id.repeat(20) },
    payload: Buffer.from(id.repeat(20)),
    schemaId: 'schema',
    topic: '/data/LeadChangeEvent',
    replayId: 'AAE=',
    error: { name: 'Error', message: `no ${id}\n`, code: undefined, stack: undefined },
    attempts,
    firstFailedAt: 1,
    lastFailedAt: attempts,
  };
}

/** A process of its own that uses a file queue. */
export class LetterProcess {
  /** Resolves when it has ended and all it has printed was read, to its exit code; `null` for one that was killed. */
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;
  private printed = '';

  constructor(task: LetterTask) {
    const main = bundled(new URL('letter-process-main.ts', import.meta.url));
    const args = [main, JSON.stringify(task)];
    this.child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.printed += text));
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  /** What it has printed. */
  get reports(): readonly LetterReport[] {
    const lines = this.printed.split('\n').slice(0, -1);
    return lines.map((line) => line.split(' ') as unknown as LetterReport);
  }

  /** The ids that it has printed with an event. */
  idsOf(event: LetterReport[0]): ReadonlySet<string> {
    return new Set(this.reports.filter(([printed]) => printed === event).map(([, id]) => id));
  }

  /** Resolves when it has printed this many lines. Rejects when it ends before. */
  async reported(count: number): Promise<void> {
    const ended = this.ended.then((code) => Promise.reject(new Error(`It ended with ${code} and reported no more.`)));
    while (this.reports.length < count) {
      await Promise.race([new Promise((resolve) => this.child.stdout?.once('data', resolve)), ended]);
    }
    ended.catch(() => undefined);
  }

  /** Ends its input. */
  finish(): void {
    this.child.stdin?.end();
  }

  /** Resolves when it was killed. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
