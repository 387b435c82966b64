import { Subscription, type SchedulerLike } from 'rxjs';
import type { Deliveries } from '../delivery/deliveries.js';
import type { DrainedSubscription } from './drain-report.js';
import type { Place } from '../position/place.js';

/** What ends. */
export interface EndingParts {
  readonly scheduler: SchedulerLike;
  readonly deliveries: Pick<Deliveries, 'inWork' | 'unsettledWork'>;
  readonly place: Pick<Place, 'flush' | 'release' | 'uncommitted' | 'lastCommitted'>;
  /** The topic and the position's name, for the report. */
  readonly names: Pick<DrainedSubscription, 'topic' | 'name'>;
  /** Ends what is left of the stream. */
  readonly stop: () => void;
  /** It is over. What it resolves with is waited for before it is reported. */
  readonly over: () => Promise<void> | undefined;
}

interface Draining {
  readonly timeoutMs: number;
  readonly unsettledBefore: number;
  readonly done: (report: DrainedSubscription) => void;
}

/** How long work may go on after its subscription was unsubscribed and still count, in milliseconds. */
const LATE_WORK_MS = 10_000;

/** The end of a subscription: the work on what was handed out is waited for, then its commit, both for a while. */
export class StreamEnding {
  /** Unsubscribed when the work is over, or has taken too long. */
  private readonly waiting = new Subscription();
  /** Set by `drain`: what to do with the report, and how long to wait. */
  private draining: Draining | undefined;
  private finishing = false;

  constructor(private readonly parts: EndingParts) {}

  /** Whether it ends because it is drained. */
  get isDraining(): boolean {
    return this.draining !== undefined;
  }

  /**
   * It is to be drained; where it has ended already, the late work is waited for.
   *
   * @param timeoutMs - Longest wait.
   * @param done - Told how it went.
   */
  drain(timeoutMs: number, done: (report: DrainedSubscription) => void): void {
    this.draining = { timeoutMs, unsettledBefore: this.parts.deliveries.unsettledWork, done };
    if (this.finishing) this.endAfter(timeoutMs);
  }

  /** Waits no longer, where it is being drained. */
  hurry(): void {
    if (this.draining) this.waiting.unsubscribe();
  }

  /** Waits for the work, then for the commit; ends all the same when the time is over. */
  finish(): void {
    this.finishing = true;
    this.waiting.add(() => this.end());
    this.workEnded();
    this.endAfter(this.draining?.timeoutMs ?? LATE_WORK_MS);
  }

  /** Work on an event has ended. */
  workEnded(): void {
    const { deliveries, place } = this.parts;
    if (!this.finishing || deliveries.inWork > 0) return;
    // Given up before it is over: who waits for that may claim the position at once, from another store too.
    place.flush(() => place.release(() => this.waiting.unsubscribe()));
  }

  private endAfter(timeoutMs: number): void {
    this.waiting.add(this.parts.scheduler.schedule(() => this.waiting.unsubscribe(), timeoutMs));
  }

  private end(): void {
    this.finishing = false;
    this.parts.stop();
    this.parts.place.release();
    const over = this.parts.over();
    if (!this.draining) return;
    const { done } = this.draining;
    const report = this.report(this.draining);
    if (over) void over.then(() => done(report));
    else done(report);
  }

  private report({ unsettledBefore }: Draining): DrainedSubscription {
    const { deliveries, place, names } = this.parts;
    const unsettled = deliveries.unsettledWork;
    return {
      ...names,
      settled: unsettledBefore - unsettled,
      unsettled,
      uncommitted: place.uncommitted(),
      lastCommitted: place.lastCommitted,
    };
  }
}
