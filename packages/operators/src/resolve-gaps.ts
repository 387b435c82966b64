import {
  asyncScheduler,
  type MonoTypeOperatorFunction,
  type ObservableInput,
  type SchedulerLike,
  type Subscriber,
} from 'rxjs';
import { operate } from '@rxforce/core/delivery';
import { type ChangeEvent, checkOptionNames } from '@rxforce/core/model';
import { checkCount, checkFunction, checkWait } from '@rxforce/core/internal';
import { GapWork, type EntityRead, type GapRead, type GapRules, type RecordRead } from './gaps/gap-work.js';

/** How `resolveGaps` reads the records of gaps. */
export interface ResolveGapsOptions<T> {
  /**
   * Reads the records of an object again. It is called for an overflow and for a wildcard. An overflow stands for all
   * changes of a transaction that has too many. A wildcard such as `001*` stands for all records in which a change of a
   * field's type emptied the field. `event` says which one it is. The events of the object are held back until the
   * result completes. Each record that it emits is passed on as a SNAPSHOT, or as a DELETE where it is gone, like the
   * record of a gap. It need not emit records when it does the necessary work itself.
   *
   * In a worker of an event log, it is called for each partition of the worker, and only records of the event's own
   * partition are passed on. Work that it does itself must be done for `event.split` alone, too.
   */
  readonly onOverflow: (read: EntityRead<T>) => ObservableInput<RecordRead<T>> | ObservableInput<void>;
  /**
   * Most records read at a time; at least 1, `Infinity` for as many as there are.
   *
   * @defaultValue 4
   */
  readonly concurrency?: number;
  /**
   * When a record was modified last, according to the record: epoch milliseconds, an ISO 8601 text or a `Date`. Where
   * the record does not say, all events that were held back are passed on, including those that the record contains.
   *
   * @defaultValue its `LastModifiedDate`
   */
  readonly lastModifiedOf?: (record: Partial<T>) => number | string | Date | null | undefined;
  /**
   * How often a record is read again that seems to be from before the gap: it was modified last in an earlier second,
   * or it is missing although the gap says that it exists. A read from a lagging replica looks like this. So does a
   * change that leaves `LastModifiedDate` alone, such as archiving, or a later deletion of the record. So after the
   * last retry, the result of the read counts. From 0.
   *
   * @defaultValue 2
   */
  readonly maxStaleRetries?: number;
  /**
   * How long to wait before a record is read again, in milliseconds; from 0 to 2_147_483_647.
   *
   * @defaultValue 1_000
   */
  readonly staleDelayMs?: number;
  /**
   * By how much an event must be older than its record to be dropped as contained in it, in milliseconds; from 0 to
   * 2_147_483_647. The service writes the commit of an event and the `LastModifiedDate` of a record by clocks that may
   * differ, and the date some time before the commit. With less, an event that the record lacks may be dropped.
   *
   * @defaultValue 8_000
   */
  readonly clockToleranceMs?: number;
  /**
   * Where the time comes from.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/**
 * Reads the records of gap events, which say that something changed but not what, and emits each record as a SNAPSHOT.
 *
 * ```marble
 * source  -g-u--v-------|      g = GAP_UPDATE of 1, u = UPDATE of 2, v = UPDATE of 1
 *         resolveGaps(fetchLead, { onOverflow })          fetchLead takes 8
 * result  ---u-----(sv)-|      s = SNAPSHOT of 1
 * settled ---u-----(gv)--
 * ```
 *
 * After a gap its records are dirty: their events are held back until the records were read. Then the events that the
 * record certainly contains are dropped: they were committed more than `clockToleranceMs` before the record was
 * modified last. Other events are passed on, because nobody can know whether the record contains them. If it does, the
 * record is correct again after the later events are applied. A text diff among them may not fit; `onMismatch` of
 * `toRecords` covers that case. Later events that are older than the record are dropped, too. A merged event loses the
 * records that contain it; it waits as a whole until all its records were read. Events of other records pass at once.
 *
 * - A record that is gone becomes a DELETE. The events that were held back are then passed on, as there is nothing to
 *   compare them with.
 * - A GAP_DELETE becomes a DELETE, and nothing is read.
 * - A gap of several records becomes one event for each record; all have its `id` and `replayId`, and otherwise its
 *   header.
 * - A second gap causes another read, unless the first read contains it.
 * - An overflow or a wildcard goes to `onOverflow`, and the records that it emits are passed on. From an event log,
 *   those of other partitions are left out. It waits for all work under way for its object, and all later events of the
 *   object wait for it.
 *
 * - Complete: when the source has completed, all reads are done and nothing waits.
 * - Error: passes on the error of `fetchRecord`, `onOverflow`, `lastModifiedOf` or the source; events that wait are not
 *   settled. Add a `retry()` to the result of `fetchRecord` where a failure may be temporary.
 * - Unsubscribe: unsubscribes all reads. Events that wait are not settled and come again after a restart.
 * - Delivery: holds gaps, and the events that wait for them, until the records were read and emitted. Results are
 *   emitted in the scope of the gap. Dropped events are settled.
 * - Order: the events of each record keep their order.
 * - Memory: the events that wait; on a rxforce stream at most its window. For each record that was read, the time when
 *   it was modified last, until the stream has reached that time.
 *
 * @param fetchRecord - Reads a record. Its first value counts, and must be the whole record, in the form that events
 * have. No value, `null` and `undefined` mean that the record is gone. It has no time limit: add one, or a read that
 * hangs holds up the rest.
 * @throws `ConfigurationError` when `concurrency`, `maxStaleRetries`, `staleDelayMs` or `clockToleranceMs` is out of
 * its range.
 */
export function resolveGaps<T = Record<string, unknown>>(
  fetchRecord: (read: GapRead<T>) => ObservableInput<Partial<T> | null | undefined>,
  options: ResolveGapsOptions<T>,
): MonoTypeOperatorFunction<ChangeEvent<T>> {
  checkFunction('resolveGaps() got fetchRecord', fetchRecord);
  const rules = { fetchRecord, ...resolveResolveGapsOptions(options) };
  return (source) =>
    operate(source, 'keeps', (subscriber: Subscriber<ChangeEvent<T>>) => {
      const work = new GapWork(rules, subscriber);
      return { next: (event) => work.add(event), complete: () => work.sourceCompleted() };
    });
}

const NAMES: readonly string[] = Object.keys({
  onOverflow: true,
  concurrency: true,
  lastModifiedOf: true,
  maxStaleRetries: true,
  staleDelayMs: true,
  clockToleranceMs: true,
  scheduler: true,
} satisfies Record<keyof ResolveGapsOptions<unknown>, true>);

function resolveResolveGapsOptions<T>(options: ResolveGapsOptions<T>): Omit<GapRules<T>, 'fetchRecord'> {
  checkOptionNames(Object(options), NAMES, { of: 'resolveGaps()' });
  const {
    onOverflow,
    concurrency = 4,
    maxStaleRetries = 2,
    staleDelayMs = 1_000,
    clockToleranceMs = 8_000,
    scheduler = asyncScheduler,
  } = Object(options) as ResolveGapsOptions<T>;
  checkFunction('resolveGaps() got onOverflow', onOverflow);
  const { lastModifiedOf = ({ LastModifiedDate }: { LastModifiedDate?: string }) => LastModifiedDate } = options;
  return {
    onOverflow,
    concurrency: checkCount('resolveGaps() got concurrency', concurrency, 1, true),
    maxStaleRetries: checkCount('resolveGaps() got maxStaleRetries', maxStaleRetries, 0),
    staleDelayMs: checkWait('resolveGaps() got staleDelayMs', staleDelayMs),
    clockToleranceMs: checkWait('resolveGaps() got clockToleranceMs', clockToleranceMs),
    lastModifiedOf: (record) => epochMs(lastModifiedOf(record)),
    scheduler,
  };
}

function epochMs(time: number | string | Date | null | undefined): number | undefined {
  const ms = time === null || time === undefined ? NaN : new Date(time).getTime();
  return Number.isNaN(ms) ? undefined : ms;
}
