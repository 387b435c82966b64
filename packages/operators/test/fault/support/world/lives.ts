import { defer, repeat, retry, Subscription, tap, timer, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { indexOf, type Thing } from '../event-log.js';
import type { Life } from '../life.js';
import type { Oracle } from '../oracle.js';
import { PLAIN_KEEPERS } from '../plain-keepers.js';
import type { LifeSpec } from '../scenario.js';
import { InjectedError, type Stage } from '../stages/stage.js';
import type { ProcessScheduler } from '../step-scheduler.js';
import type { Checks } from './checks.js';
import type { Processes } from './processes.js';
import type { Setting } from './setting.js';

/** How long a drain may take, in milliseconds. */
const DRAIN_MS = 500;

/** How long nobody is subscribed after what the scenario tells, in milliseconds: a store may fail for long. */
const PAUSE_MS = 50;

const PLAIN_LIFE: LifeSpec = { pauseMs: PAUSE_MS, ending: 'none', at: 0, around: 'nothing', faulty: false };

/** Subscribes to the pipeline, makes the subscription end as the scenario tells, and subscribes again. */
export class Lives {
  private begun = 0;
  /** The subscription made last, and its number: what still happens because of others is ignored. */
  private subscription = Subscription.EMPTY;
  private turn = 0;

  constructor(
    private readonly setting: Setting,
    private readonly pipeline: Stage,
    private readonly oracle: Oracle,
    private readonly checks: Checks,
    private readonly processes: Processes,
  ) {}

  /** Whether nobody is subscribed. */
  get isOver(): boolean {
    return this.subscription.closed;
  }

  /** The next life begins. */
  begin(): void {
    const { setting } = this;
    const turn = ++this.turn;
    const spec = setting.isCalm() ? PLAIN_LIFE : (setting.given.lives[this.begun++] ?? PLAIN_LIFE);
    setting.note(() => `subscribe ${JSON.stringify(spec)}`);
    let life: Life;
    const pipeline$ = defer(() => {
      life = this.newLife(spec.faulty && !setting.isCalm());
      return this.pipelineOf(life);
    });
    const next = (why: string) => {
      setting.note(() => `over: ${why}`);
      if (turn === this.turn) setting.schedule(() => turn === this.turn && this.begin(), this.pauseMs());
    };
    this.subscription = pipeline$.pipe(around(spec, setting.process.scheduler)).subscribe({
      next: (event) => this.cameOut(event, life, spec),
      error: (error: unknown) => {
        this.checks.failed(error, life);
        next(String(error));
      },
      complete: () => next('complete'),
    });
    if (spec.ending === 'none' || spec.ending === 'throw') return;
    setting.schedule(() => turn === this.turn && this.end(spec.ending, next), spec.at);
  }

  /** Ends the last life. */
  stop(): void {
    this.turn++;
    this.subscription.unsubscribe();
  }

  /** What RxJS throws from a timer, because nobody catches it, ends the process. */
  uncaught(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof InjectedError)) this.setting.broken(`Thrown, and not caught: ${String(error)}`);
      this.crash();
    }
  }

  private newLife(faulty: boolean): Life {
    const life = this.oracle.newLife(faulty);
    this.setting.note(() => `life ${life.number}`);
    this.setting.process.lives.push(life);
    return life;
  }

  private pipelineOf(life: Life): Observable<Thing> {
    const { isCalm, keeper: name, process } = this.setting;
    const keeper = isCalm() ? undefined : name && PLAIN_KEEPERS[name];
    const source$ = this.source(life);
    const kept$ = keeper ? source$.pipe(keeper(process.scheduler)) : source$;
    return kept$.pipe(this.pipeline.operator(life));
  }

  private source(life: Life): Observable<Thing> {
    return this.setting.process.events$.pipe(
      tap((event) => {
        const index = indexOf(event);
        this.setting.note(() => `out ${index} in life ${life.number}`);
        this.oracle.handedOut(life, index);
        this.setting.tellTail(index, life);
      }),
    );
  }

  private cameOut(event: Thing, life: Life, spec: LifeSpec): void {
    const { log, isCalm, process } = this.setting;
    const index = indexOf(event);
    life.terminal.arrived[index]!++;
    if (spec.ending === 'throw' && index === spec.at % log.length && !isCalm()) {
      process.doomed = true;
      throw new InjectedError(`last handler at ${index}`);
    }
    life.terminal.done[index]!++;
  }

  private end(ending: LifeSpec['ending'], next: (why: string) => void): void {
    if (ending === 'unsubscribe') {
      this.subscription.unsubscribe();
      next('unsubscribed');
    } else if (ending === 'crash') {
      this.crash();
    } else {
      this.drain();
    }
  }

  private crash(): void {
    this.processes.crash();
    this.turn++;
    this.setting.schedule(() => this.begin(), this.pauseMs());
  }

  private drain(): void {
    const { process } = this.setting;
    const turn = ++this.turn;
    this.setting.note(() => 'drain');
    const isOver = () => turn !== this.turn || process.scheduler.dead;
    void process.subscriptions.drain(DRAIN_MS).then(() => {
      if (!isOver()) this.crash();
    });
    this.setting.schedule(() => {
      if (!isOver()) this.setting.broken('drain() took longer than it may.');
    }, DRAIN_MS + 1);
  }

  private pauseMs(): number {
    return this.setting.given.lives[this.begun]?.pauseMs ?? PAUSE_MS;
  }
}

function around(spec: LifeSpec, scheduler: ProcessScheduler): MonoTypeOperatorFunction<Thing> {
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
