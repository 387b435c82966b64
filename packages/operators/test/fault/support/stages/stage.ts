import { tap, type OperatorFunction, type SchedulerLike } from 'rxjs';
import { indexOf, type EventLog, type Thing } from '../event-log.js';
import type { Life } from '../life.js';
import type { StageSpec, WorkTraits } from '../stage-spec.js';

export type ThingOperator = OperatorFunction<Thing, Thing>;

/** The description of the stages of one operator. */
export type SpecOf<Op extends StageSpec['op']> = Extract<StageSpec, { op: Op }>;

/** A part of a pipeline: what it does, and what it owes to an event. */
export interface Stage {
  /** The operator, for one subscription. */
  operator(life: Life): ThingOperator;
  /**
   * How many values an event has become behind the stage, of `count` before it; NaN while work on it is missing.
   */
  flow(life: Life, event: number, count: number): number;
  /** Whether it, or a part of it, has ended for good in this life. */
  hasClosed(life: Life): boolean;
  /** Whether what it emits comes in the log's order. */
  readonly keepsOrder: boolean;
}

/** What stages need of the world around them. */
export interface StageContext {
  readonly log: EventLog;
  /** The clock of the process that runs now. */
  scheduler(): SchedulerLike;
  /** Whether nothing fails any more. */
  isCalm(): boolean;
  /** A promise about order or concurrency was broken. */
  broken(rule: string): void;
}

/** What the stages of one pipeline are made with. */
export interface StageKit extends StageContext {
  /** The number of one more stage, by which its tally is found. */
  newNumber(): number;
  /** Counts an attempt to work on an event, and returns whether it fails. */
  failsNow(stage: number, event: number, work: readonly WorkTraits[]): boolean;
  /** One stage after the other. */
  chain(specs: readonly StageSpec[], place: Place): Stage;
}

/** Where a stage stands. */
export interface Place {
  /** In a branch: the subscription goes on when it ends. */
  readonly inBranch: boolean;
  /** Whether values come to it in the log's order, and all to one instance of it. */
  readonly ordered: boolean;
  /** Whether its source emits inside `subscribe()`, where a `share()` has its first subscriber only. */
  readonly early: boolean;
}

/** What the pipeline's own faults throw. */
export class InjectedError extends Error {
  override readonly name = 'InjectedError';
}

/** Passes all on, in order, and never ends. */
export const PLAIN: Omit<Stage, 'operator'> = {
  flow: (_life, _event, count) => count,
  hasClosed: () => false,
  keepsOrder: true,
};

/** How the work on an event goes. */
export function traitsOf(work: readonly WorkTraits[], event: number): WorkTraits {
  return work[event % work.length]!;
}

/** The count, if all that came was worked on. */
export function worked(life: Life, stage: number, event: number, count: number): number {
  const { arrived, done } = life.tally(stage);
  return arrived[event] === count && done[event] === count ? count : NaN;
}

/** Counts what passes, by the event. */
export function counted(counts: number[]): ThingOperator {
  return tap((event) => counts[indexOf(event)]!++);
}
