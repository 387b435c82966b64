import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { Child } from './child.js';
import { entriesTwice } from './entries-twice.js';
import { Sink } from './sink.js';
import type { WorkerJob } from './worker-process.js';
import type { StartedEngine, WorkersEngine } from './workers-engine.js';

/** How many partitions the log has. */
export const PARTITIONS = 8;
const LOG_NAME = 'crm';
const TTL_MS = 1_500;
const WINDOW = 40;
/** How often a condition is looked at, in milliseconds. */
const ASK_INTERVAL_MS = 10;
/**
 * After so long without a new line, nothing is expected any more, in milliseconds: many times what a take-over takes.
 */
const STALLED_MS = 40_000;

/** Readers and workers on an engine, which are killed, stopped and drained, and what they wrote. */
export class WorkerFleet {
  readonly children: Child[] = [];
  readonly sink: Sink;
  /** How often a lease was taken by any of them. */
  private acquired = 0;
  private started = 0;
  private readonly outputFile: string;

  private constructor(
    private readonly script: URL,
    private readonly engine: StartedEngine,
    readonly emulator: Emulator,
    private readonly folder: string,
    private readonly seed: number,
  ) {
    this.outputFile = join(folder, 'written');
    this.sink = new Sink(this.outputFile);
  }

  /** Starts an engine and an org, and no processes yet. */
  static async start({ script, start }: WorkersEngine, seed: number): Promise<WorkerFleet> {
    const engine = await start();
    const emulator = await startEmulator({ seed: 1 });
    return new WorkerFleet(script, engine, emulator, await mkdtemp(join(tmpdir(), 'rxforce-workers-')), seed);
  }

  /** The processes of a role. */
  of(role: WorkerJob['role']): readonly Child[] {
    return this.children.filter(({ job }) => job.role === role);
  }

  start(role: WorkerJob['role']): void {
    const { grpcEndpoint, httpUrl, ca, credentials } = this.emulator;
    const { clientId, clientSecret } = credentials;
    const number = ++this.started;
    const job: WorkerJob = {
      ...{ name: `${role}-${number}`, role, endpoint: grpcEndpoint, ca: ca ?? '', loginUrl: httpUrl },
      ...{ clientId, clientSecret, address: this.engine.address, outputFile: this.outputFile },
      ...{ logName: LOG_NAME, partitions: PARTITIONS, window: WINDOW, ttlMs: TTL_MS, seed: this.seed + number },
    };
    this.children.push(
      new Child(this.script, job, ({ type }) => {
        if (type === 'acquired') this.acquired++;
      }),
    );
  }

  /** Kills a process, and starts another one in its place. */
  async kill(child: Child): Promise<void> {
    await this.crash(child);
    this.start(child.job.role);
  }

  /** Kills a process. */
  async crash(child: Child): Promise<void> {
    await child.end();
    this.forget(child);
  }

  /** Ends a process as a platform does, and starts another one in its place. */
  async drain(child: Child): Promise<void> {
    this.start(child.job.role);
    await this.leave(child);
  }

  /** Ends a process as a platform does. */
  async leave(child: Child): Promise<void> {
    let isOver = false;
    child.signal('SIGTERM');
    void child.ended.then(() => (isOver = true));
    await this.until(() => isOver);
    this.forget(child);
  }

  /** Stops a process until another one has taken a lease, and lets it go on. */
  async stop(child: Child): Promise<void> {
    const before = this.acquired;
    child.signal('SIGSTOP');
    // A member that held nothing is not replaced by anybody.
    const held = [...child.states.values()].some((type) => !['standby', 'lost', 'closed'].includes(type));
    if (held) await this.until(() => this.acquired > before);
    child.signal('SIGCONT');
  }

  /** Stops a process until something was written, and lets it go on: for less than the time of a lease, as a rule. */
  async pause(child: Child): Promise<void> {
    const { length } = this.sink.lines;
    child.signal('SIGSTOP');
    const more = this.sink.missing();
    if (more > 0) await this.until(() => this.sink.missing() === 0 || this.sink.lines.length > length);
    child.signal('SIGCONT');
  }

  /** Whether the engine can be killed, and then has all that it had. */
  get canRestart(): boolean {
    return this.engine.restart !== undefined;
  }

  /** Kills the engine and starts it again. */
  async restart(): Promise<void> {
    await this.engine.restart?.();
  }

  /** Waits until no more than so many changes are missing. */
  async untilWritten(most: number): Promise<void> {
    await this.until(() => this.sink.missing() <= most);
  }

  /** Waits for what processes do, as long as none has failed, and something is written now and then. */
  async until(condition: () => Promise<boolean> | boolean): Promise<void> {
    let written = -1;
    for (let since = performance.now(); ; await setTimeout(ASK_INTERVAL_MS)) {
      this.children.forEach((child) => child.check());
      if (await condition()) return;
      this.sink.missing();
      if (this.sink.lines.length !== written) [written, since] = [this.sink.lines.length, performance.now()];
      if (performance.now() - since > STALLED_MS) throw new Error(await this.report());
    }
  }

  /** The entries of the log that are in a partition twice. */
  async entriesTwice(): Promise<readonly string[]> {
    return entriesTwice(await this.engine.log(LOG_NAME), '/data/AccountChangeEvent', PARTITIONS);
  }

  async end(): Promise<void> {
    await Promise.all(this.children.map((child) => child.end()));
    await this.engine.stop();
    await this.emulator.stop();
    await rm(this.folder, { recursive: true });
  }

  private forget(child: Child): void {
    this.children.splice(this.children.indexOf(child), 1);
  }

  /** Who holds which lease, how far each partition is, and what each process said last. */
  private async report(): Promise<string> {
    return [
      `Nothing was written for ${STALLED_MS} ms, and ${this.sink.missing()} changes are missing.`,
      ...(await this.engine.describe()),
      ...this.children.map((child) => child.describe()),
    ].join('\n');
  }
}
