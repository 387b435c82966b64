import {
  defaultIfEmpty,
  defer,
  from,
  map,
  mergeMap,
  of,
  take,
  type Observable,
  type ObservableInput,
  type OperatorFunction,
} from 'rxjs';
import {
  type ChangeEvent,
  type ChangeEventHeader,
  ChangeMismatchError,
  checkOptionNames,
  headerWith,
} from '@rxforce/core/model';
import { applyChange } from './records/apply-change.js';
import { checkCount, saysFailure } from '@rxforce/core/internal';
import { expandMerged } from './expand-merged.js';
import { handleAs } from './handle.js';
import { RecentKeys } from './work/recent-keys.js';
import { loadedRecord, wrongAnswer, type KnownRecord, type RecordStore } from './records/record-store.js';

/**
 * A change of one record, together with the record. Everything else comes from the event, with two exceptions: no text
 * is a diff any more, and a gap that was read again is a SNAPSHOT or a DELETE.
 */
export interface RecordChange<T = Record<string, unknown>> extends ChangeEvent<T> {
  /** The only id in `header.recordIds`. */
  readonly recordId: string;
  /**
   * The record after the change, as far as it is known. Where the record is gone: its last known values, with the
   * fields from the event's enrichment.
   */
  readonly data: Partial<T>;
  /** The record before the change; `undefined` where there was none, or none was known. */
  readonly before: Partial<T> | undefined;
  /** The record after the change; `undefined` where it is gone. */
  readonly after: Partial<T> | undefined;
  /** Whether `data` is the whole record. It is not where only changes of the record were seen. */
  readonly complete: boolean;
}

/** How `toRecords` keeps the records. */
export interface ToRecordsOptions<T> {
  /**
   * Keeps the records. An event then waits for its record to be saved.
   *
   * @defaultValue the memory of the subscription
   */
  readonly store?: RecordStore<T>;
  /**
   * Most records loaded, read again and saved at a time; at least 1, `Infinity` for as many as there are events.
   *
   * @defaultValue 1
   */
  readonly concurrency?: number;
  /**
   * Reads a record again, when a change cannot be applied to the known record: a text diff does not fit, or the event
   * is a gap. Its first value replaces the record and must be the whole record. No value, or `undefined`, means that
   * the record is gone.
   *
   * @defaultValue the Observable errors with the `ChangeMismatchError`
   */
  readonly onMismatch?: (
    event: ChangeEvent<T>,
    recordId: string,
    error: ChangeMismatchError,
  ) => ObservableInput<Partial<T> | undefined>;
  /**
   * Most records kept in memory; at least 1. Beyond that, those that changed least recently are forgotten, and are not
   * `complete` when they change again. It has no effect with a `store`.
   *
   * @defaultValue 100_000
   */
  readonly maxRecords?: number;
}

/**
 * Keeps the state of each record, and emits with every change the record before and after it.
 *
 * ```marble
 * source  -a---b---c----|      a = CREATE { Name: 'x', City: 'y' }, b = UPDATE { City: 'z' }, c = DELETE
 *         toRecords()
 * result  -x---y---z----|      x = { Name: 'x', City: 'y' }, y = { Name: 'x', City: 'z' }, z = deleted
 * settled -a---b---c-----
 * ```
 *
 * A merged event becomes a change for each of its records. A record whose CREATE was not seen, and which is not in the
 * store either, is known only by its changes; its `complete` is false. An event that comes again is applied again: the
 * record is correct after the later events have come again, too. A text diff does not fit a record that already has it,
 * and an event that comes again after a crash may have a text diff. With a `store` and texts of 1,000 characters or
 * more, give `onMismatch`.
 *
 * An event that names no record (an overflow, a wildcard such as `001*`) cannot be applied. Put `resolveGaps` before
 * this operator; it handles gaps as well.
 *
 * - Complete: when the source has completed and all records are saved.
 * - Error: a `ChangeMismatchError` where a change cannot be applied and there is no `onMismatch`; an error of
 *   `onMismatch`, of the store or of the source. Work under way is unsubscribed.
 * - Unsubscribe: unsubscribes all work. Its events are not settled and come again after a restart.
 * - Delivery: holds each event until its records are saved. Changes are emitted in the event's scope. Without a store
 *   they are emitted at once, unless they wait for an `onMismatch`.
 * - Order: the changes of each record keep their order; with a `concurrency` of 1, all changes do.
 * - Memory: without a store, `maxRecords` records. The events that wait; on a rxforce stream at most its window.
 *
 * @throws `ConfigurationError` when `concurrency` or `maxRecords` is out of its range.
 */
export function toRecords<T = Record<string, unknown>>(
  options: ToRecordsOptions<T> = {},
): OperatorFunction<ChangeEvent<T>, RecordChange<T>> {
  const { store, concurrency, maxRecords, onMismatch } = resolveToRecordsOptions(options);
  return (source) =>
    defer(() => {
      const states = store ? storedStates(store) : memoryStates<T>(maxRecords);
      return source.pipe(
        expandMerged(),
        handleAs<ChangeEvent<T>, RecordChange<T>>('toRecords()', (event) => changeOf(event, states, onMismatch), {
          concurrency,
        }),
      );
    });
}

/** Where the records are kept. */
interface States<T> {
  load(event: ChangeEvent<T>): Observable<KnownRecord<T> | undefined>;
  save(event: ChangeEvent<T>, record: KnownRecord<T> | undefined): Observable<unknown>;
}

function changeOf<T>(
  event: ChangeEvent<T>,
  states: States<T>,
  onMismatch: ToRecordsOptions<T>['onMismatch'],
): Observable<RecordChange<T>> {
  return states
    .load(event)
    .pipe(
      mergeMap((before) =>
        stateAfter(before, event, onMismatch).pipe(
          mergeMap((after) => states.save(event, after).pipe(map(() => recordChange(event, before, after)))),
        ),
      ),
    );
}

function stateAfter<T>(
  before: KnownRecord<T> | undefined,
  event: ChangeEvent<T>,
  onMismatch: ToRecordsOptions<T>['onMismatch'],
): Observable<KnownRecord<T> | undefined> {
  if (namesNoRecord(event)) throw aboutNoRecord(event);
  const result = applyChange(before?.data, event);
  if (result.ok) {
    const complete = event.header.changeType !== 'UPDATE' || before?.complete === true;
    return of(result.val && { data: result.val, complete });
  }
  if (onMismatch === undefined) throw result.val;
  return from(onMismatch(event, recordIdOf(event), result.val)).pipe(
    take(1),
    defaultIfEmpty(undefined),
    map((data) => data && { data, complete: true }),
  );
}

function recordChange<T>(
  event: ChangeEvent<T>,
  before: KnownRecord<T> | undefined,
  after: KnownRecord<T> | undefined,
): RecordChange<T> {
  return {
    ...event,
    header: headerOf(event, after !== undefined),
    recordId: recordIdOf(event),
    data: after?.data ?? { ...before?.data, ...enrichedFields(event.data) },
    before: before?.data,
    after: after?.data,
    complete: (after ?? before)?.complete === true,
  };
}

/** No text in `data` is a diff any more, and a gap has become what was read. */
function headerOf({ header }: ChangeEvent<unknown>, isThere: boolean): ChangeEventHeader {
  const wasGap = header.changeType.startsWith('GAP_');
  if (!wasGap && header.diffFields.length === 0) return header;
  return headerWith(header, { diffFields: [], ...(wasGap && { changeType: isThere ? 'SNAPSHOT' : 'DELETE' }) });
}

function enrichedFields<T>(data: Partial<T>): Partial<T> {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null)) as Partial<T>;
}

/** Both await the call, so that what is no promise is an answer like any other. */
function storedStates<T>(store: RecordStore<T>): States<T> {
  return {
    load: (event) => defer(async () => loadedRecord<T>(await store.load(event.header.entityName, recordIdOf(event)))),
    save: (event, record) =>
      defer(async () => {
        const answer: unknown = await store.save(event.header.entityName, recordIdOf(event), record);
        if (saysFailure(answer)) throw wrongAnswer('save', 'nothing once the record is durable', answer);
      }),
  };
}

function memoryStates<T>(maxRecords: number): States<T> {
  const records = new RecentKeys<KnownRecord<T>>(maxRecords);
  const keyOf = (event: ChangeEvent<T>) => `${event.header.entityName} ${recordIdOf(event)}`;
  return {
    load: (event) => of(records.see(keyOf(event))),
    save: (event, record) => {
      if (record === undefined) records.forget(keyOf(event));
      else records.set(keyOf(event), record);
      return of(undefined);
    },
  };
}

/** Merged events were expanded, so there is one record id. */
function recordIdOf({ header }: ChangeEvent<unknown>): string {
  return header.recordIds[0] ?? '';
}

function namesNoRecord(event: ChangeEvent<unknown>): boolean {
  return event.header.changeType === 'GAP_OVERFLOW' || recordIdOf(event).endsWith('*');
}

function aboutNoRecord({ header, topic, replayId }: ChangeEvent<unknown>): ChangeMismatchError {
  return new ChangeMismatchError(
    `A ${header.changeType} is about all records of ${header.entityName} and names none, so toRecords() cannot apply it. ` +
      'Put resolveGaps() before this: its onOverflow reads the object again.',
    { topic, replayId: replayId.toString() },
  );
}

const NAMES: readonly string[] = Object.keys({
  store: true,
  concurrency: true,
  onMismatch: true,
  maxRecords: true,
} satisfies Record<keyof ToRecordsOptions<unknown>, true>);

function resolveToRecordsOptions<T>(options: ToRecordsOptions<T>) {
  checkOptionNames(options, NAMES, { of: 'toRecords()' });
  const { store, concurrency = 1, onMismatch, maxRecords = 100_000 } = options;
  return {
    store,
    concurrency: checkCount('toRecords() got concurrency', concurrency, 1, true),
    onMismatch,
    maxRecords: checkCount('toRecords() got maxRecords', maxRecords, 1, true),
  };
}
