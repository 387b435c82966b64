import { defer, EmptyError, repeat, retry, Subscription, tap, timer, type Observable } from 'rxjs';
// eslint-disable-next-line rxjs-x/no-internal -- the only door to the timers in which RxJS throws what nobody catches
import { timeoutProvider } from 'rxjs/internal/scheduler/timeoutProvider';
import { RxforceError, type ReplayId } from '@rxforce/core/model';
import type { SubscribeOptions } from '../../../../core/src/subscribe/options.js';
import type { Status } from '../../../../core/src/ports/status.js';
import { EventLog, indexOf, type Thing } from './event-log.js';
import { FlakyStore, type Disk } from './flaky-store.js';
import type { Life } from './life.js';
import type { LogStream } from './log-service.js';
import { Oracle } from './oracle.js';
import { Process } from './process.js';
import type { LifeSpec, Scenario, ServiceAction } from './scenario.js';
import { pipelineOf } from './stages/pipeline-of.js';
import { InjectedError, type Stage } from './stages/stage.js';
import { StepScheduler, type ProcessScheduler } from './step-scheduler.js';
import { PLAIN_KEEPERS } from './plain-keepers.js';
import type { StageSpec } from './stage-spec.js';

/** Virtual time within which all must be done once nothing fails any more, in milliseconds. */
const PATIENCE_MS = 1_000_000;
/** Steps within which a scenario must be over. */
const MOST_STEPS = 20_000;
/** How long a drain may take, in milliseconds. */
const DRAIN_MS = 500;
/** How long after the last of the script nothing fails any more, in milliseconds. */
const CALM_AFTER_MS = 200;

/** Ends a pipeline with a plain operator before it: for everything that comes out somebody works. */
const LAST_WORK: StageSpec = {
  op: 'handle',
  concurrency: 1,
  work: [{ how: 'timer', delayMs: 2, fails: false, results: 1 }],
};

/** How long nobody is subscribed after what the scenario tells, in milliseconds: a store may fail for long. */
const PAUSE_MS = 50;

const PLAIN_LIFE: LifeSpec = { pauseMs: PAUSE_MS, ending: 'none', at: 0, around: 'nothing', faulty: false };

/** Plays a scenario in virtual time: processes that come and go, what happens to the service, and in the end calm. */
export class World {
  /** What happened, for people; kept where it was asked for. */
  readonly trace: string[] = [];
  private violation: string | undefined;
  private readonly clock = new StepScheduler();
  private readonly log: EventLog;
  private readonly disk: Disk = { position: undefined, lockedBy: undefined };
  private readonly settle: 'on-hold' | 'on-return';
  private readonly pipeline: Stage;
  private readonly oracle: Oracle;
  private readonly random: () => number;
  private process: Process;
  /** When nothing failed any more. */
  private calmAt: number | undefined;
  private livesBegun = 0;
  /** The subscription made last, and its number: what still happens because of others is ignored. */
  private subscription = Subscription.EMPTY;
  private turn = 0;
  private asideFails: boolean;
  private connecting: Life | undefined;

  constructor(
    private readonly given: Scenario,
    private readonly tracing = false,
    /** Which plain operator that keeps events stands before the pipeline, until all is calm. */
    private readonly keeper?: string,
  ) {
    const broken = (rule: string) => this.broken(rule);
    this.random = mulberry(given.random);
    this.log = new EventLog(given.events, 0);
    this.publish(given.published);
    this.asideFails = given.aside.fails;
    const scheduler = () => this.process.scheduler;
    const stages = this.keeper === undefined ? given.pipeline : [...given.pipeline, LAST_WORK];
    // What is done in the last subscriber alone cannot be seen from here.
    this.settle = stages.some(({ op }) => op === 'handle' || op === 'aside') ? 'on-hold' : 'on-return';
    this.pipeline = pipelineOf(stages, { log: this.log, scheduler, isCalm: () => this.isCalm, broken });
    const from = this.from();
    const begin = from === 'latest' ? undefined : from === 'earliest' ? 0 : this.log.indexAfter(from);
    this.oracle = new Oracle(this.log, this.pipeline, begin, broken);
    this.process = this.newProcess();
  }

  /** Plays it to its end, and tells what went wrong first, if anything did. */
  async play(): Promise<string | undefined> {
    const { delegate } = timeoutProvider;
    timeoutProvider.delegate = {
      setTimeout: (work: () => void) => this.process.scheduler.schedule(() => this.uncaught(work)) as never,
      clearTimeout: (timeout: unknown) => (timeout as Subscription).unsubscribe(),
    };
    try {
      this.schedule(() => this.beginLife(), 0);
      this.playScript();
      await this.runUntil(() => this.isFinished());
      if (this.violation === undefined) await this.leaveNothing();
    } finally {
      timeoutProvider.delegate = delegate;
      this.process.scheduler.dead = true;
    }
    return this.violation;
  }

  private get isCalm(): boolean {
    return this.calmAt !== undefined;
  }

  private async runUntil(done: () => boolean): Promise<void> {
    const takesPromises = /"promise"|"drain"|"saves"|"op":"aside"/.test(JSON.stringify(this.given));
    for (let steps = 0; this.violation === undefined && !done(); steps++) {
      const isLate = this.clock.now() > (this.calmAt ?? Infinity) + PATIENCE_MS;
      if (steps > MOST_STEPS || isLate || !this.clock.step()) {
        this.broken(`Stalled. ${this.whatIsMissing()}`);
        return;
      }
      if (takesPromises) await new Promise(setImmediate);
      this.check();
    }
  }

  private isFinished(): boolean {
    if (!this.isCalm || this.subscription.closed) return false;
    const { length } = this.log;
    if (this.given.store && this.oracle.durableTo !== length) return false;
    return this.standsBefore() === length && this.oracle.missing().length === 0;
  }

  /** After the end: no timer, stream or lock may stay behind. */
  private async leaveNothing(): Promise<void> {
    this.turn++;
    this.subscription.unsubscribe();
    if (this.process.service.streams.some((stream) => !stream.cancelled)) this.broken('A stream was left open.');
    await this.runUntil(() => this.clock.waiting === 0);
    if (this.disk.lockedBy) this.broken('The lock was not released.');
  }

  private note(make: () => string): void {
    if (this.tracing) this.trace.push(`${this.clock.now()} ${make()}`);
  }

  private broken(rule: string): void {
    this.note(() => `VIOLATION ${rule}`);
    this.violation ??= `At ${this.clock.now()} ms: ${rule}`;
  }

  private schedule(work: () => void, delayMs: number): void {
    this.clock.schedule(work, delayMs);
  }

  // The service

  private playScript(): void {
    let at = 0;
    for (const { waitMs, action } of this.given.script) {
      at += waitMs;
      this.schedule(() => this.act(action), at);
    }
    this.schedule(() => this.calmDown(), at + CALM_AFTER_MS);
  }

  private act(action: ServiceAction): void {
    this.note(() => `service: ${JSON.stringify(action)}`);
    const { service, lives } = this.process;
    const { stream } = service;
    switch (action.do) {
      case 'publish':
        this.publish(action.count);
        service.serve();
        return;
      case 'respond':
        stream?.send(action.count);
        return;
      case 'end':
        stream?.end(action.failure);
        return;
      case 'sendAgain':
        // Of what the same subscription was given: one that comes from before would be another event to it.
        stream?.sendAgain(action.count, lives.at(-1)?.start ?? stream.cursor);
        return;
      case 'keepalive':
        stream?.keepalive();
        return;
      case 'goSilent':
        stream?.goSilent();
    }
  }

  private publish(count: number): void {
    const { log } = this;
    const end = Math.min(log.published + count, log.length);
    log.published = end === 0 ? 0 : log.endOfGroup(end - 1);
  }

  private calmDown(): void {
    this.note(() => 'calm');
    this.calmAt = this.clock.now();
    this.publish(this.log.length);
    this.process.service.calm();
  }

  // Processes

  private newProcess(): Process {
    const { clock, log, random } = this;
    this.disk.lockedBy = undefined;
    const process = new Process({
      clock,
      log,
      random,
      service: this.given.service,
      options: (scheduler) => this.options(scheduler),
      listener: {
        opened: (stream, startsAt) => this.opened(stream, startsAt),
        broken: (rule) => this.broken(rule),
        told: (status, life) => this.told(status, life),
        warned: (message) => this.note(() => `warning: ${message}`),
      },
    });
    if (this.isCalm) process.service.calm();
    return process;
  }

  private options(scheduler: ProcessScheduler): SubscribeOptions {
    const { window, refill, store, maxAttempts } = this.given;
    const own = store && {
      commitIntervalMs: store.commitIntervalMs,
      store: new FlakyStore(this.disk, store.saves, scheduler, {
        saving: (position) => this.oracle.saving(position),
        saved: (position) => this.oracle.saved(position),
        broken: (rule) => this.broken(rule),
        isCalm: () => this.isCalm,
      }),
    };
    return {
      window,
      ...(refill !== undefined && { refillAt: Math.max(1, Math.round(refill * window)) }),
      ...(maxAttempts !== undefined && { maxAttempts }),
      replay: { from: this.from(), ...own },
      settle: this.settle,
      silenceTimeoutMs: 2_000,
      onUndecodable: ({ id }) => this.putAside(Number(id), scheduler),
    };
  }

  private from(): 'earliest' | 'latest' | ReplayId | Date {
    const { type, index } = this.given.from;
    const at = Math.min(index, this.log.length - 1);
    switch (type) {
      case 'position':
        return this.log.positionBefore(at);
      case 'date':
        return new Date(this.log.times[at]!);
      case 'earliest':
      case 'latest':
        return type;
    }
  }

  private crash(): void {
    this.note(() => 'crash');
    this.process.scheduler.dead = true;
    this.process = this.newProcess();
    this.turn++;
    this.schedule(() => this.beginLife(), this.pauseMs());
  }

  /** What RxJS throws from a timer, because nobody catches it, ends the process. */
  private uncaught(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof InjectedError)) this.broken(`Thrown, and not caught: ${String(error)}`);
      this.crash();
    }
  }

  private drain(): void {
    const { process } = this;
    const turn = ++this.turn;
    this.note(() => 'drain');
    const isOver = () => turn !== this.turn || process.scheduler.dead;
    void process.subscriptions.drain(DRAIN_MS).then(() => {
      if (!isOver()) this.crash();
    });
    this.schedule(() => {
      if (!isOver()) this.broken('drain() took longer than it may.');
    }, DRAIN_MS + 1);
  }

  // Lives

  private beginLife(): void {
    const turn = ++this.turn;
    const spec = this.isCalm ? PLAIN_LIFE : (this.given.lives[this.livesBegun++] ?? PLAIN_LIFE);
    this.note(() => `subscribe ${JSON.stringify(spec)}`);
    let life: Life;
    const pipeline$ = defer(() => {
      life = this.newLife(spec.faulty && !this.isCalm);
      const keeper = this.isCalm ? undefined : this.keeper && PLAIN_KEEPERS[this.keeper];
      const source$ = this.source(life);
      const kept$ = keeper ? source$.pipe(keeper(this.process.scheduler)) : source$;
      return kept$.pipe(this.pipeline.operator(life));
    });
    const next = (why: string) => {
      this.note(() => `over: ${why}`);
      if (turn === this.turn) this.schedule(() => turn === this.turn && this.beginLife(), this.pauseMs());
    };
    this.subscription = pipeline$.pipe(around(spec, this.process.scheduler)).subscribe({
      next: (event) => this.cameOut(event, life, spec),
      error: (error: unknown) => {
        if (!this.explains(error, life)) this.broken(`An error that nothing explains: ${String(error)}`);
        next(String(error));
      },
      complete: () => next('complete'),
    });
    if (spec.ending === 'none' || spec.ending === 'throw') return;
    this.schedule(() => turn === this.turn && this.endLife(spec.ending, next), spec.at);
  }

  private newLife(faulty: boolean): Life {
    const life = this.oracle.newLife(faulty);
    this.note(() => `life ${life.number}`);
    this.process.lives.push(life);
    return life;
  }

  private pauseMs(): number {
    return this.given.lives[this.livesBegun]?.pauseMs ?? PAUSE_MS;
  }

  private endLife(ending: LifeSpec['ending'], next: (why: string) => void): void {
    if (ending === 'unsubscribe') {
      this.subscription.unsubscribe();
      next('unsubscribed');
    } else if (ending === 'crash') {
      this.crash();
    } else {
      this.drain();
    }
  }

  private source(life: Life): Observable<Thing> {
    return this.process.events$.pipe(
      tap((event) => {
        const index = indexOf(event);
        this.note(() => `out ${index} in life ${life.number}`);
        this.oracle.handedOut(life, index);
        this.tellTail(index, life);
      }),
    );
  }

  private tellTail(index: number, life: Life): void {
    if (index === this.log.length - 1) this.process.scheduler.schedule(() => life.tail$.next());
  }

  private cameOut(event: Thing, life: Life, spec: LifeSpec): void {
    const index = indexOf(event);
    life.terminal.arrived[index]!++;
    if (spec.ending === 'throw' && index === spec.at % this.log.length && !this.isCalm) {
      this.process.doomed = true;
      throw new InjectedError(`last handler at ${index}`);
    }
    life.terminal.done[index]!++;
  }

  private putAside(index: number, scheduler: ProcessScheduler): Observable<unknown> {
    const life = this.oracle.lives.at(-1)!;
    this.tellTail(index, life);
    return timer(this.given.aside.delayMs, scheduler).pipe(
      tap(() => {
        if (this.asideFails && !this.isCalm) {
          this.asideFails = false;
          throw new InjectedError(`aside at ${index}`);
        }
        life.aside[index]!++;
      }),
    );
  }

  /** Whether something in the scenario is the reason of an error. */
  private explains(error: unknown, { faulty }: Life): boolean {
    if (error instanceof InjectedError || (error instanceof EmptyError && faulty)) return true;
    if (!RxforceError.is(error)) return false;
    const { code, cause } = error;
    if (this.keeper !== undefined && (code === 'settled-early' || code === 'unheld')) return true;
    // Work was cut short, or switched from, while its subscription lived.
    if (code === 'delivery-failed') return faulty || cause instanceof InjectedError;
    if (code === 'authentication') return true;
    if (code === 'client-closed') return this.process.subscriptions.closed;
    return (
      this.given.maxAttempts !== undefined && ['connection', 'throttled', 'stream-ended', 'replay-store'].includes(code)
    );
  }

  // What the oracle is asked

  private told(status: Status, life: Life): void {
    this.note(() => `status ${JSON.stringify(status)}`);
    if (status.type === 'connecting') this.connecting = life;
    if (status.type === 'committed') this.oracle.passed(life, status.position, 'The position committed');
    if (status.type === 'settledEarly' && this.keeper === undefined) this.broken('An event was settled early.');
    if (status.type === 'requested') {
      // Later there may be more: what was settled behind an unsettled event counts once that is settled, too.
      const { outstanding, unsettled, uncommitted, window } = status;
      if (outstanding + unsettled + uncommitted > window) this.broken(`Beyond the window: ${JSON.stringify(status)}`);
    }
  }

  private opened(stream: LogStream, startsAt: number): void {
    const life = this.connecting!;
    this.note(() => `stream at ${startsAt} in life ${life.number}`);
    this.oracle.opened(life, stream, startsAt);
  }

  private check(): void {
    const { subscriptions, lives, doomed } = this.process;
    // An event at which the last handler has thrown counts as settled until the process dies of it.
    if (doomed) return;
    subscriptions.all.forEach((subscription, index) => {
      const life = lives[index]!;
      const position = subscription.current();
      if (position && position !== 'committed') {
        this.oracle.passed(life, position, `The watermark of life ${life.number}`);
      }
      // What a plain operator keeps is settled, and so not in the window.
      if (this.keeper === undefined) this.oracle.fits(life, this.given.window);
    });
  }

  private standsBefore(): number | undefined {
    const position = this.process.subscriptions.all.at(-1)?.current();
    return position && position !== 'committed' ? this.log.indexAfter(position) : undefined;
  }

  private whatIsMissing(): string {
    const { oracle, log } = this;
    return (
      `Not done: ${oracle.missing().join() || 'none'} of ${log.length}; the watermark stands before ` +
      `${String(this.standsBefore())}, what is durable before ${oracle.durableTo}.`
    );
  }
}

function around(spec: LifeSpec, scheduler: ProcessScheduler): (source: Observable<Thing>) => Observable<Thing> {
  const later = () => timer(10, scheduler);
  switch (spec.around) {
    case 'nothing':
      return (source) => source;
    case 'retry':
      return retry({ count: 20 });
    case 'retry later':
      return retry({ delay: later, count: 20 });
    case 'repeat':
      return repeat({ delay: later, count: 3 });
  }
}

/** Chance that comes again. */
function mulberry(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
