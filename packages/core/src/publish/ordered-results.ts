import type { Hold } from '../delivery/delivery.js';
import { Fifo } from './fifo.js';

/** The place of a result, in the order of the inputs. */
export interface Slot<R> {
  readonly hold: Hold;
  /** Set once the result is known. */
  result: R | undefined;
}

/** Emits results in the order of their inputs, and holds the inputs' events until then. */
export class OrderedResults<R> {
  private readonly slots = new Fifo<Slot<R>>();
  private isEmitting = false;

  /** @param give - Emits a result in the scope of a hold, and ends the hold. */
  constructor(private readonly give: (hold: Hold, result: R) => void) {}

  /** How many results are not emitted yet. */
  get count(): number {
    return this.slots.size;
  }

  /** Whether all results are emitted, and the last emission is over. */
  get isDone(): boolean {
    return this.count === 0 && !this.isEmitting;
  }

  /** Makes the next place. */
  open(hold: Hold): Slot<R> {
    const slot = { hold, result: undefined };
    this.slots.push(slot);
    return slot;
  }

  /** A loop, because results that a subscriber causes while it receives a result come after that result. */
  emitReady(): void {
    if (this.isEmitting) return;
    this.isEmitting = true;
    for (let result = this.slots.peek()?.result; result !== undefined; result = this.slots.peek()?.result) {
      const slot = this.slots.shift();
      if (slot) this.give(slot.hold, result);
    }
    this.isEmitting = false;
  }

  /** Drops the inputs without an emitted result. Their events are not settled. */
  abandon(): void {
    for (const { hold } of this.slots.takeAll()) hold.abandon();
  }
}
