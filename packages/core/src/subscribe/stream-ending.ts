import { Subscription, type SchedulerLike } from 'rxjs';
import type { Deliveries } from '../delivery/deliveries.js';
import type { DrainedSubscription } from './drain-report.js';
import type { Place } from '../position/place.js';

/** The parts of an ending. */
export interface EndingParts {
  readonly scheduler: SchedulerLike;
  readonly deliveries: Pick<Deliveries, 'inWork' | 'unsettledWork'>;
  readonly place: Pick<Place, 'flush' | 'release' | 'uncommitted' | 'lastCommitted'>;
  /** The topic and the position's name, for the report. */
  readonly names: Pick<DrainedSubscription, 'topic' | 'name'>;
  /** Ends the rest of the stream. */
  readonly stop: () => void;
  /** It is over. The report waits for the returned promise. */
  readonly over: () => Promise<void> | undefined;
}

interface Draining {
  readonly timeoutMs: number;
  readonly unsettledBefore: number;
  readonly done: (report: DrainedSubscription) => void;
}

/** How long work may continue after the unsubscription and still count, in milliseconds. */
const LATE_WORK_MS = 10_000;

/**
 * The end of a subscription. It waits for the work on delivered events, then for its commit, both for a limited time.
 */
export class StreamEnding {
  /** Unsubscribed when the work is over, or has taken too long. */
  private readonly waiting = new Subscription();
  /** Set by `drain`: the receiver of the report, and the longest wait. */
  private draining: Draining | undefined;
  private finishing = false;

  constructor(private readonly parts: EndingParts) {}

  /** Whether it ends because of a drain. */
  get isDraining(): boolean {
    return this.draining !== undefined;
  }

  /**
   * Drains the subscription. Where it has ended already, the drain waits for the late work.
   *
   * @param timeoutMs - Longest wait.
   * @param done - Receives the report.
   */
  drain(timeoutMs: number, done: (report: DrainedSubscription) => void): void {
    this.draining = { timeoutMs, unsettledBefore: this.parts.deliveries.unsettledWork, done };
    if (this.finishing) this.endAfter(timeoutMs);
  }

  /** Ends the wait, if it is being drained. */
  hurry(): void {
    if (this.draining) this.waiting.unsubscribe();
  }

  /** Waits for the work, then for the commit. It ends all the same when the time is over. */
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
    // The position is given up before the end is reported, as the waiting subscription may claim it at once, also
    // through another store.
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
