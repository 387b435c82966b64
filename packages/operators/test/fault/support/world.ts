import type { Subscription } from 'rxjs';
// eslint-disable-next-line rxjs-x/no-internal -- the only door to the timers in which RxJS throws what nobody catches
import { timeoutProvider } from 'rxjs/internal/scheduler/timeoutProvider';
import type { Disk } from './flaky-store.js';
import { Oracle } from './oracle.js';
import type { Scenario } from './scenario.js';
import type { StageSpec } from './stage-spec.js';
import { pipelineOf } from './stages/pipeline-of.js';
import { Checks } from './world/checks.js';
import { Lives } from './world/lives.js';
import { Processes } from './world/processes.js';
import { ServiceScript } from './world/service-script.js';
import { Setting } from './world/setting.js';
import { StreamOptions } from './world/stream-options.js';

/** Virtual time within which all must be done once nothing fails any more, in milliseconds. */
const PATIENCE_MS = 1_000_000;
/** Steps within which a scenario must be over. */
const MOST_STEPS = 20_000;

/** Ends a pipeline with a plain operator before it: for everything that comes out somebody works. */
const LAST_WORK: StageSpec = {
  op: 'handle',
  concurrency: 1,
  work: [{ how: 'timer', delayMs: 2, fails: false, results: 1 }],
};

/** Plays a scenario in virtual time: processes that come and go, what happens to the service, and in the end calm. */
export class World {
  private readonly setting: Setting;
  private readonly disk: Disk = { position: undefined, lockedBy: undefined };
  private readonly checks: Checks;
  private readonly lives: Lives;
  private readonly script: ServiceScript;

  /** @param keeper - Which plain operator that keeps events stands before the pipeline, until all is calm. */
  constructor(given: Scenario, tracing = false, keeper?: string) {
    const setting = new Setting(given, tracing, keeper);
    const { log, isCalm, broken } = setting;
    const stages = keeper === undefined ? given.pipeline : [...given.pipeline, LAST_WORK];
    const pipeline = pipelineOf(stages, { log, scheduler: () => setting.process.scheduler, isCalm, broken });
    const from = setting.from();
    const begin = from === 'latest' ? undefined : from === 'earliest' ? 0 : log.indexAfter(from);
    const oracle = new Oracle(log, pipeline, begin, broken);
    const options = new StreamOptions(setting, oracle, this.disk, settleOf(stages));
    this.setting = setting;
    this.checks = new Checks(setting, oracle);
    const processes = new Processes(setting, this.disk, options, this.checks);
    this.lives = new Lives(setting, pipeline, oracle, this.checks, processes);
    this.script = new ServiceScript(setting);
    processes.start();
  }

  /** What happened, for people; kept where it was asked for. */
  get trace(): readonly string[] {
    return this.setting.trace;
  }

  /** Plays it to its end, and tells what went wrong first, if anything did. */
  async play(): Promise<string | undefined> {
    const { setting, lives } = this;
    const { delegate } = timeoutProvider;
    timeoutProvider.delegate = {
      setTimeout: (work: () => void) => setting.process.scheduler.schedule(() => lives.uncaught(work)) as never,
      clearTimeout: (timeout: unknown) => (timeout as Subscription).unsubscribe(),
    };
    try {
      setting.schedule(() => lives.begin(), 0);
      this.script.play();
      await this.runUntil(() => setting.isCalm() && !lives.isOver && this.checks.isAllDone());
      if (setting.violation === undefined) await this.leaveNothing();
    } finally {
      timeoutProvider.delegate = delegate;
      setting.process.scheduler.dead = true;
    }
    return setting.violation;
  }

  private async runUntil(done: () => boolean): Promise<void> {
    const { setting } = this;
    const takesPromises = /"promise"|"drain"|"saves"|"op":"aside"/.test(JSON.stringify(setting.given));
    for (let steps = 0; setting.violation === undefined && !done(); steps++) {
      const isLate = setting.clock.now() > (setting.calmAt ?? Infinity) + PATIENCE_MS;
      if (steps > MOST_STEPS || isLate || !setting.clock.step()) {
        setting.broken(`Stalled. ${this.checks.whatIsMissing()}`);
        return;
      }
      if (takesPromises) await new Promise(setImmediate);
      this.checks.stepped();
    }
  }

  /** After the end: no timer, stream or lock may stay behind. */
  private async leaveNothing(): Promise<void> {
    const { setting } = this;
    this.lives.stop();
    if (setting.process.service.streams.some((stream) => !stream.cancelled)) setting.broken('A stream was left open.');
    await this.runUntil(() => setting.clock.waiting === 0);
    if (this.disk.lockedBy) setting.broken('The lock was not released.');
  }
}

/** What is done in the last subscriber alone cannot be seen from here. */
function settleOf(stages: readonly StageSpec[]): 'on-hold' | 'on-return' {
  return stages.some(({ op }) => op === 'handle' || op === 'aside') ? 'on-hold' : 'on-return';
}
