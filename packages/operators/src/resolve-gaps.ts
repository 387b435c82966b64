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

/** How `resolveGaps` reads what events do not tell. */
export interface ResolveGapsOptions<T> {
  /**
   * Reads an object again: called for an overflow, which stands for all changes of a transaction that has too many, and for
   * a wildcard such as `001*`, which stands for all records that a change of a field's type has emptied the field of;
   * `event` says which it is. The object's events are held back until it completes. Each record that it emits is passed on
   * as a SNAPSHOT, or as a DELETE where it is gone, like that of a gap; none, where it does itself what is to be done.
   */
  readonly onOverflow: (read: EntityRead<T>) => ObservableInput<RecordRead<T>> | ObservableInput<void>;
  /**
   * Most records read at a time; at least 1, `Infinity` for as many as there are.
   *
   * @defaultValue 4
   */
  readonly concurrency?: number;
  /**
   * When a record was changed last, as the record says: epoch milliseconds, an ISO 8601 text or a `Date`. Where it does not
   * say, all events that were held back are passed on, those that the record contains too.
   *
   * @defaultValue its `LastModifiedDate`
   */
  readonly lastModifiedOf?: (record: Partial<T>) => number | string | Date | null | undefined;
  /**
   * How often a record is read again that seems to be from before the gap: it was modified last in an earlier second, or is
   * not there although the gap says it is. So it looks where a read goes to a replica that lags. It also does where a
   * change leaves `LastModifiedDate` alone, as archiving does, or the record was deleted since. So in the end what was read
   * counts. From 0.
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
   * Where the time comes from.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/**
 * Reads the records of gap events, which say that something changed and not what, and emits each record as a SNAPSHOT.
 *
 * ```marble
 * source  -g-u--v-------|      g = GAP_UPDATE of 1, u = UPDATE of 2, v = UPDATE of 1
 *         resolveGaps(fetchLead, { onOverflow })          fetchLead takes 8
 * result  ---u-----(sv)-|      s = SNAPSHOT of 1
 * ```
 *
 * From a gap on its records are dirty: their events are held back until they were read. Then those are dropped that the
 * record contains: they were committed in an earlier second than it was modified last. One of the same second is passed on,
 * since nobody can tell. Where it is contained, the record is right again once the events after it were applied; a text diff
 * among them may not fit, which `onMismatch` of `toRecords` is for. Events that come later and are older than the record are
 * dropped, too. Of a merged event the records that contain it
 * are taken out; until all its records were read, it waits as a whole. Events of other records pass at once.
 *
 * - A record that is gone becomes a DELETE. What was held back is passed on then, as there is nothing to compare it with.
 * - A GAP_DELETE becomes a DELETE, and nothing is read.
 * - A gap of several records becomes an event for each; all have its `id`, `replayId` and header otherwise.
 * - A second gap is read for again, unless the first read contains it.
 * - An overflow and a wildcard are handed to `onOverflow`; the records that it emits are passed on. They wait for what is
 *   under way for their object, and all later events of the object wait for them.
 *
 * - Complete: when the source has completed, all is read and nothing waits.
 * - Error: what `fetchRecord`, `onOverflow` or `lastModifiedOf` throws or errors with is passed on, as is the source's error;
 *   nothing that waits is settled. Put a `retry()` into what `fetchRecord` gives, where a failure may pass.
 * - Unsubscribe: unsubscribes all reads. What waits is not settled and comes again after a restart.
 * - Delivery: holds gaps until their records were read and emitted, and what waits for them. Results are emitted in the scope
 *   of the gap. What is dropped is settled.
 * - Order: of each record's events as they came.
 * - Memory: what waits; on a rxforce stream at most its window. For each record read when it was modified last, until the
 *   stream has come to that time.
 *
 * @param fetchRecord - Reads a record: its first value counts, and must be the whole record, in the form that events have. No
 * value, `null` and `undefined` say that it is gone. It has no time limit: give it one, or a read that hangs holds up the rest.
 * @throws `ConfigurationError` when `concurrency`, `maxStaleRetries` or `staleDelayMs` is out of its range.
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
  scheduler: true,
} satisfies Record<keyof ResolveGapsOptions<unknown>, true>);

function resolveResolveGapsOptions<T>(options: ResolveGapsOptions<T>): Omit<GapRules<T>, 'fetchRecord'> {
  checkOptionNames(Object(options), NAMES, { of: 'resolveGaps()' });
  const {
    onOverflow,
    concurrency = 4,
    maxStaleRetries = 2,
    staleDelayMs = 1_000,
    scheduler = asyncScheduler,
  } = Object(options) as ResolveGapsOptions<T>;
  checkFunction('resolveGaps() got onOverflow', onOverflow);
  const { lastModifiedOf = ({ LastModifiedDate }: { LastModifiedDate?: string }) => LastModifiedDate } = options;
  return {
    onOverflow,
    concurrency: checkCount('resolveGaps() got concurrency', concurrency, 1, true),
    maxStaleRetries: checkCount('resolveGaps() got maxStaleRetries', maxStaleRetries, 0),
    staleDelayMs: checkWait('resolveGaps() got staleDelayMs', staleDelayMs),
    lastModifiedOf: (record) => epochMs(lastModifiedOf(record)),
    scheduler,
  };
}

function epochMs(time: number | string | Date | null | undefined): number | undefined {
  const ms = time === null || time === undefined ? NaN : new Date(time).getTime();
  return Number.isNaN(ms) ? undefined : ms;
}
