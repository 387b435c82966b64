import {
  catchError,
  concat,
  concatMap,
  defer,
  filter,
  from,
  repeat,
  switchMap,
  take,
  takeWhile,
  tap,
  throwError,
  throwIfEmpty,
  toArray,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import type { ChangeEvent, EventStream } from '@rxforce/core';
import { changeTopic, ConfigurationError, kindOf } from '@rxforce/core/model';
import { resolveChanges, type RecordsChangesOptions } from './changes/changes-options.js';
import { recordChanges } from './changes/record-changes.js';
import { readAgain } from './changes/state-keeper.js';
import type { OrgContext } from './reading/call-org.js';
import { openObject, type OpenObject } from './reading/open-object.js';
import { OpenObjects } from './reading/open-objects.js';
import { formatCursor, markOf } from './reading/page-cursor.js';
import { openRows, rowSource, wayFor, type RecordsClient } from './reading/page-source.js';
import { readRecord } from './reading/read-record.js';
import { isBadQuery } from './reading/refused-query.js';
import { isRecordId } from './reading/soql.js';
import { resolveRecordsOptions, type RecordsOptions, type ResolvedRecordsOptions } from './records-options.js';

/** A record of an object, in the form that events have. */
export interface RecordRead<T> {
  /** 18 characters. */
  readonly recordId: string;
  /** The fields that were asked for, as the `data` of an event has them: `null` where they are empty. */
  readonly record: Partial<T>;
}

/** Which of the records `all()` reads. */
export interface AllOptions {
  /** The id of a record: those after it are read. */
  readonly after?: string;
  /** One of several objects. All of them by default. */
  readonly entity?: string;
}

/** The records of one object, or of several. */
export interface Records<T> {
  /**
   * Reads a record, at each subscription. Emits one value: the record, or `undefined` where it is deleted, never was,
   * or is none that this user may see. It fits `resolveGaps` as it is:
   *
   * ```ts
   * resolveGaps(({ recordId }) => accounts.read(recordId), { onOverflow: () => accounts.all() });
   * ```
   *
   * Failures that pass are tried again until they have passed, and `logger` is warned. Errors with an `RxforceError`:
   * `configuration` where the object cannot be queried, or the id is of another object.
   *
   * @throws `ConfigurationError` when it is no record's id.
   */
  read(recordId: string): Observable<Partial<T> | undefined>;
  /**
   * Reads all records, in the order of their ids: a page each time that the records of the page before were emitted. So
   * with `take(1)` there is no second page. What works on the records asynchronously must hold them back itself.
   *
   * With `by: 'bulk'`, and where there are too many fields for a REST call, records come in no order.
   *
   * Failures are those of `read`.
   *
   * @param options - `after`: the id of a record, to go on after it. `entity`: one of several objects, to read only
   * that one: `onOverflow: ({ entityName }) => both.all({ entity: entityName })`.
   * @throws `ConfigurationError` when `after` is no record's id, `by` is `'bulk'`, which has no order to go on in, or
   * `entity` is none of the objects.
   */
  all(options?: AllOptions): Observable<RecordRead<T>>;
  /**
   * The records as they are, as events of type `SNAPSHOT`, and then every change since. The stream of changes is opened
   * first, and its position is made durable; events that come while records are read wait, held. So nothing is missed
   * in between, and a process that dies goes on where it was. `where` holds for the records and not for the changes: a
   * record that comes to fulfil it comes as a change.
   *
   * `status$` also reports `snapshot`, at each page.
   *
   * @throws `ConfigurationError` when an option cannot be right.
   */
  changes(options?: RecordsChangesOptions): EventStream<ChangeEvent<T>>;
  /**
   * Has all records read again by the next subscription of `changes()`. Its position stays. Call it while nothing is
   * subscribed.
   *
   * @param options - `replay.store` and `replay.name`, and `topic` where `changes()` has one.
   * @throws `ConfigurationError` when there is no store; rejects with a `ReplayStoreError` that cannot pass.
   */
  restart(options: Pick<RecordsChangesOptions, 'replay' | 'topic'>): Promise<void>;
}

/**
 * Reads records in the form that events have: dates as numbers, addresses as objects.
 *
 * ```ts
 * const accounts = records<Account>(client, 'Account', { fields: ['Name', 'BillingAddress'], where: "Type = 'Customer'" });
 * accounts.all().subscribe(({ recordId, record }) => console.log(recordId, record.Name));
 * ```
 *
 * What is known of an object (its fields, the schema of its events) counts for ten minutes.
 *
 * @param client - Its session and connections are used; it is not closed.
 * @param entity - API name of an object, such as `'Account'` or `'Employee__c'`, or several. `all()` reads them one
 * after the other.
 * @throws `ConfigurationError` when a name or an option cannot be right.
 */
export function records<T = Record<string, unknown>>(
  client: RecordsClient,
  entity: string | readonly string[],
  options: RecordsOptions<T> = {},
): Records<T> {
  const entities = entitiesOf(entity);
  const settings = resolveRecordsOptions(options);
  const context = { ...settings, client };
  const objects = new OpenObjects<OpenObject<T>>((name) => openObject(context, name, settings), settings.scheduler);
  const forget = () => entities.forEach((name) => objects.forget(name));
  // A field may be gone: the next attempt has another look.
  const rowsOf = (object: OpenObject<T>, after?: string) =>
    allRows(context, object, settings, after).pipe(tap({ error: forget }));

  const { scheduler, warn, fields } = settings;
  const logger = { warn };

  return {
    changes: (given = {}) =>
      recordChanges<T>({
        ...{ client, entities, scheduler, logger },
        openRows: (name) => openRows(client, name, settings),
        options: resolveChanges(entities, given, fields),
      }),
    restart: (given) => readAgain(client, resolveChanges(entities, given), { scheduler, logger }),
    read: (recordId) => {
      checkId('read()', recordId);
      return objectOf(objects, entities, recordId).pipe(
        switchMap((object) => readRecord(context, object, recordId)),
        lookingAgain(forget),
      );
    },
    all: ({ after, entity: only } = {}) => {
      const chosen = only === undefined ? entities : [oneOf(entities, only)];
      if (after === undefined) {
        return from(chosen).pipe(concatMap((name) => objects.get(name).pipe(switchMap((object) => rowsOf(object)))));
      }
      checkId('all() for after', after);
      if (settings.by === 'bulk') throw noOrder();
      return from(chosen).pipe(
        concatMap((name) => objects.get(name)),
        toArray(),
        switchMap((opened) => rowsAfter(opened, after, rowsOf)),
      );
    },
  };
}

/** The records of several objects, from the one that follows `after` on. */
function rowsAfter<T>(
  opened: readonly OpenObject<T>[],
  after: string,
  rowsOf: (object: OpenObject<T>, after?: string) => Observable<RecordRead<T>>,
): Observable<RecordRead<T>> {
  const start = opened.findIndex((object) => isOf(object, after));
  if (start === -1) {
    const entities = opened.map(({ entity }) => entity);
    return throwError(() => ofAnother(entities, after));
  }
  return concat(...opened.slice(start).map((object, index) => rowsOf(object, index === 0 ? after : undefined)));
}

function entitiesOf(entity: string | readonly string[]): readonly string[] {
  const names: readonly unknown[] = typeof entity === 'string' ? [entity] : Array.isArray(entity) ? entity : [];
  const isName = (name: unknown): name is string => typeof name === 'string' && /^[a-z]\w*$/i.test(name);
  if (names.length === 0 || !names.every(isName)) {
    throw new ConfigurationError(
      `records() got ${typeof entity === 'string' ? `'${entity}'` : kindOf(entity)} as entity, but needs the API name of an object, such ` +
        "as 'Account' or 'Employee__c', or an array of them.",
    );
  }
  // It has another error for the names of events.
  names.forEach((name) => changeTopic(name));
  return [...new Set(names)];
}

function oneOf(entities: readonly string[], entity: string): string {
  if (entities.includes(entity)) return entity;
  throw new ConfigurationError(
    `all() of records() got entity "${entity}", but these are the records of ${entities.join(', ')}.`,
  );
}

function checkId(what: string, id: unknown): void {
  if (isRecordId(id)) return;
  const given = typeof id === 'string' ? JSON.stringify(id.slice(0, 40)) : kindOf(id);
  throw new ConfigurationError(`${what} of records() got ${given}, but needs a record's id of 15 or 18 characters.`);
}

/** The object that a record's id belongs to. */
function objectOf<T>(
  objects: OpenObjects<OpenObject<T>>,
  entities: readonly string[],
  recordId: string,
): Observable<OpenObject<T>> {
  return from(entities).pipe(
    concatMap((name) => objects.get(name)),
    filter((object) => isOf(object, recordId)),
    take(1),
    throwIfEmpty(() => ofAnother(entities, recordId)),
  );
}

/** Of an object without a prefix of its own, nobody knows before the org is asked. */
function isOf({ keyPrefix }: OpenObject<unknown>, recordId: string): boolean {
  return keyPrefix === undefined || recordId.startsWith(keyPrefix);
}

function ofAnother(entities: readonly string[], recordId: string): ConfigurationError {
  return new ConfigurationError(
    `${recordId} is no id of ${entities.join(' or ')}: ids of an object begin with the same three characters.`,
  );
}

function noOrder(): ConfigurationError {
  return new ConfigurationError(
    "all() of records() got after, but a job of the Bulk API has no order to go on in. Give by: 'rest', or read all again.",
  );
}

/** Looks at the objects again, once, where the org does not know a field: it may be gone since they were looked at. */
function lookingAgain<R>(forget: () => void): MonoTypeOperatorFunction<R> {
  return (source) =>
    defer(() => {
      let isSecond = false;
      return source.pipe(
        catchError((error: unknown, same) => {
          if (!isBadQuery(error)) throw error;
          forget();
          if (isSecond) throw error;
          isSecond = true;
          return same;
        }),
      );
    });
}

function allRows<T>(
  context: OrgContext,
  object: OpenObject<T>,
  options: ResolvedRecordsOptions<T>,
  after: string | undefined,
): Observable<RecordRead<T>> {
  return defer(() => {
    // A small count: in the order of ids unless it cannot be.
    const by = wayFor(object, options, 0);
    if (by === 'bulk' && after !== undefined) throw noOrder();
    const source = rowSource(context, object, options, { by, count: undefined });
    const { where, fields, apiVersion } = options;
    const mark = markOf({ entity: object.entity, where, fields, apiVersion });
    let next = after === undefined ? undefined : formatCursor(mark, { type: 'rest', after });
    return defer(() => source.page(next)).pipe(
      tap(({ cursor }) => (next = cursor)),
      repeat(),
      takeWhile(({ isLast }) => !isLast, true),
      concatMap(({ rows }) => rows.map(({ recordId, record }) => ({ recordId, record }))),
    );
  });
}
