import { Observable, type SchedulerLike } from 'rxjs';
import { Deliveries } from '../flow/deliveries.js';
import { ReplayId } from '../model/replay-id.js';

/** What happened to a value that was delivered: `settled` when the work on it was done. */
export interface DeliveryLogEntry<T> {
  readonly value: T;
  /** The scheduler's time, in milliseconds; frames in a marble test. */
  readonly at: number;
}

/** A source of deliveries, and what became of them. */
export interface DeliveredSource<T> {
  /** The values, each delivered in a scope, as a rxforce client does. */
  readonly values: Observable<T>;
  /** The values settled, in the order of their settlement. */
  readonly settled: readonly DeliveryLogEntry<T>[];
  /** The values that an operator with holds received after they were settled: those a crash could lose. */
  readonly settledEarly: readonly { readonly value: T; readonly beside: 'alone' | 'among-others' }[];
  /** The values received and not settled, oldest first: what comes again after a restart. */
  unsettled(): readonly T[];
  /** The last value with everything up to it settled: where a restart goes on from. */
  watermark(): T | undefined;
}

/**
 * Delivers the values of any Observable as a rxforce client delivers events, so that a test can see what a pipeline
 * settles and when. Subscribe to `values` once.
 *
 * @param source - Such as `cold('-a-b|')` of a marble test.
 * @param scheduler - The marble test's.
 */
export function delivered<T>(source: Observable<T>, scheduler: SchedulerLike): DeliveredSource<T> {
  const settled: DeliveryLogEntry<T>[] = [];
  const settledEarly: { value: T; beside: 'alone' | 'among-others' }[] = [];
  const settledIndices = new Set<number>();
  const received: T[] = [];
  let deliveries: Deliveries | undefined;
  const values = new Observable<T>((subscriber) => {
    const own = new Deliveries(scheduler, {
      settled: ({ replayId }) => {
        settledIndices.add(indexOf(replayId));
        settled.push({ value: valueAt(replayId), at: scheduler.now() });
      },
      ended: () => undefined,
      failed: (error) => subscriber.error(error),
      settledEarly: (replayId, beside) => settledEarly.push({ value: valueAt(replayId), beside }),
      isLive: () => !subscriber.closed,
    });
    deliveries = own;
    subscriber.add(
      source.subscribe({
        next: (value) => own.open(idOf(received.push(value) - 1)).deliver(subscriber, value),
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
  });
  const valueAt = (replayId: ReplayId) => received[indexOf(replayId)] as T;
  return {
    values,
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
