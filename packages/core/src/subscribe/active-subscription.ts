import { from, Subscription, switchMap, type Observable, type Subscriber } from 'rxjs';
import type { PipelineListener } from '../delivery/subscribing.js';
import { RxforceError } from '../model/errors.js';
import type { StreamPosition } from '../ports/replay-store.js';
import type { Tell } from '../ports/status.js';
import type { HeldToken } from '../position/held-token.js';
import { workBefore } from '../position/work-before.js';
import type { DrainedSubscription } from './drain-report.js';
import { EventFlow } from './event-flow.js';
import type { ReadingPlan } from './reading-plan.js';
import type { StreamContext } from './stream-context.js';
import { StreamEnding } from './stream-ending.js';
import type { ReadingFigures } from './subscription-state.js';

/** Receives the reports of an active subscription, for the subscription that the user holds. */
export interface SubscriptionOwner {
  /** Reports a status, and makes it only if somebody listens. */
  readonly tell: Tell;
  /** It ends by itself, with this error or without one. Otherwise its subscriber has left. */
  readonly ends: (how: 'errored' | 'completed', error?: unknown) => void;
  /** The subscription is over, and its position was given up. The report waits for the returned promise. */
  readonly over: () => Promise<void> | undefined;
}

/**
 * One subscription while it is active, from its first stream to the end of the work on its events. With a lease, a
 * subscription is active whenever it holds the lease.
 */
export class ActiveSubscription<E> {
  private readonly flow: EventFlow<E>;
  private readonly ending: StreamEnding;
  private readonly work = new Subscription();
  private isStopped = false;
  /** The error with which it ended, if any. */
  private failure: RxforceError | undefined;

  constructor(
    private readonly context: StreamContext,
    private readonly plan: ReadingPlan<E>,
    private readonly owner: SubscriptionOwner,
    private readonly subscriber: Subscriber<E>,
    /** The lease under which it is active. */
    held?: Pick<HeldToken, 'token' | 'isHeld' | 'fenced'>,
  ) {
    this.flow = new EventFlow({
      context,
      plan,
      subscriber,
      held,
      tell: owner.tell,
      workEnded: () => this.ending.workEnded(),
      failed: (error) => this.raise(error),
    });
    this.ending = this.newEnding();
  }

  /** Learns whether the pipeline works on events. */
  get watch(): PipelineListener {
    return this.flow.watch;
  }

  /**
   * Opens the stream in a later turn, so that nothing is emitted inside `subscribe()`.
   *
   * @param takeOver - Returns where a subscription of the same Observable ended. Called in that turn, as a `share()`
   * that connects again after an error does so while the earlier subscription is still ending.
   * @param turn - Returns the promise to wait for first, if any. Called in that turn.
   */
  open(takeOver: () => StreamPosition | undefined, turn: () => Promise<unknown> | undefined): void {
    this.work.add(
      this.context.scheduler.schedule(() => {
        this.work.add(
          this.opening(takeOver, turn()).subscribe({
            next: () => this.flow.open(),
            error: (error: unknown) => this.raise(error),
          }),
        );
      }),
    );
  }

  private opening(takeOver: () => StreamPosition | undefined, before: Promise<unknown> | undefined): Observable<void> {
    const { place } = this.flow;
    const { topic, keeper } = this.plan;
    const { scheduler, logger } = this.context;
    const workOver = workBefore(keeper.memory, scheduler, (message) => logger.warn(`${topic}: ${message}`));
    if (before === undefined && workOver === undefined) return place.open(takeOver());
    return from(before ?? [undefined]).pipe(
      switchMap(() => workOver ?? [undefined]),
      switchMap(() => place.open(takeOver())),
    );
  }

  /** What is known of its events at this moment. */
  readonly figures = (): ReadingFigures => this.flow.readingFigures();

  /** Where a subscription that follows this one starts. `'committed'` where only the service knows. */
  current(): StreamPosition | 'committed' | undefined {
    return this.flow.place.current();
  }

  /** Whether nothing was received that the next subscription would miss. */
  get untouched(): boolean {
    return this.flow.deliveries.watermark.received === 0;
  }

  /** Whether its stream stays open after its end, for the commits of the work on its events. */
  get streamGoesOn(): boolean {
    return this.flow.source.carriesCommits;
  }

  /**
   * Stops demand, completes, waits for the work on delivered events, commits, and ends.
   *
   * @param timeoutMs - Longest wait.
   * @param done - Receives the report.
   */
  drain(timeoutMs: number, done: (report: DrainedSubscription) => void): void {
    this.ending.drain(timeoutMs, done);
    if (this.isStopped) return;
    this.owner.tell('draining');
    this.flow.life.drain();
    this.flow.reception.halt();
    // In a later turn, as the call may come from a handler whose event must still be settled.
    this.context.nextTurn(() => {
      this.owner.ends('completed');
      this.subscriber.complete();
    });
  }

  /** Ends the wait, if it is being drained. */
  hurry(): void {
    this.ending.hurry();
  }

  /** The subscription is over. Work on its events may continue for a while, and still counts. */
  stop(): void {
    const { place, deliveries, life, reception } = this.flow;
    this.isStopped = true;
    this.plan.keeper.memory.running.add(deliveries.running);
    this.work.unsubscribe();
    this.flow.stop();
    place.retire?.();
    if (!this.ending.isDraining) {
      if (this.streamGoesOn) life.drain();
      else life.stop();
      reception.endAside();
    }
    this.ending.finish();
  }

  private raise(error: unknown): void {
    if (!this.isStopped) this.failure ??= RxforceError.from(error);
    this.owner.ends('errored', error);
    this.subscriber.error(error);
  }

  private newEnding(): StreamEnding {
    const { owner } = this;
    const { deliveries, place, life, reception } = this.flow;
    const { topic, keeper } = this.plan;
    return new StreamEnding({
      deliveries,
      place,
      scheduler: this.context.scheduler,
      names: { topic, name: keeper.name },
      stop: () => {
        life.stop();
        reception.endAside();
      },
      over: () => {
        owner.tell('closed', () => ({ cause: this.failure }));
        return owner.over();
      },
    });
  }
}
