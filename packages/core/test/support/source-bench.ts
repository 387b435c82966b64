import type { Observable, Subscriber } from 'rxjs';
import { hold, operate } from '@rxforce/core/delivery';
import { deliverySource, type DeliverySink, type DeliverySourceOptions } from '@rxforce/core/delivery-source';
import { SteppedTime } from './stepped-time.js';

/** What a value was made from. */
export interface Message {
  readonly number: number;
}

/** A source whose sink the test holds, and what was reported of its messages. */
export class SourceBench {
  readonly time = new SteppedTime();
  readonly settled: number[] = [];
  readonly unsettled: (readonly [number, unknown])[] = [];
  /** The sink of the source that was subscribed to last. */
  sink!: DeliverySink<number, Message>;
  private readonly working = new Map<number, () => void>();

  source(options: Partial<DeliverySourceOptions<Message>> = {}) {
    return deliverySource<number, Message>((given) => void (this.sink = given), {
      name: 'the queue orders',
      settled: ({ number }) => void this.settled.push(number),
      unsettled: ({ number }, error) => void this.unsettled.push([number, error]),
      describe: ({ number }) => `message ${number}`,
      logger: { warn: () => undefined },
      scheduler: this.time,
      ...options,
    });
  }

  /** Has the source deliver numbers. */
  deliver(...numbers: number[]): void {
    for (const number of numbers) this.sink.deliver(number, { number });
  }

  /** Works on each number until the test finishes it. */
  readonly work = (source: Observable<number>) =>
    operate(source, 'works', (subscriber: Subscriber<number>) => ({
      next: (value) => {
        const claim = hold(value, 'works');
        this.working.set(value, () => {
          claim.emit(subscriber, value);
          claim.release();
        });
        subscriber.add(() => claim.abandon());
      },
    }));

  /** Ends the work on a number. */
  finish(number: number): void {
    const finish = this.working.get(number);
    if (!finish) throw new Error(`There is no work on ${number}.`);
    finish();
  }
}
