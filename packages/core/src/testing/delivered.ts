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
  const settled$ = new ReplaySubject<T>(Infinity);
  const settled: DeliveryLogEntry<T>[] = [];
  const settledEarly: { value: T; beside: 'alone' | 'among-others' }[] = [];
  const settledIndices = new Set<number>();
  const received: T[] = [];
  let deliveries: Deliveries | undefined;
  const values = new TrackedObservable<T>((subscriber) => {
    const own = new Deliveries(scheduler, {
      settled: ({ replayId }) => {
        settledIndices.add(indexOf(replayId));
        settled.push({ value: valueAt(replayId), at: scheduler.now() });
        settled$.next(valueAt(replayId));
      },
      kept: () => scheduler.schedule(() => isStalled(own) && own.flush()),
      ended: () => undefined,
      failed: (error) => subscriber.error(error),
      settledEarly: ({ replayId }, beside) => {
        settledEarly.push({ value: valueAt(replayId), beside });
        if (beside === 'alone' && earlySettlement) subscriber.error(earlySettlement(valueAt(replayId)));
      },
      isLive: () => !subscriber.closed,
    });
    deliveries = own;
    subscriber.add(
      source.subscribe({
        next: (value) => {
          const delivery = own.open(idOf(received.push(value) - 1));
          delivery.deliver(subscriber, carrying(value, delivery));
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
  });
  const isStalled = ({ kept }: Deliveries) => {
    const unsettled = received.length - settled.length;
    return unsettled >= window && kept === unsettled;
  };
  const valueAt = (replayId: ReplayId) => received[indexOf(replayId)] as T;
  return {
    values,
    settled$: settled$.asObservable(),
    settled,
    settledEarly,
    unsettled: () => received.filter((_value, index) => !settledIndices.has(index)),
    watermark: () => {
      const position = deliveries?.watermark.position;
      return position && valueAt(position);
    },
  };
}

function idOf(index: number): ReplayId {
  return ReplayId.fromBytes(Buffer.from(String(index)));
}

function indexOf(replayId: ReplayId): number {
  return Number(Buffer.from(replayId.toBytes()).toString());
}
