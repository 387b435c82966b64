import type { SchedulerLike, Subscriber, Subscription } from 'rxjs';
import { hold, joinHolds, type Hold } from '@rxforce/core/delivery';

/** Values that are kept and emitted as one, with the claims on their events. */
export class Group<T> {
  readonly values: T[] = [];
  readonly holds: Hold[] = [];
  /** Ends the wait of the group, unless the group is let go of sooner. */
  clock: Subscription | undefined;

  add(value: T, held: Hold): void {
    this.values.push(value);
    this.holds.push(held);
  }
}

/**
 * The common part of operators that collect: the claims on what they keep, and the emission of what they let go of. It
 * emits one group after the other, each in the scope of all its events.
 *
 * The operator decides what belongs together. It changes its groups first and emits nothing itself. So when a
 * subscriber makes the source emit while it receives a result, the state is consistent, and the new values come after
 * that result.
 */
export class Collector<T, R> {
  /** Results that were let go of and are not emitted yet, in order. */
  private readonly ready: { readonly holds: readonly Hold[]; readonly result: R }[] = [];
  private isEmitting = false;
  private sourceDone = false;

  /**
   * @param subscriber - The subscriber that gets the results.
   * @param letGoOfAll - Calls `letGo` for every group.
   */
  constructor(
    private readonly subscriber: Subscriber<R>,
    private readonly letGoOfAll: () => void,
  ) {
    subscriber.add(() => this.abandon());
  }

  /**
   * Claims a value's event, and lets the operator put the value into a group.
   *
   * @param value - The value that the operator received.
   * @param prepare - Calls the user's functions, and returns the function that puts the value into a group. When it
   * throws or ends the subscription, the value is not put into a group.
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

  /** Calls `ring`, which lets go of the group, after `delayMs`; never for `Infinity`. */
  startClock(group: Group<T>, delayMs: number, scheduler: SchedulerLike, ring: () => void): void {
    if (delayMs === Infinity) return;
    group.clock = scheduler.schedule(() => {
      ring();
      this.emitReady();
    }, delayMs);
  }

  /** Queues `result` for emission; nothing is added to the group after this. */
  letGo({ clock, holds }: Group<T>, result: R): void {
    clock?.unsubscribe();
    this.ready.push({ holds, result });
  }

  /** No more values come: emits the rest, then completes. */
  sourceCompleted(): void {
    this.sourceDone = true;
    this.flush();
  }

  /** One function for all holds, so that it is called only once under pressure. */
  private readonly flush = (): void => {
    this.letGoOfAll();
    this.emitReady();
  };

  /** A loop, because results that are queued during an emission must wait for its end, and so must the completion. */
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
