import { asyncScheduler, type OperatorFunction, type SchedulerLike, type Subscriber } from 'rxjs';
import { operate, type Hold } from '@rxforce/core/delivery';
import { checkOptionNames, ConfigurationError } from '@rxforce/core/model';
import { checkCount, checkWait } from '@rxforce/core/internal';
import { Collector, Group } from './batches/collector.js';
import { dropLost } from './batches/drop-lost.js';

/** How `batchBy` collects. */
export interface BatchByOptions<T> {
  /**
   * Most bytes in a batch, as `bytesOf` counts them; at least 1. A batch is emitted before a value that would exceed
   * the limit, and as soon as it reaches the limit. A single value above the limit is a batch of its own.
   *
   * @defaultValue `Infinity`
   */
  readonly maxBytes?: number;
  /**
   * How many bytes a value counts for, from 0. It is called once for each value, and only when `maxBytes` is given.
   *
   * @defaultValue an estimate for plain data, near the length of its JSON text. A string counts its UTF-8 bytes, binary
   * data its length, any other scalar 8. An object or array counts 8 and its contents, field names included. Only the
   * `data` of an event is counted, with 512 for the rest. A value that refers to itself cannot be counted.
   */
  readonly bytesOf?: (value: T) => number;
  /**
   * The key of a value's batch. Values with different keys go into different batches, each with its own count, bytes
   * and clock.
   *
   * @defaultValue one batch for all
   */
  readonly keyBy?: (value: T) => string;
  /**
   * Where the time comes from.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/**
 * Collects values and emits them together, once there are `size` of them or `maxWaitMs` after the first.
 *
 * ```marble
 * source  -a-b-c-----d--------|
 *         batchBy(3, 5)
 * result  -----x----------y---|      x = [a, b, c], y = [d]
 * settled -----(abc)------d----
 * ```
 *
 * A window smaller than the batches does not stall the stream. When batches keep all events of the window, no more can
 * come, and all batches are emitted as they are.
 *
 * - Complete: emits what was collected, then completes.
 * - Error: drops what was collected, without settling it, and passes the error on. An error thrown by `keyBy` or
 *   `bytesOf` has the same effect.
 * - Unsubscribe: drops what was collected, without settling it.
 * - Delivery: holds every collected event; a batch is emitted in the scope of all its events, and holds them all. When
 *   a batch closes the subscriber, none of its events is settled.
 * - Order: the values of a batch, and the batches of a key, keep the order of the source. Batches that are emitted
 *   together come in the order of their first values. Values that a subscriber makes the source emit while it receives
 *   a batch come after that batch.
 * - Memory: fewer than `size` values for each key that has any, and no more than `maxBytes`; a key uses no memory after
 *   its batch is emitted. On a rxforce stream at most its window.
 *
 * @param size - Most values in a batch; at least 1. With `Infinity`, only the time and `maxBytes` limit it.
 * @param maxWaitMs - Longest wait after a batch's first value, in milliseconds; from 0 to 2_147_483_647, or `Infinity`.
 * With `Infinity`, a batch that is not full waits for the completion.
 * @throws `ConfigurationError` when `size`, `maxWaitMs` or `maxBytes` is out of its range.
 */
export function batchBy<T>(size: number, maxWaitMs: number, options: BatchByOptions<T> = {}): OperatorFunction<T, T[]> {
  const rules = resolveBatchByOptions(size, maxWaitMs, options);
  return (source) =>
    operate(source, 'keeps', (subscriber: Subscriber<T[]>) => {
      const batches = new Batches(rules, subscriber);
      return { next: (value) => batches.add(value), complete: () => batches.sourceCompleted() };
    });
}

class Batch<T> extends Group<T> {
  bytes = 0;
}

class Batches<T> {
  /** The open batches by key, in the order of their first values. */
  private readonly open = new Map<string, Batch<T>>();
  private readonly collector: Collector<T, T[]>;

  constructor(
    private readonly rules: Rules<T>,
    subscriber: Subscriber<T[]>,
  ) {
    this.collector = new Collector(subscriber, () => this.open.forEach((batch, key) => this.letGo(key, batch)));
  }

  add(value: T): void {
    const { keyBy, bytesOf } = this.rules;
    this.collector.take(value, () => {
      const key = keyBy(value);
      const bytes = bytesOf(value);
      return (held) => this.place(value, held, key, bytes);
    });
  }

  sourceCompleted(): void {
    this.collector.sourceCompleted();
  }

  private place(value: T, held: Hold, key: string, bytes: number): void {
    const { size, maxBytes, maxWaitMs, scheduler } = this.rules;
    let batch = this.open.get(key);
    if (batch !== undefined && batch.bytes + bytes > maxBytes) {
      this.letGo(key, batch);
      batch = undefined;
    }
    const filled = batch ?? this.begin(key);
    filled.add(value, held);
    filled.bytes += bytes;
    if (filled.values.length === size || filled.bytes >= maxBytes) this.letGo(key, filled);
    else if (batch === undefined) {
      this.collector.startClock(filled, maxWaitMs, scheduler, () => this.letGo(key, filled));
    }
  }

  private begin(key: string): Batch<T> {
    const batch = new Batch<T>();
    this.open.set(key, batch);
    return batch;
  }

  private letGo(key: string, batch: Batch<T>): void {
    this.open.delete(key);
    dropLost(batch.values, batch.holds);
    if (batch.values.length > 0) this.collector.letGo(batch, batch.values);
    else batch.clock?.unsubscribe();
  }
}

type Rules<T> = ReturnType<typeof resolveBatchByOptions<T>>;

const NAMES: readonly string[] = Object.keys({
  maxBytes: true,
  bytesOf: true,
  keyBy: true,
  scheduler: true,
} satisfies Record<keyof BatchByOptions<unknown>, true>);

function resolveBatchByOptions<T>(size: number, maxWaitMs: number, options: BatchByOptions<T>) {
  checkOptionNames(options, NAMES, { of: 'batchBy()' });
  const { maxBytes = Infinity, bytesOf = estimatedBytes, keyBy = () => '', scheduler = asyncScheduler } = options;
  return {
    size: checkCount('batchBy() got size', size, 1, true),
    maxWaitMs: checkWait('batchBy() got maxWaitMs', maxWaitMs, true),
    maxBytes: checkCount('batchBy() got maxBytes', maxBytes, 1, true),
    bytesOf: maxBytes === Infinity ? () => 0 : checkedBytes(bytesOf),
    keyBy,
    scheduler,
  };
}

/** A count that is not a number would switch `maxBytes` off without a warning. */
function checkedBytes<T>(bytesOf: (value: T) => number): (value: T) => number {
  return (value) => {
    const bytes = bytesOf(value);
    if (bytes >= 0) return bytes;
    throw new ConfigurationError(`batchBy()'s bytesOf gave ${String(bytes)}, but it must give a number from 0.`);
  };
}

/**
 * The count of a value that is neither text nor binary. In JSON, a null field takes this much in addition to its name.
 */
const SCALAR_BYTES = 8;
/** The count of an event's header, id, topic and position: everything but its data. */
const ENVELOPE_BYTES = 512;

function estimatedBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return SCALAR_BYTES;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if ('replayId' in value && 'data' in value) return ENVELOPE_BYTES + estimatedBytes(value.data);
  const names = Array.isArray(value) ? 0 : Object.keys(value).reduce((sum, name) => sum + name.length, 0);
  return Object.values(value).reduce<number>((sum, item) => sum + estimatedBytes(item), SCALAR_BYTES + names);
}
