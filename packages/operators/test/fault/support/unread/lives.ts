import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { seeded, times, type Seeded } from '../../../../../core/test/fault/support/seeded.js';
import { Journal } from './journal.js';
import { KEYS, Ledger } from './ledger.js';
import { PIPELINES } from './pipelines/index.js';
import type { ProcessJob } from './process.js';
import type { Mark } from './things.js';
import { bundledProgram, localEnvironment } from '../../../../../../test/support/bundled.js';

const TOPIC = '/data/AccountChangeEvent';
const SCRIPT = new URL('process.ts', import.meta.url);
const KILLS = times(3);
/** So many are there when a process starts, */
const BACKLOG = 20;
/** and so many come together, when its pipelines are under way. */
const BURST = 30;
/*
 * By the clock of the process, which counts its turns: a slow machine changes nothing.
 */
/** How long pipelines that are under way wait for the others. */
const PATIENCE_MS = 7_000;
/** Longer than the library's 10 s. */
const QUIET_MS = 12_000;

/** Some pipelines, with an org of their own, through the lives of the process that they share. */
export class Lives {
  private readonly ledgers: ReadonlyMap<string, Ledger>;
  private child: ChildProcess | undefined;
  private journal: Journal | undefined;
  private readonly random: Seeded;
  private readonly numbers = new Map<Mark, number>();
  private readonly numberOfId = new Map<string, number>();
  private readonly managedIds = new Map<string, string>();
  private events = 0;
  private life = 0;
  /** How much has passed in this life. */
  private passedMs = 0;

  private constructor(
    private readonly emulator: Emulator,
    private readonly seed: number,
    names: readonly string[],
  ) {
    this.random = seeded(seed);
    this.ledgers = new Map(names.map((name) => [name, new Ledger(name, PIPELINES.get(name)!)]));
    for (const [index, { name, pipeline }] of this.all.entries()) {
      if (pipeline.kept !== 'by the service') continue;
      const settings = { topicName: TOPIC, defaultReplay: 'EARLIEST' } as const;
      this.managedIds.set(name, emulator.managedSubscriptions.create(`Unread_${index}`, settings).id);
    }
  }

  /**
   * Runs pipelines: kills their process at any moment, again and again, and then waits until they have come to an end.
   */
  static async run(names: readonly string[], seed: number): Promise<Map<string, Ended>> {
    const emulator = await startEmulator({ seed, tls: false });
    try {
      const lives = new Lives(emulator, seed, names);
      for (let kill = 0; kill < KILLS; kill++) await lives.runLife(() => lives.killSoon());
      await lives.runLife(() => lives.comeToAnEnd());
      return lives.ended();
    } finally {
      await emulator.stop();
    }
  }

  private async runLife(whatIsWaitedFor: () => Promise<void>): Promise<void> {
    this.life++;
    this.passedMs = 0;
    this.make(BACKLOG);
    this.ledgers.forEach((ledger) => ledger.startLife());
    const child = this.spawn();
    this.journal = new Journal(child.stdout);
    const died = once(child, 'close');
    this.child = child;
    try {
      await this.underWay();
      await whatIsWaitedFor();
    } finally {
      child.kill('SIGKILL');
      await died;
    }
    this.readOn();
    for (const ledger of this.all) ledger.isDurable(await this.positionOf(ledger), this.events);
  }

  /** Waits until all pipelines are under way, or no more of them get there: some may stand still. */
  private async underWay(): Promise<void> {
    let [count, since] = [0, Infinity];
    while (count < this.all.length && this.passedMs - since < PATIENCE_MS) {
      await this.pause(5);
      this.readOn();
      const now = this.all.filter(({ isUnderWay }) => isUnderWay).length;
      if (now > count) [count, since] = [now, this.passedMs];
    }
  }

  /**
   * More events come, and while the pipelines work on them, any moment will do. But for the first life, it is one after
   * 10 s.
   */
  private async killSoon(): Promise<void> {
    if (this.life > 1) await this.trickle(1, 500, QUIET_MS);
    const before = this.readOn();
    this.make(BURST);
    const patience = this.passedMs + PATIENCE_MS;
    while (this.passedMs < patience && this.readOn() < before + this.all.length) await this.pause(5);
    await this.trickle(2, 100, this.random.below(1_500));
  }

  /** Makes so many events every so often. */
  private async trickle(count: number, everyMs: number, forMs: number): Promise<void> {
    for (let [next, end] = [this.passedMs, this.passedMs + forMs]; this.passedMs < end; this.readOn()) {
      if (this.passedMs >= next) {
        next += everyMs;
        this.make(count);
      }
      await this.pause(2);
    }
  }

  private async comeToAnEnd(): Promise<void> {
    this.make(BURST);
    // What stands still is given the time in which the library must say something.
    let [progress, since] = [0, this.passedMs];
    while (this.passedMs - since < QUIET_MS) {
      const now = this.readOn();
      if (now !== progress) [progress, since] = [now, this.passedMs];
      await this.pause(20);
    }
  }

  /** For the process to go on. */
  private async pause(ms: number): Promise<void> {
    await setTimeout(ms);
    const exitCode = this.child?.exitCode ?? null;
    if (exitCode !== null) throw new Error(`The process ended with exit code ${exitCode}.`);
  }

  private get all(): readonly Ledger[] {
    return [...this.ledgers.values()];
  }

  private make(count: number): void {
    for (let made = 0; made < count; made++) {
      const number = ++this.events;
      const fields = { Name: `n${number}`, AnnualRevenue: number, Industry: `k${number % KEYS}` };
      this.numbers.set(this.emulator.org.create('Account', fields), number);
    }
    this.emulator.org.create('Contact', { Name: { LastName: `c${this.events}` } });
  }

  private spawn() {
    const { grpcEndpoint: endpoint, credentials } = this.emulator;
    const { accessToken, instanceUrl, organizationId } = credentials;
    const job: ProcessJob = {
      endpoint,
      session: { accessToken, instanceUrl, organizationId },
      pipelines: Object.fromEntries(this.all.map(({ name }) => [name, this.managedIds.get(name) ?? null])),
      positions: Object.fromEntries(this.all.flatMap(({ name, position }) => (position ? [[name, position]] : []))),
      seed: this.seed + this.life,
      stuckAfter: this.life <= KILLS ? this.events : null,
    };
    const args = [bundledProgram(SCRIPT), JSON.stringify(job)];
    return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: localEnvironment() });
  }

  /** Takes the notes that have come, and says how much has happened so far. */
  private readOn(): number {
    const numberOf = (mark: Mark) => (typeof mark === 'number' ? mark : this.numbers.get(mark));
    for (const what of this.journal?.read() ?? []) {
      if (what.type === 'passed') {
        this.passedMs = what.ms;
        continue;
      }
      const ledger = this.ledgers.get(what.pipeline);
      if (ledger === undefined) throw new Error(`Whose is it? ${JSON.stringify(what)}`);
      ledger.take(what, numberOf);
      // Judged as of the moment when it became durable, and not only where a kill happened to come.
      if (what.type === 'position') ledger.isDurable(this.numberAt(what.position), this.events);
    }
    return this.all.reduce((sum, { progress }) => sum + progress, 0);
  }

  /** The number of the last event that does not come again. */
  private async positionOf({ name, pipeline, position }: Ledger): Promise<number> {
    const { managedSubscriptions } = this.emulator;
    if (pipeline.kept === 'nowhere') return 0;
    const id = this.managedIds.get(name);
    if (id !== undefined) {
      // Commits that were on their way still count.
      while (managedSubscriptions.isTaken(id)) await setTimeout(1);
      return this.numberAt(managedSubscriptions.committed(id));
    }
    return this.numberAt(position);
  }

  /** The number of the event at a position; 0 where there is none, or it is a time. */
  private numberAt(replayId: string | undefined): number {
    const known = this.numberOfId.size;
    const unknown = known < this.events ? this.emulator.log(TOPIC).slice(known) : [];
    unknown.forEach((event, index) => this.numberOfId.set(event.replayId, known + index + 1));
    return this.numberOfId.get(replayId ?? '') ?? 0;
  }

  private ended(): Map<string, Ended> {
    for (const ledger of this.all) if (ledger.pipeline.kept === 'nowhere') ledger.passedOver(this.events);
    return new Map(
      this.all.map((ledger) => {
        const { name, lost, said, stops } = ledger;
        return [
          name,
          { verdict: ledger.verdict(this.events), lost: lost.size, of: this.events, said: [...said], stops },
        ];
      }),
    );
  }
}

/** How a pipeline ended. */
export interface Ended {
  readonly verdict: ReturnType<Ledger['verdict']>;
  readonly lost: number;
  readonly of: number;
  readonly said: readonly string[];
  /** The errors of its lives. */
  readonly stops: readonly string[];
}
