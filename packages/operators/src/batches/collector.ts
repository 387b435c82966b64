import type { SchedulerLike, Subscriber, Subscription } from 'rxjs';
import { hold, joinHolds, type Hold } from '@rxforce/core/delivery';

/** Values that are kept to be emitted as one, with the claims on their events. */
export class Group<T> {
  readonly values: T[] = [];
  readonly holds: Hold[] = [];
  /** Ends its wait, unless it is let go of sooner. */
  clock: Subscription | undefined;

  add(value: T, held: Hold): void {
    this.values.push(value);
    this.holds.push(held);
  }
}

/**
 * What operators that collect have in common: the claims on what they keep, and the emission of what they let go of: one
 * group after the other, each in the scope of all its events.
 *
 * The operator decides what belongs together. It changes its groups first and emits nothing itself, so what a subscriber
 * makes the source emit while it is given a result finds all in order, and comes after that result.
 */
export class Collector<T, R> {
  /** Let go of and not yet emitted, in order. */
  private readonly ready: { readonly holds: readonly Hold[]; readonly result: R }[] = [];
  private isEmitting = false;
  private sourceDone = false;

  /**
   * @param subscriber - Who gets the results.
   * @param letGoOfAll - Calls `letGo` for every group that there is.
   */
  constructor(
    private readonly subscriber: Subscriber<R>,
    private readonly letGoOfAll: () => void,
  ) {
    subscriber.add(() => this.abandon());
  }

  /**
   * Claims a value's event, and has the value placed.
   *
   * @param value - What the operator received.
   * @param prepare - Calls what the user passed in, and gives back what puts the value into a group. When it throws or ends
   * the subscription, the value is not placed.
   */
  take(value: T, prepare: () => (held: Hold) => void): void {
    const held = hold(value, 'keeps');
    held.onPressure(this.flush);
    let isPlaced = false;
    try {
      const place = prepare();
      if (this.subscriber.closed) return;
      isPlaced = true;
      place(held);
    } finally {
      if (!isPlaced) held.abandon();
    }
    this.emitReady();
  }

  /** Calls `ring`, which lets go of the group, after a time; not at all for `Infinity`. */
  startClock(group: Group<T>, delayMs: number, scheduler: SchedulerLike, ring: () => void): void {
    if (delayMs === Infinity) return;
    group.clock = scheduler.schedule(() => {
      ring();
      this.emitReady();
    }, delayMs);
  }

  /** Has `result` emitted for a group that nothing is added to any more. */
  letGo({ clock, holds }: Group<T>, result: R): void {
    clock?.unsubscribe();
    this.ready.push({ holds, result });
  }

  /** Nothing more comes: the rest is emitted, and then the completion. */
  sourceCompleted(): void {
    this.sourceDone = true;
    this.flush();
  }

  /** One function for all holds: under pressure it is called once. */
  private readonly flush = (): void => {
    this.letGoOfAll();
    this.emitReady();
  };

  /** A loop, because what comes during an emission must wait for its end, as must the completion. */
  private emitReady(): void {
    if (this.isEmitting) return;
    this.isEmitting = true;
    for (let next = this.ready.shift(); next !== undefined; next = this.ready.shift()) {
      const held = joinHolds(next.holds);
      held.emit(this.subscriber, next.result);
      held.release();
    }
    this.isEmitting = false;
    if (this.sourceDone) this.subscriber.complete();
  }

  private abandon(): void {
    this.letGoOfAll();
    for (const { holds } of this.ready.splice(0)) holds.forEach((held) => held.abandon());
  }
}
