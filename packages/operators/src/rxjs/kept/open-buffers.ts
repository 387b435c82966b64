import { Subscription, type SchedulerLike, type Subscriber } from 'rxjs';
import { hold, joinHolds, type Hold } from '@rxforce/core/delivery';
import { dropLost } from '../../batches/drop-lost.js';

/** Values that will be emitted together. */
export class OpenBuffer<T> {
  /** Ends with the buffer. */
  readonly life = new Subscription();
  /** How many values it has received. Under pressure they are emitted before the buffer ends. */
  seen = 0;
  values: T[] = [];
  private holds: Hold[] = [];

  add(value: T, held: Hold): void {
    this.seen++;
    this.values.push(value);
    if (held.state() !== 'none') this.holds.push(held);
  }

  /** Whether all its values were emitted early. */
  get isSpent(): boolean {
    return this.seen > 0 && this.values.length === 0;
  }

  /** Emits the values it has; nothing where another replica has all of them by now. */
  emit(subscriber: Subscriber<T[]>): void {
    dropLost(this.values, this.holds);
    if (this.isSpent) return;
    const { values } = this;
    const held = this.empty();
    held.emit(subscriber, values);
    held.release();
  }

  abandon(): void {
    this.empty().abandon();
  }

  private empty(): Hold {
    const held = joinHolds(this.holds);
    this.values = [];
    this.holds = [];
    return held;
  }
}

/** The buffers of a subscription that have not ended, oldest first. Each holds the events of its values. */
export class OpenBuffers<T> {
  private readonly open: OpenBuffer<T>[] = [];

  constructor(private readonly subscriber: Subscriber<T[]>) {
    subscriber.add(() => this.open.splice(0).forEach((buffer) => buffer.abandon()));
  }

  begin(): OpenBuffer<T> {
    const buffer = new OpenBuffer<T>();
    this.subscriber.add(buffer.life);
    this.open.push(buffer);
    return buffer;
  }

  /** A copy of the list of open buffers, which later changes do not affect. */
  all(): readonly OpenBuffer<T>[] {
    return [...this.open];
  }

  add(buffer: OpenBuffer<T>, value: T): void {
    const held = hold(value, 'keeps');
    held.onPressure(this.flush);
    buffer.add(value, held);
  }

  /** Emits a buffer and forgets it. */
  end(buffer: OpenBuffer<T>): void {
    const at = this.open.indexOf(buffer);
    if (at >= 0) this.open.splice(at, 1);
    buffer.life.unsubscribe();
    this.subscriber.remove(buffer.life);
    if (!buffer.isSpent) buffer.emit(this.subscriber);
  }

  /** No more values come: emits all buffers, and completes. */
  complete(): void {
    for (const buffer of this.all()) this.end(buffer);
    this.subscriber.complete();
  }

  /**
   * One function for all holds, so that it is called only once under pressure. The buffers stay open for later values.
   */
  private readonly flush = (): void => {
    for (const buffer of this.all()) if (buffer.values.length > 0) buffer.emit(this.subscriber);
  };
}

/** Runs an action later, unless `life` ends before. With `repeats`, runs it repeatedly. */
export function later(
  life: Subscription,
  scheduler: SchedulerLike,
  delayMs: number,
  work: () => void,
  repeats = false,
): void {
  life.add(
    scheduler.schedule(function () {
      work();
      if (repeats) life.add(this.schedule(undefined, delayMs));
      else this.unsubscribe();
    }, delayMs),
  );
}
