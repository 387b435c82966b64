import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ReplicaJob, ReplicaStatus } from './replica-process.js';
import { bundledProgram, localEnvironment } from '../../../../../test/support/bundled.js';

/** A replica, in a process of its own. */
export class Replica {
  private readonly child: ChildProcess;
  private stderr = '';
  private readonly ended: Promise<unknown>;

  /** @param onStatus - Told of each status, with the replica that tells it. */
  constructor(
    readonly job: ReplicaJob,
    onStatus: (status: ReplicaStatus, replica: Replica) => void,
  ) {
    const script = bundledProgram(new URL('replica-process.ts', import.meta.url));
    this.child = spawn(process.execPath, [script, JSON.stringify(job)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: localEnvironment(),
    });
    this.ended = once(this.child, 'close');
    this.child.stderr?.on('data', (text: Buffer) => (this.stderr += text.toString()));
    createInterface(this.child.stdout!).on('line', (line) => {
      onStatus(JSON.parse(line) as ReplicaStatus, this);
    });
  }

  /** Throws the error that has ended the process, if one has. A process that was killed has none. */
  check(): void {
    const { exitCode } = this.child;
    if (exitCode !== null && exitCode !== 0) throw new Error(`Replica ${this.job.name} failed: ${this.stderr}`);
  }

  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void {
    this.child.kill(name);
  }

  /** Ends it, and waits for that. */
  async end(name: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    this.signal('SIGCONT');
    this.signal(name);
    await this.ended;
  }
}
