import { spawn, type ChildProcess } from 'node:child_process';
import { bundled } from '../../../../test/support/bundled.js';

/** What a process is to do: redrive the queue of a server until it is empty. */
export interface RedriveTask {
  readonly port: number;
  readonly claimMs: number;
  /** Work on more letters than this never ends; `null` for all that ends. */
  readonly hangsAfter: number | null;
}

/** What it prints, a line each: when work on a letter starts, and when it was removed. */
export type RedriveReport = readonly [event: 'started' | 'removed', id: string];

/** A process of its own that redrives. */
export class RedriveProcess {
  /** Resolves when it has ended and all it has printed was read, to its exit code; `null` for one that was killed. */
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;
  private printed = '';

  constructor(task: RedriveTask) {
    const main = bundled(new URL('redrive-process-main.ts', import.meta.url));
    const args = [main, JSON.stringify(task)];
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.printed += text));
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  /** The ids that it has printed with an event, in that order. */
  idsOf(event: RedriveReport[0]): readonly string[] {
    const lines = this.printed.split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith(`${event} `)).map((line) => line.slice(event.length + 1));
  }

  /** Resolves when it was killed. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
