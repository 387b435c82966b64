import type { ReplayId } from '@rxforce/core/model';
import { EventLog } from '../event-log.js';
import type { Life } from '../life.js';
import type { Process } from '../process.js';
import type { Scenario } from '../scenario.js';
import { StepScheduler } from '../step-scheduler.js';
import { mulberry } from './chance.js';

/** What all parts of a world share: the scenario, its time, log, chance and process, and what is noted of it. */
export class Setting {
  /** What happened, for people; kept where it was asked for. */
  readonly trace: string[] = [];
  /** The first rule that was broken. */
  violation: string | undefined;
  /** When nothing failed any more. */
  calmAt: number | undefined;
  readonly clock = new StepScheduler();
  readonly log: EventLog;
  readonly random: () => number;
  /** The process that runs now; a new one takes its place when it dies. */
  process!: Process;
  readonly isCalm = () => this.calmAt !== undefined;
  readonly broken = (rule: string) => {
    this.note(() => `VIOLATION ${rule}`);
    this.violation ??= `At ${this.clock.now()} ms: ${rule}`;
  };

  constructor(
    readonly given: Scenario,
    private readonly tracing: boolean,
    /** Which plain operator that keeps events stands before the pipeline, until all is calm. */
    readonly keeper: string | undefined,
  ) {
    this.random = mulberry(given.random);
    this.log = new EventLog(given.events);
    this.log.publish(given.published);
  }

  note(make: () => string): void {
    if (this.tracing) this.trace.push(`${this.clock.now()} ${make()}`);
  }

  schedule(work: () => void, delayMs: number): void {
    this.clock.schedule(work, delayMs);
  }

  /** Tells collectors that they need not wait for more, once the last event of the log was handed out. */
  tellTail(index: number, life: Life): void {
    if (index === this.log.length - 1) this.process.scheduler.schedule(() => life.tail$.next());
  }

  /** Where the subscriptions replay from. */
  from(): 'earliest' | 'latest' | ReplayId | Date {
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
}
