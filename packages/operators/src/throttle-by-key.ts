import { asyncScheduler, type MonoTypeOperatorFunction, type SchedulerLike, type Subscriber } from 'rxjs';
import { operate, type Hold } from '@rxforce/core/delivery';
import { type ChangeEvent, checkOptionNames, ConfigurationError } from '@rxforce/core/model';
import { checkWait } from '@rxforce/core/internal';
import { Collector, Group } from './batches/collector.js';

/** How `throttleByKey` throttles. */
export interface ThrottleByKeyOptions<T> {
  /**
   * The key whose values are throttled together. Several keys count as one combined key. A value without keys is passed
   * on.
   *
   * @defaultValue the record ids of a change event, with its object's name, so a merged event is throttled with merged
   * events of the same records; no keys for other values
   */
  readonly keyBy?: (value: T) => string | readonly string[];
  /**
   * Whether the value that begins an interval passes at once. Otherwise it is kept for the interval's end, as later
   * values are.
   *
   * @defaultValue `true`
   */
  readonly leading?: boolean;
  /**
   * Whether the newest value of an interval is kept, and emitted at its end. Otherwise all values within the interval
   * are dropped.
   *
   * @defaultValue `true`
   */
  readonly trailing?: boolean;
  /**
   * Where the time comes from.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/**
 * Passes on the first value of a key, and then one value in each interval: the newest one, at the interval's end.
 *
 * A newer value replaces a kept one, which is dropped. So use this operator only where each value has the whole state,
 * as the values of `toRecords` do. An UPDATE has only the changed fields, and a gap or a DELETE must not be missed.
 *
 * ```marble
 * source  -a-b-x-----c------|      a = { key: 1 }, b = { key: 1 }, c = { key: 1 }, x = { key: 2 }
 *         throttleByKey(6)
 * result  -a---x-b-----c----|
 * settled -a---x-b-----c-----
 * ```
 *
 * - Complete: emits what was kept, then completes.
 * - Error: drops what was kept, without settling it, and passes the error on. An error thrown by `keyBy` has the same
 *   effect.
 * - Unsubscribe: drops what was kept, without settling it.
 * - Delivery: holds the events of kept values, and emits each value in its event's scope. A value that a newer one
 *   replaces is settled then, before the newer one. When all events of a stream's window are kept, so that no more can
 *   come, kept values are emitted early.
 * - Order: the values of each key keep their order. Where values have several keys, a kept value is emitted before a
 *   newer value that shares one of its keys, early if necessary: no record goes back in time.
 * - Memory: one value for each key in an interval, on a rxforce stream at most its window; and a timer. A key is
 *   forgotten after an interval in which nothing came.
 *
 * @param durationMs - How long an interval is, in milliseconds; from 0 to 2_147_483_647.
 * @throws `ConfigurationError` when `durationMs` is out of its range, or `leading` and `trailing` are both off.
 */
export function throttleByKey<T>(
  durationMs: number,
  options: ThrottleByKeyOptions<T> = {},
): MonoTypeOperatorFunction<T> {
  const rules = resolveThrottleByKeyOptions(durationMs, options);
  return (source) =>
    operate(source, 'keeps', (subscriber: Subscriber<T>) => {
      const throttle = new Throttle(rules, subscriber);
      return { next: (value) => throttle.add(value), complete: () => throttle.sourceCompleted() };
    });
}

/** The time after a value of a key, with the newest value that came in that time, if there is one. */
class Interval<T> extends Group<T> {
  constructor(
    readonly name: string,
    readonly keys: readonly string[],
  ) {
    super();
  }

  /** Keeps a value instead of the one before, and releases the claims on that one. */
  replace(value: T, held: Hold): void {
    this.values.length = 0;
    const superseded = this.holds.splice(0);
    this.add(value, held);
    superseded.forEach((each) => each.release());
  }
}

class Throttle<T> {
  /** The intervals, by the name of their combination of keys. */
  private readonly intervals = new Map<string, Interval<T>>();
  /** The intervals that keep a value, in the order of these values. */
  private readonly keeping = new Set<Interval<T>>();
  /** Whether any value had several keys, so that different combinations may share some. */
  private mayShareKeys = false;
  private readonly collector: Collector<T, T>;

  constructor(
    private readonly rules: Rules<T>,
    subscriber: Subscriber<T>,
  ) {
    this.collector = new Collector(subscriber, () => [...this.keeping].forEach((interval) => this.letGo(interval)));
    subscriber.add(() => this.intervals.forEach(({ clock }) => clock?.unsubscribe()));
  }

  add(value: T): void {
    this.collector.take(value, () => {
      const keys = this.rules.keysOf(value);
      return (held) => this.place(value, held, keys);
    });
  }

  sourceCompleted(): void {
    this.collector.sourceCompleted();
  }

  private place(value: T, held: Hold, keys: readonly string[]): void {
    if (keys.length === 0) {
      this.emit(value, held);
      return;
    }
    if (keys.length > 1) this.mayShareKeys = true;
    const name = nameOf(keys);
    const running = this.intervals.get(name);
    if (running) this.keep(running, value, held);
    else if (!this.rules.leading) this.keep(this.begin(name, keys), value, held);
    else {
      this.letGoOlder(keys);
      this.begin(name, keys);
      this.emit(value, held);
    }
  }

  private keep(interval: Interval<T>, value: T, held: Hold): void {
    if (!this.rules.trailing) {
      held.release();
      return;
    }
    interval.replace(value, held);
    this.keeping.delete(interval);
    this.keeping.add(interval);
  }

  private begin(name: string, keys: readonly string[]): Interval<T> {
    const interval = new Interval<T>(name, keys);
    this.intervals.set(name, interval);
    const { durationMs, scheduler } = this.rules;
    this.collector.startClock(interval, durationMs, scheduler, () => this.end(interval));
    return interval;
  }

  private end(interval: Interval<T>): void {
    if (this.keeping.has(interval)) {
      this.letGoOlder(interval.keys, interval);
      this.letGo(interval);
    } else {
      this.intervals.delete(interval.name);
    }
  }

  private emit(value: T, held: Hold): void {
    const alone = new Group<T>();
    alone.add(value, held);
    this.collector.letGo(alone, value);
  }

  private letGo(interval: Interval<T>): void {
    const { name, keys, values } = interval;
    this.keeping.delete(interval);
    this.begin(name, keys);
    this.collector.letGo(interval, values[0] as T);
  }

  /**
   * Lets go of the values that must be emitted before a value of `keys`: those that share a key, and those that must
   * precede them.
   */
  private letGoOlder(keys: readonly string[], than?: Interval<T>): void {
    if (!this.mayShareKeys) return;
    const kept = [...this.keeping];
    const older = than ? kept.slice(0, kept.indexOf(than)) : kept;
    const shared = new Set(keys);
    const first: Interval<T>[] = [];
    for (const interval of older.reverse()) {
      if (!interval.keys.some((key) => shared.has(key))) continue;
      first.push(interval);
      interval.keys.forEach((key) => shared.add(key));
    }
    first.reverse().forEach((interval) => this.letGo(interval));
  }
}

type Rules<T> = ReturnType<typeof resolveThrottleByKeyOptions<T>>;

const NAMES: readonly string[] = Object.keys({
  keyBy: true,
  leading: true,
  trailing: true,
  scheduler: true,
} satisfies Record<keyof ThrottleByKeyOptions<unknown>, true>);

function resolveThrottleByKeyOptions<T>(durationMs: number, options: ThrottleByKeyOptions<T>) {
  checkOptionNames(options, NAMES, { of: 'throttleByKey()' });
  const { keyBy = recordsOf, leading = true, trailing = true, scheduler = asyncScheduler } = options;
  if (!leading && !trailing) {
    throw new ConfigurationError('throttleByKey() got neither leading nor trailing, so nothing would ever pass.');
  }
  const keysOf = (value: T): readonly string[] => {
    const keys = keyBy(value);
    return typeof keys === 'string' ? [keys] : [...new Set(keys)].sort();
  };
  return { durationMs: checkWait('throttleByKey() got durationMs', durationMs), keysOf, leading, trailing, scheduler };
}

/** The ids alone are not enough: the overflows of all objects have the same ids. */
function recordsOf(value: unknown): readonly string[] {
  const { header } = Object(value) as { readonly header?: Partial<ChangeEvent['header']> };
  return header?.recordIds?.map((id) => `${header.entityName} ${id}`) ?? [];
}

/** The name of a combination of keys. A single key and several keys never get the same name. */
function nameOf(keys: readonly string[]): string {
  return keys.length === 1 ? `=${keys.join()}` : JSON.stringify(keys);
}
