import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { bundledProgram, localEnvironment } from '../bundled.js';
import type { WorkerJob, WorkerStatus } from './worker-process.js';

/** How many statuses of a process are remembered. */
const MOST_STATUSES = 40;

/** The partitions that a worker asks for. */
export interface Assigned {
  /** How many members it knows. */
  readonly members: number;
  readonly partitions: readonly number[];
}

/** A reader or a worker, in a process of its own. */
export class Child {
  /** What it said last. */
  readonly statuses: WorkerStatus[] = [];
  /** What it said last of each topic or partition. */
  readonly states = new Map<string, string>();
  /** What a worker was assigned last. */
  assigned: Assigned | undefined;
  isStopped = false;
  private readonly child: ChildProcess;
  private stderr = '';
  readonly ended: Promise<unknown>;

  /** @param script - Of the engine. */
  constructor(
    script: URL,
    readonly job: WorkerJob,
    onStatus: (status: WorkerStatus, child: Child) => void,
  ) {
    this.child = spawn(process.execPath, [bundledProgram(script), JSON.stringify(job)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: localEnvironment(),
    });
    this.ended = once(this.child, 'close');
    this.child.stderr?.on('data', (text: Buffer) => (this.stderr += text.toString()));
    createInterface(this.child.stdout!).on('line', (line) => {
      const status = JSON.parse(line) as WorkerStatus;
      this.statuses.push(status);
      if (this.statuses.length > MOST_STATUSES) this.statuses.shift();
      if (status.topic !== '') this.states.set(status.topic, status.type);
      if (status.type === 'assigned') this.assigned = JSON.parse(status.text) as Assigned;
      onStatus(status, this);
    });
  }

  /** Throws the error that has ended the process, if one has. A process that was killed has none. */
  check(): void {
    const { exitCode } = this.child;
    if (exitCode !== null && exitCode !== 0) throw new Error(`${this.job.name} failed: ${this.stderr}`);
  }

  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void {
    this.isStopped = name === 'SIGSTOP';
    this.child.kill(name);
  }

  /** Kills it, and waits for that. */
  async end(): Promise<void> {
    this.signal('SIGCONT');
    this.signal('SIGKILL');
    await this.ended;
  }

  /** What is known of it, for a report. */
  describe(): string {
    const states = [...this.states].map(([topic, type]) => `${topic.replace(/.*#/, '#')} ${type}`).join(', ');
    const last = this.statuses.slice(-8).map(({ type, topic, text }) => `      ${type} ${topic} ${text}`);
    const { members = 0, partitions = [] } = this.assigned ?? {};
    const share = `, assigned ${partitions.join(' ')} as one of ${members}`;
    const name = `${this.job.name}${this.isStopped ? ' (stopped)' : ''}`;
    return [`  ${name}: ${states}${this.job.role === 'worker' ? share : ''}`, ...last].join('\n');
  }
}
