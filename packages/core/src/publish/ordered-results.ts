import type { Subscriber } from 'rxjs';
import type { Hold } from '../flow/delivery.js';
import { Fifo } from './fifo.js';

/** The place of a result, in the order of the inputs. */
export interface Slot<R> {
  readonly hold: Hold;
  /** Set once it is known. */
  result: R | undefined;
}

/** Emits results in the order of their inputs, each in the scope of its input's event, which is held until then. */
export class OrderedResults<R> {
  private readonly slots = new Fifo<Slot<R>>();
  private isEmitting = false;

  constructor(private readonly subscriber: Subscriber<R>) {}

  /** How many are not emitted yet. */
  get count(): number {
    return this.slots.size;
  }

  /** Whether all are emitted, and the last emission is over. */
  get isDone(): boolean {
    return this.count === 0 && !this.isEmitting;
  }

  /** Makes the next place. */
  open(hold: Hold): Slot<R> {
    const slot = { hold, result: undefined };
    this.slots.push(slot);
    return slot;
  }

  /** A loop, because what a subscriber sets off while it is given a result comes after that result. */
  emitReady(): void {
    if (this.isEmitting) return;
    this.isEmitting = true;
    for (let result = this.slots.peek()?.result; result !== undefined; result = this.slots.peek()?.result) {
      const hold = this.slots.shift()?.hold;
      hold?.emit(this.subscriber, result);
      hold?.release();
    }
    this.isEmitting = false;
  }

  /** Drops what has no result, or one that was not emitted: its events are not settled. */
  abandon(): void {
    for (const { hold } of this.slots.takeAll()) hold.abandon();
  }
}
