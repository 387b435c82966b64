import type { Subscriber } from 'rxjs';
import type { Delivery, DeliveryOutcome, Hold, HoldState } from './delivery.js';
import { emitInScope } from './emit-in-scope.js';
import { emitAfterRelease } from './joint-hold.js';

/** The target of a hold: a delivery, as seen by its holds. */
export interface HoldTarget extends Delivery {
  /** Adds a hold. Returns whether it was in time. */
  addHold(collects: boolean): boolean;
  /** Releases a hold of `addHold`. */
  releaseOne(collects?: boolean): void;
  /** One of the holds starts or stops to keep the event only until others come. */
  keep(flush: () => void, change: 1 | -1): void;
  /** Work on it cannot be stopped. */
  runsOn(work: PromiseLike<unknown>): void;
  neverSettle(): void;
  fail(cause: unknown): void;
  onEnded(listener: (outcome: DeliveryOutcome) => void): void;
}

/** One claim on one event of ours. */
export class SourceHold implements Hold {
  private current: HoldState;
  private flush: (() => void) | undefined;

  constructor(
    private readonly target: HoldTarget,
    private readonly collects = false,
  ) {
    this.current = target.addHold(collects) ? 'open' : 'dead';
  }

  emit<T>(subscriber: Subscriber<T>, value: T): void {
    if (this.current === 'released') throw emitAfterRelease();
    if (!emitInScope(this.target, subscriber, value)) this.target.neverSettle();
  }

  release(): void {
    if (this.end('released')) this.target.releaseOne(this.collects);
  }

  fail(error: unknown): void {
    if (this.end('dropped')) this.target.fail(error);
  }

  abandon(running?: PromiseLike<unknown>): void {
    if (!this.end('dropped')) return;
    if (running) this.target.runsOn(running);
    this.target.neverSettle();
  }

  onEnded(listener: (outcome: DeliveryOutcome) => void): void {
    this.target.onEnded(listener);
  }

  onPressure(flush: () => void): void {
    if (this.current !== 'open' || this.flush) return;
    this.flush = flush;
    this.target.keep(flush, 1);
  }

  track(running: PromiseLike<unknown>): void {
    if (this.current === 'open') this.target.runsOn(running);
  }

  isLost(): boolean {
    return this.target.isLost();
  }

  state(): HoldState {
    return this.current;
  }

  delivery(): Delivery {
    return this.target;
  }

  private end(state: 'released' | 'dropped'): boolean {
    if (this.current !== 'open') return false;
    this.current = state;
    if (this.flush) this.target.keep(this.flush, -1);
    return true;
  }
}
