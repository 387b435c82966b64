import { catchError, defer, map, of, switchMap, throwError, type Observable } from 'rxjs';
import type { PubSubClient } from '@rxforce/core';
import { ConfigurationError, ServiceError } from '@rxforce/core/model';
import type { ResolvedRecordsOptions } from '../records-options.js';
import { BulkPages } from './bulk-pages.js';
import { callOrg, readJson, type OrgContext } from './call-org.js';
import { openObject, type OpenObject } from './open-object.js';
import { formatCursor, markOf, parseCursor } from './page-cursor.js';
import { explainQuery } from './refused-query.js';
import { RestPages } from './rest-pages.js';
import type { Row } from './row.js';
import { countQuery, isTooWide, queryPath, type Selection } from './soql.js';

export type { Row } from './row.js';

/** What records are read with: a client of `createClient()`, or of `fakeClient()` in tests. */
export type RecordsClient = Pick<PubSubClient, 'changes' | 'topic' | 'schema' | 'fetch'>;

/** Some records, in the order of reading, and the place after them. */
export interface RowPage<T> {
  readonly rows: readonly Row<T>[];
  /** Where the next page begins: plain text (JSON), to be stored. It holds no value of a record but an id. */
  readonly cursor: string;
  readonly isLast: boolean;
  /**
   * Set where the page is from the beginning although a cursor was given: the job of the cursor is gone, or the cursor
   * is of another question (other fields, another condition or version).
   */
  readonly restarted?: true;
}

/** What is read of an object, known before the first page. */
export interface RowSource<T> {
  /** About how many records there are, when that is known. */
  readonly count: number | undefined;
  /** The schema that the rows have the form of. */
  readonly schemaId: string;
  /**
   * Reads one page and completes. Pages are read one after the other.
   *
   * Errors with an `RxforceError` where trying again would not help. Failures that pass are tried again until they have
   * passed.
   *
   * @param cursor - That of the page before; from the beginning without one. One that is no longer served begins anew.
   */
  page(cursor: string | undefined): Observable<RowPage<T>>;
}

/** From how many records on a job is the better way. */
const BULK_FROM = 50_000;

/**
 * Looks at an object: how the org describes it, the schema of its events, the number of its records.
 *
 * Errors with a `ConfigurationError` when the object cannot be queried, before anything is read.
 */
export function openRows<T>(
  client: RecordsClient,
  entity: string,
  options: ResolvedRecordsOptions<T>,
): Observable<RowSource<T>> {
  const context = { ...options, client };
  return openObject(context, entity, options).pipe(
    switchMap((object) =>
      countOf(context, { entity, where: options.where }, options.by).pipe(
        map((count) => rowSource(context, object, options, { by: wayFor(object, options, count), count })),
      ),
    ),
  );
}

/**
 * The pages of an object that was looked at.
 *
 * @param how - The way to begin; a cursor goes on in its own way.
 */
export function rowSource<T>(
  context: OrgContext,
  { entity, schemaId, form }: OpenObject<T>,
  options: ResolvedRecordsOptions<T>,
  { by, count }: { readonly by: 'rest' | 'bulk'; readonly count: number | undefined },
): RowSource<T> {
  const { where, fields, apiVersion, pageSize } = options;
  const selection: Selection = { entity, columns: form.columns, where };
  const mark = markOf({ entity, where, fields, apiVersion });
  const rest = new RestPages(context, selection, form, pageSize);
  const bulk = new BulkPages(context, selection, form, pageSize);
  const isWide = isTooWide(selection);

  const byRest = (after: string | undefined): Observable<RowPage<T>> =>
    rest.page(after).pipe(
      map(({ rows, isLast }) => {
        const cursor = formatCursor(mark, { type: 'rest', after: rows.at(-1)?.recordId ?? after });
        return { rows, cursor, isLast };
      }),
    );
  const byBulk = (place: Parameters<typeof bulk.page>[0]): Observable<RowPage<T>> =>
    bulk.page(place).pipe(
      map(({ rows, place: next, isLast, restarted }) => ({
        rows,
        cursor: formatCursor(mark, { type: 'bulk', place: next }),
        isLast,
        ...(restarted && { restarted: true as const }),
      })),
    );
  const fromTheBeginning = () => (by === 'bulk' ? byBulk(undefined) : byRest(undefined));
  return {
    count,
    schemaId,
    page: (cursor) =>
      defer(() => {
        if (cursor === undefined) return fromTheBeginning();
        const place = parseCursor(mark, cursor);
        if (place?.type === 'bulk') return byBulk(place.place);
        if (place?.type === 'rest' && !isWide) return byRest(place.after);
        return fromTheBeginning().pipe(map((page) => ({ ...page, restarted: true as const })));
      }),
  };
}

/**
 * The way to read an object.
 *
 * @param count - The number of its records; many where it is not known.
 * @throws `ConfigurationError` when it is to be read by REST, and has too many fields for it.
 */
export function wayFor<T>(
  { entity, form }: OpenObject<T>,
  { by, where }: Pick<ResolvedRecordsOptions<T>, 'by' | 'where'>,
  count: number | undefined,
): 'rest' | 'bulk' {
  const isWide = isTooWide({ entity, columns: form.columns, where });
  if (by === 'rest' && isWide) {
    throw new ConfigurationError(
      `${entity} has too many fields for a REST call: ${form.columns.length} columns. Give records() some fields, or by: 'bulk'.`,
    );
  }
  if (by !== 'auto') return by;
  return isWide || count === undefined || count >= BULK_FROM ? 'bulk' : 'rest';
}

/** The number of records; unknown for a job, which needs none, and where the org takes too long to count. */
function countOf(
  context: OrgContext,
  what: Omit<Selection, 'columns'>,
  by: ResolvedRecordsOptions<unknown>['by'],
): Observable<number | undefined> {
  if (by === 'bulk') return of(undefined);
  return callOrg(context, { path: queryPath(countQuery(what)), read: readJson }).pipe(
    explainQuery(what),
    map((answer) => {
      const { totalSize } = Object(answer) as { readonly totalSize?: unknown };
      return typeof totalSize === 'number' ? totalSize : undefined;
    }),
    catchError((error: unknown) =>
      ServiceError.is(error) && error.serviceCode === 'QUERY_TIMEOUT' ? of(undefined) : throwError(() => error),
    ),
  );
}
