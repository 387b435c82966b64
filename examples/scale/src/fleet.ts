import { fork, type ChildProcess } from 'node:child_process';
import type { Job, Message } from './messages.js';

/** A reader or a worker, as a process. */
export interface Member {
  readonly name: string;
  readonly process: ChildProcess;
  /** The partitions that it reads. */
  readonly partitions: Set<number>;
  /** How many changes it has written. */
  handled: number;
}

/** The processes that run, and who reads what. */
export class Fleet {
  readonly workers: Member[] = [];
  readonly readers: Member[] = [];
  /** The reader that is active. */
  active: Member | undefined;
  private onChange: () => void = () => undefined;

  /**
   * @param scripts - What a reader and a worker run.
   * @param job - What each of them is started with, but for its name.
   */
  constructor(
    private readonly scripts: { readonly reader: string; readonly worker: string },
    private readonly job: Omit<Job, 'name'>,
  ) {}

  startReader(name: string): void {
    this.readers.push(this.start(name, this.scripts.reader));
  }

  startWorker(name: string): void {
    this.workers.push(this.start(name, this.scripts.worker));
  }

  /** How many changes were written. */
  get handled(): number {
    return this.workers.reduce((sum, { handled }) => sum + handled, 0);
  }

  /** Whether each partition is read by one worker of those that are alive. */
  isComplete(): boolean {
    const live = this.workers.filter(isAlive);
    const read = live.flatMap(({ partitions }) => [...partitions]);
    const each = this.job.partitions / live.length;
    const isBalanced = live.every(({ partitions }) => Math.abs(partitions.size - each) < 1);
    return isBalanced && read.length === this.job.partitions && new Set(read).size === read.length;
  }

  /** Waits until something is so, and looks whenever a process reports something. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => (this.onChange = resolve));
  }

  /** Ends a process, and waits until it is gone. */
  async end({ process: child }: Member, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  /** Drains all that run. */
  async close(): Promise<void> {
    await Promise.all([...this.workers, ...this.readers].filter(isAlive).map((member) => this.end(member, 'SIGTERM')));
  }

  private start(name: string, script: string): Member {
    const member: Member = {
      ...{ name, partitions: new Set<number>(), handled: 0 },
      process: fork(script, [JSON.stringify({ ...this.job, name } satisfies Job)]),
    };
    member.process.on('message', (message: Message) => this.hear(member, message));
    member.process.once('exit', () => {
      member.partitions.clear();
      this.onChange();
    });
    return member;
  }

  private hear(member: Member, message: Message): void {
    if (message.type === 'handled') member.handled++;
    else if (message.partition === undefined) this.active = member;
    else if (message.type === 'acquired') member.partitions.add(message.partition);
    else member.partitions.delete(message.partition);
    this.onChange();
  }
}

/** Whether a process has not ended. */
export function isAlive({ process: { exitCode, signalCode } }: Member): boolean {
  return exitCode === null && signalCode === null;
}
