import { asyncScheduler, defer, finalize, interval, map, type Observable, type SchedulerLike } from 'rxjs';
import { hold, operate, type DeliveryOutcome } from '@rxforce/core/delivery';
import { checkOptionNames, ConfigurationError } from '@rxforce/core/model';
import { checkWait } from '@rxforce/core/internal';

/** What a hook is told. */
export interface MeterReading<T = unknown> {
  /** What it is about. */
  readonly event: T;
  /**
   * How long ago the change was committed, in milliseconds, where the event says when: in whole seconds, and by the org's
   * clock, so it may be below 0 by this one's.
   */
  readonly lagMs?: number;
}

/** How a meter counts, and whom it tells. */
export interface MeterOptions<T = unknown> {
  /**
   * How often `snapshots$` emits, in milliseconds, above 0 and at most 2_147_483_647.
   *
   * @defaultValue 10_000
   */
  readonly intervalMs?: number;
  /** Told of each event before it is passed on: to count it, say. */
  readonly onReceived?: (reading: MeterReading<T>) => void;
  /** Told of each event that is settled: to put its lag into a histogram, say. */
  readonly onSettled?: (reading: MeterReading<T>) => void;
  /** Told of each event that never will be settled: its work failed or was unsubscribed, and it comes again. */
  readonly onUnsettled?: (reading: MeterReading<T>) => void;
  /** Told of each error of a source, before it is passed on. */
  readonly onError?: (error: unknown) => void;
  /**
   * Where the time comes from.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/** How many events there were. */
export interface MeterCounts {
  /** That came. */
  readonly received: number;
  /** Whose work is done. */
  readonly settled: number;
  /** Whose work never will be: it failed or was unsubscribed. They come again. */
  readonly unsettled: number;
  /** Errors of the sources. What fails downstream is not seen there: its events are unsettled. */
  readonly errors: number;
}

/** What a meter counted in an interval: since the snapshot before, or since `snapshots$` was subscribed to. */
export interface MeterSnapshot extends MeterCounts {
  /** When the interval ended, in epoch milliseconds. */
  readonly at: number;
  /** Events received in a second, on average. */
  readonly receivedPerSecond: number;
  /** Events settled in a second, on average. */
  readonly settledPerSecond: number;
  /**
   * From the commit of a change to the settlement of its event, in milliseconds; `undefined` where none was settled that says
   * when it was committed.
   */
  readonly lagMs: MeterLag | undefined;
  /** Events that are neither settled nor unsettled, now. */
  readonly inWork: number;
  /** Since the meter was made. */
  readonly totals: MeterCounts;
}

/** Times from commit to settlement, in milliseconds. */
export interface MeterLag {
  /** Of the event that was settled last. */
  readonly last: number;
  readonly mean: number;
  readonly max: number;
}

/** A part to put first into pipelines, and what it counts there. */
export interface Meter<T = unknown> {
  /** Passes everything on, and counts it. In several pipelines, the counts add up. */
  readonly measure: <E extends T>(source: Observable<E>) => Observable<E>;
  /**
   * What was counted, once in `intervalMs` for as long as it is subscribed to; it never completes. Each subscription has
   * intervals of its own. A timer keeps the process alive meanwhile.
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
 * ```
 *
 * Put `measure` first: `changes$.pipe(measure, handle(save))`. It tells the settlement of an event from its delivery, a timer
 * turn later. On a source without deliveries an event counts as settled once it was passed on.
 *
 * An error that a hook throws is no error of the stream: it is thrown again from a timer, where it is as any other that nobody
 * catches.
 *
 * - Complete, error, unsubscribe: passed on. What was in work then is still counted when it ends.
 * - Delivery: holds nothing back: it lets go of an event when it has passed it on.
 * - Memory: the events that are neither settled nor unsettled; on a rxforce stream at most its window.
 *
 * @throws `ConfigurationError` when `intervalMs` is out of its range, or a hook is no function.
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

/** What was counted in a time. */
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

/** Counts for all pipelines of a meter, in its totals and in the interval of each who listens. */
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

  /** What a hook throws is not the stream's error, and not to be hidden either. */
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
