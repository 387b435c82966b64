import type { MonoTypeOperatorFunction, Subscriber } from 'rxjs';
import { deliveryOf, operate, type Delivery, type Hold } from '@rxforce/core/delivery';
import { type ChangeEvent, checkOptionNames } from '@rxforce/core/model';
import { checkCount, checkFunction, deliveryInScope } from '@rxforce/core/internal';
import { RecentKeys } from './work/recent-keys.js';

/** How `distinctEvents` identifies events. */
export interface DistinctEventsOptions<T> {
  /**
   * How many events are remembered; at least 1. The event that was not seen for the longest time is forgotten.
   *
   * @defaultValue 10_000
   */
  readonly size?: number;
  /**
   * The key that identifies a value. A value whose key is `undefined` cannot be identified, and is passed on. While a
   * key is remembered, all later values with that key are dropped, whatever else is in them.
   *
   * @defaultValue the event's id together with its replay id, and its record id where it has one; `undefined` where the
   * id is empty, and for a value that is not an event
   */
  readonly keyBy?: (value: T) => string | undefined;
}

/**
 * Drops events that came before.
 *
 * A client already drops the events that the service sends twice to one subscription. This operator drops the other
 * repeats: events that come again through a `retry()` or `repeat()` before this operator, or from several topics that
 * are merged.
 *
 * ```marble
 * source  -a-b-a-c-b-|
 *         distinctEvents()
 * result  -a-b---c---|
 * settled -a-b-a-c-b--
 * ```
 *
 * - Complete: passed on.
 * - Error: passed on, and so is an error thrown by `keyBy`.
 * - Unsubscribe: passed on. An event that waits for the first one to be settled continues to wait for it.
 * - Delivery: a dropped event is settled, but only after the first one is settled: otherwise, a crash during the work
 *   on the first one would lose both. When the work on the first one fails or is dropped, the first one is never
 *   settled, and the next one is passed on. The next one is also passed on when all events of a stream's window wait or
 *   are kept, so that no more can come.
 * - Memory: `size` keys, and the events that wait; on a rxforce stream at most its window.
 *
 * @throws `ConfigurationError` when `size` is not a whole number of at least 1.
 */
export function distinctEvents<T>(options: DistinctEventsOptions<T> = {}): MonoTypeOperatorFunction<T> {
  checkOptionNames(options, NAMES, { of: 'distinctEvents()' });
  const { size = 10_000, keyBy = identityOf } = options;
  checkCount('distinctEvents() got size', size, 1);
  checkFunction('distinctEvents() got keyBy', keyBy);
  return (source) =>
    operate(source, 'keeps', (subscriber: Subscriber<T>) => {
      const events = new Events<T>(size, subscriber);
      return { next: (value) => events.add(value, keyBy(value)) };
    });
}

const NAMES: readonly string[] = Object.keys({
  size: true,
  keyBy: true,
} satisfies Record<keyof DistinctEventsOptions<unknown>, true>);

/** An event that came again before the work on the first one was done. */
interface Repeat<T> {
  readonly key: string;
  readonly value: T;
  readonly delivery: Delivery;
  readonly held: Hold;
}

class Events<T> {
  /** The delivery of each event, until it is settled. */
  private readonly recent: RecentKeys<Delivery | 'settled'>;
  private readonly waiting = new Set<Repeat<T>>();

  constructor(
    size: number,
    private readonly subscriber: Subscriber<T>,
  ) {
    this.recent = new RecentKeys(size);
  }

  add(value: T, key: string | undefined): void {
    // A message of a queue carries no delivery.
    const delivery = deliveryOf(value) ?? deliveryInScope();
    if (key === undefined || this.isFirst(key, delivery)) this.subscriber.next(value);
    else if (delivery !== undefined) this.waitForFirst({ key, value, delivery, held: delivery.hold('keeps') });
  }

  /** Whether no event with this key is remembered. From here on, this one is. */
  private isFirst(key: string, delivery: Delivery | undefined): boolean {
    if (this.recent.see(key) !== undefined) return false;
    this.recent.set(key, delivery ?? 'settled');
    if (delivery !== undefined) {
      whenEnded(delivery, (isSettled) => this.recent.replace(key, delivery, isSettled ? 'settled' : undefined));
    }
    return true;
  }

  private waitForFirst(repeat: Repeat<T>): void {
    const { key, delivery, held } = repeat;
    const first = this.recent.see(key);
    // Several values of one delivery cannot wait for each other.
    if (first === undefined || first === 'settled' || first === delivery) {
      held.release();
      return;
    }
    this.waiting.add(repeat);
    held.onPressure(this.flush);
    whenEnded(first, (isSettled) => {
      if (!this.waiting.delete(repeat)) return;
      if (isSettled) held.release();
      // The first one is forgotten, but several events may have waited for it.
      else if (this.isFirst(key, delivery)) this.pass(repeat);
      else this.waitForFirst(repeat);
    });
  }

  /** One function for all holds, so that it is called only once under pressure. */
  private readonly flush = (): void => {
    const repeats = [...this.waiting];
    this.waiting.clear();
    repeats.forEach((repeat) => this.pass(repeat));
  };

  private pass({ value, held }: Repeat<T>): void {
    held.emit(this.subscriber, value);
    held.release();
  }
}

/** A hold reports the end of its delivery, even after it is released. */
function whenEnded(delivery: Delivery, ended: (isSettled: boolean) => void): void {
  const watch = delivery.hold('keeps');
  watch.onEnded((outcome) => ended(outcome === 'settled'));
  watch.release();
}

/** Neither id is enough alone: publishers may reuse an event's id, and events may share a replay id. */
function identityOf(value: unknown): string | undefined {
  const { id, replayId, header, split } = Object(value) as Partial<ChangeEvent>;
  if (!id || replayId === undefined) return undefined;
  // A merged event may have been split into one event for each record.
  const [recordId = '', ...more] = header?.recordIds ?? [];
  // Partitions of a log may each have a part of it, and at the same position.
  return `${replayId.toString()} ${id} ${split?.partition ?? ''} ${more.length === 0 ? recordId : ''}`;
}
