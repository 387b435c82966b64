import { asyncScheduler, defer, finalize, interval, map, type Observable, type SchedulerLike } from 'rxjs';
import { hold, operate, type DeliveryOutcome } from '@rxforce/core/delivery';
import { checkOptionNames, ConfigurationError } from '@rxforce/core/model';
import { checkWait } from '@rxforce/core/internal';

/** The argument of a hook. */
export interface MeterReading<T = unknown> {
  /** The event that the hook reports. */
  readonly event: T;
  /**
   * How long ago the change was committed, in milliseconds, where the event has the time. The commit time is in whole
   * seconds and comes from the org's clock, so the lag may be below 0 on this clock.
   */
  readonly lagMs?: number;
}

/** How a meter counts, and which hooks it calls. */
export interface MeterOptions<T = unknown> {
  /**
   * How often `snapshots$` emits, in milliseconds, above 0 and at most 2_147_483_647.
   *
   * @defaultValue 10_000
   */
  readonly intervalMs?: number;
  /** Called with each event before it is passed on, for example to count it. */
  readonly onReceived?: (reading: MeterReading<T>) => void;
  /** Called with each event that is settled, for example to put its lag into a histogram. */
  readonly onSettled?: (reading: MeterReading<T>) => void;
  /** Called with each event that will never be settled: its work failed or was unsubscribed, and it comes again. */
  readonly onUnsettled?: (reading: MeterReading<T>) => void;
  /** Called with each error of a source, before it is passed on. */
  readonly onError?: (error: unknown) => void;
  /**
   * Where the time comes from.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/** The counts of a meter. */
export interface MeterCounts {
  /** Events that came. */
  readonly received: number;
  /** Events whose work is done. */
  readonly settled: number;
  /** Events whose work will never be done, because it failed or was unsubscribed. They come again. */
  readonly unsettled: number;
  /** Errors of the sources. Failures downstream are not counted here: their events count as unsettled. */
  readonly errors: number;
}

/** The counts of an interval: since the previous snapshot, or since the subscription to `snapshots$`. */
export interface MeterSnapshot extends MeterCounts {
  /** When the interval ended, in epoch milliseconds. */
  readonly at: number;
  /** Events received a second, on average. */
  readonly receivedPerSecond: number;
  /** Events settled a second, on average. */
  readonly settledPerSecond: number;
  /**
   * From the commit of a change to the settlement of its event, in milliseconds; `undefined` where no settled event has
   * a commit time.
   */
  readonly lagMs: MeterLag | undefined;
  /** Events that are neither settled nor unsettled at this time. */
  readonly inWork: number;
  /** The counts since the meter was made. */
  readonly totals: MeterCounts;
}

/** Times from commit to settlement, in milliseconds. */
export interface MeterLag {
  /** The lag of the event that was settled last. */
  readonly last: number;
  readonly mean: number;
  readonly max: number;
}

/** An operator to put first into pipelines, and its counts. */
export interface Meter<T = unknown> {
  /** Passes everything on, and counts it. In several pipelines, the counts add up. */
  readonly measure: <E extends T>(source: Observable<E>) => Observable<E>;
  /**
   * Emits the counts every `intervalMs` while it is subscribed to; it never completes. Each subscription has intervals
   * of its own. Its timer keeps the process alive.
   */
  readonly snapshots$: Observable<MeterSnapshot>;
}

/**
 * Counts the events of a stream, those whose work is done, and how long that took since they were committed.
 *
 * ```marble
 * source  -a-b-c---d-|
 *         meter().measure
 * result  -a-b-c---d-|
 * settled -a-b-c---d--
 * ```
 *
 * Put `measure` first: `changes$.pipe(measure, handle(save))`. It learns of an event's settlement from the delivery, a
 * timer turn later. On a source without deliveries, an event counts as settled when it was passed on.
 *
 * An error thrown by a hook is not an error of the stream. It is thrown again from a timer, as an uncaught error.
 *
 * - Complete, error, unsubscribe: passed on. Events in work at that time are still counted when their work ends.
 * - Delivery: holds nothing back. It lets go of an event after it has passed it on.
 * - Memory: the events that are neither settled nor unsettled; on a rxforce stream at most its window.
 *
 * @throws `ConfigurationError` when `intervalMs` is out of its range, or a hook is not a function.
 */
export function meter<T = unknown>(options: MeterOptions<T> = {}): Meter<T> {
  const { intervalMs, scheduler, hooks } = resolveMeterOptions(options);
  const counter = new Counter(hooks, scheduler);
  return {
    measure: (source) =>
      operate(source, 'keeps', (subscriber) => ({
        next: (event) => {
          const held = hold(event, 'keeps');
          if (subscriber.closed) {
            held.abandon();
            return;
          }
          counter.received(event);
          subscriber.next(event);
          held.onEnded((outcome) => counter.ended(event, outcome));
          held.release();
        },
        error: (error) => counter.failed(error),
      })),
    snapshots$: defer(() => {
      let tally = counter.begin();
      return interval(intervalMs, scheduler).pipe(
        map(() => {
          const snapshot = counter.snapshotOf(tally);
          counter.end(tally);
          tally = counter.begin();
          return snapshot;
        }),
        finalize(() => counter.end(tally)),
      );
    }),
  };
}

/** The counts of a period. */
class Tally {
  received = 0;
  settled = 0;
  unsettled = 0;
  errors = 0;
  lags = 0;
  lagSum = 0;
  lagMax = -Infinity;
  lagLast = 0;

  constructor(readonly since: number) {}

  get counts(): MeterCounts {
    const { received, settled, unsettled, errors } = this;
    return { received, settled, unsettled, errors };
  }

  get lagMs(): MeterLag | undefined {
    if (this.lags === 0) return undefined;
    return { last: this.lagLast, mean: this.lagSum / this.lags, max: this.lagMax };
  }

  addLag(lagMs: number): void {
    this.lags++;
    this.lagSum += lagMs;
    this.lagMax = Math.max(this.lagMax, lagMs);
    this.lagLast = lagMs;
  }
}

type Hooks<T> = Pick<MeterOptions<T>, 'onReceived' | 'onSettled' | 'onUnsettled' | 'onError'>;

/** Counts for all pipelines of a meter: in its totals, and in the interval of each subscription to its snapshots. */
class Counter<T> {
  private readonly totals = new Tally(0);
  /** The totals, and the intervals under way. */
  private readonly tallies = new Set([this.totals]);

  constructor(
    private readonly hooks: Hooks<T>,
    private readonly scheduler: SchedulerLike,
  ) {}

  received(event: T): void {
    for (const tally of this.tallies) tally.received++;
    this.tell(this.hooks.onReceived, event, this.lagOf(event));
  }

  ended(event: T, outcome: DeliveryOutcome): void {
    const lagMs = this.lagOf(event);
    for (const tally of this.tallies) {
      tally[outcome]++;
      if (outcome === 'settled' && lagMs !== undefined) tally.addLag(lagMs);
    }
    this.tell(outcome === 'settled' ? this.hooks.onSettled : this.hooks.onUnsettled, event, lagMs);
  }

  failed(error: unknown): void {
    for (const tally of this.tallies) tally.errors++;
    this.call(() => this.hooks.onError?.(error));
  }

  /** Begins an interval. */
  begin(): Tally {
    const tally = new Tally(this.scheduler.now());
    this.tallies.add(tally);
    return tally;
  }

  /** Ends an interval. */
  end(tally: Tally): void {
    this.tallies.delete(tally);
  }

  snapshotOf(tally: Tally): MeterSnapshot {
    const at = this.scheduler.now();
    const { received, settled, unsettled } = this.totals;
    // The clock may have been set back.
    const seconds = Math.max(at - tally.since, 1) / 1_000;
    return {
      at,
      ...tally.counts,
      receivedPerSecond: tally.received / seconds,
      settledPerSecond: tally.settled / seconds,
      lagMs: tally.lagMs,
      inWork: received - settled - unsettled,
      totals: this.totals.counts,
    };
  }

  private lagOf(event: unknown): number | undefined {
    const { header } = Object(event) as { readonly header?: { readonly commitTimestamp?: unknown } };
    const committedAt = header?.commitTimestamp;
    return typeof committedAt === 'number' ? this.scheduler.now() - committedAt : undefined;
  }

  private tell(hook: Hooks<T>['onReceived'], event: T, lagMs: number | undefined): void {
    if (hook) this.call(() => hook(lagMs === undefined ? { event } : { event, lagMs }));
  }

  /** An error of a hook is not an error of the stream, and must not be hidden either. */
  private call(hook: () => void): void {
    try {
      hook();
    } catch (error) {
      this.scheduler.schedule(() => {
        throw error;
      });
    }
  }
}

const NAMES: readonly string[] = Object.keys({
  intervalMs: true,
  onReceived: true,
  onSettled: true,
  onUnsettled: true,
  onError: true,
  scheduler: true,
} satisfies Record<keyof MeterOptions, true>);

function resolveMeterOptions<T>(options: MeterOptions<T>) {
  checkOptionNames(options, NAMES, { of: 'meter()' });
  const { intervalMs = 10_000, scheduler = asyncScheduler, onReceived, onSettled, onUnsettled, onError } = options;
  const hooks = { onReceived, onSettled, onUnsettled, onError };
  if (intervalMs === 0) throw new ConfigurationError('meter() got intervalMs 0, but it must be above 0.');
  for (const [name, hook] of Object.entries(hooks)) {
    if (hook !== undefined && typeof hook !== 'function') {
      throw new ConfigurationError(`meter() got ${name} that is no function.`);
    }
  }
  return { intervalMs: checkWait('meter() got intervalMs', intervalMs), scheduler, hooks: hooks as Hooks<T> };
}
