import { type Observable, ReplaySubject, type SchedulerLike } from 'rxjs';
import { carrying } from '../delivery/carrying.js';
import { Deliveries } from '../delivery/deliveries.js';
import { TrackedObservable } from '../delivery/tracked-observable.js';
import { ReplayId } from '../model/replay-id.js';

/** The fate of a delivered value: `settled` once the work on it was done. */
export interface DeliveryLogEntry<T> {
  readonly value: T;
  /** The scheduler's time, in milliseconds; frames in a marble test. */
  readonly at: number;
}

/** A source of deliveries, and the fate of each. */
export interface DeliveredSource<T> {
  /** The values, each delivered in a scope, as a rxforce client does. */
  readonly values: Observable<T>;
  /** Emits each value when it is settled. For `expectSettled`, which checks when. */
  readonly settled$: Observable<T>;
  /** The settled values, in the order of their settlement. */
  readonly settled: readonly DeliveryLogEntry<T>[];
  /** The values that an operator with holds received after they were settled. A crash could lose them. */
  readonly settledEarly: readonly { readonly value: T; readonly beside: 'alone' | 'among-others' }[];
  /** The values received and not settled, oldest first. They come again after a restart. */
  unsettled(): readonly T[];
  /** The last value with everything up to it settled. A restart continues after it. */
  watermark(): T | undefined;
}

/** How a source of deliveries behaves. */
export interface DeliveredOptions {
  /**
   * How many unsettled values count as a full window. Once operators that collect keep all of them, those operators
   * learn that no more can come, as on a client with this `window`. The source is not held back; the marbles do that.
   *
   * @defaultValue `Infinity`
   */
  readonly window?: number;
  /**
   * Makes the error of `values` when a value reaches an operator with holds only after it was settled, alone.
   *
   * @defaultValue none: the value is only noted in `settledEarly`
   */
  readonly earlySettlement?: (value: unknown) => Error;
}

/**
 * Delivers the values of any Observable as a rxforce client delivers events, so that a test can see which values a
 * pipeline settles, and when. Subscribe to `values` once.
 *
 * @param source - Such as `cold('-a-b|')` of a marble test.
 * @param scheduler - The scheduler of the marble test.
 */
export function delivered<T>(
  source: Observable<T>,
  scheduler: SchedulerLike,
  { window = Infinity, earlySettlement }: DeliveredOptions = {},
): DeliveredSource<T> {
  const received = new Received<T>();
  const settledEarly: { value: T; beside: 'alone' | 'among-others' }[] = [];
  let deliveries: Deliveries | undefined;
  const values = new TrackedObservable<T>((subscriber) => {
    const own = new Deliveries(scheduler, {
      settled: ({ replayId }) => received.settle(replayId, scheduler.now()),
      kept: () => scheduler.schedule(() => isStalled(own) && own.flush()),
      ended: () => undefined,
      failed: (error) => subscriber.error(error),
      settledEarly: ({ replayId }, beside) => {
        const value = received.valueAt(replayId);
        settledEarly.push({ value, beside });
        if (beside === 'alone' && earlySettlement) subscriber.error(earlySettlement(value));
      },
      isLive: () => !subscriber.closed,
    });
    deliveries = own;
    subscriber.add(
      source.subscribe({
        next: (value) => {
          const delivery = own.open(received.add(value));
          delivery.deliver(subscriber, carrying(value, delivery));
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
  });
  const isStalled = ({ kept }: Deliveries) => received.unsettledCount >= window && kept === received.unsettledCount;
  return {
    values,
    settled$: received.settled$.asObservable(),
    settled: received.settled,
    settledEarly,
    unsettled: () => received.unsettled(),
    watermark: () => {
      const position = deliveries?.watermark.position;
      return position && received.valueAt(position);
    },
  };
}

/** The values of a source, by the replay ids that they are given, and which of them are settled. */
class Received<T> {
  readonly settled$ = new ReplaySubject<T>(Infinity);
  readonly settled: DeliveryLogEntry<T>[] = [];
  private readonly values: T[] = [];
  private readonly settledIndices = new Set<number>();

  get unsettledCount(): number {
    return this.values.length - this.settled.length;
  }

  add(value: T): ReplayId {
    return idOf(this.values.push(value) - 1);
  }

  settle(replayId: ReplayId, at: number): void {
    const value = this.valueAt(replayId);
    this.settledIndices.add(indexOf(replayId));
    this.settled.push({ value, at });
    this.settled$.next(value);
  }

  valueAt(replayId: ReplayId): T {
    return this.values[indexOf(replayId)] as T;
  }

  unsettled(): T[] {
    return this.values.filter((_value, index) => !this.settledIndices.has(index));
  }
}

function idOf(index: number): ReplayId {
  return ReplayId.fromBytes(Buffer.from(String(index)));
}

function indexOf(replayId: ReplayId): number {
  return Number(Buffer.from(replayId.toBytes()).toString());
}
