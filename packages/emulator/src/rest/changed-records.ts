import type { HttpAnswer } from '../http/route.js';
import type { StoredRecord } from '../org/record-store.js';
import type { QueryRow } from '../soql/queryable.js';
import { OrgObject } from './org-object.js';
import { writableObject } from './records.js';
import { json, type RestCall, type RestRoute, urlOf } from './rest-call.js';
import type { RestObject } from './rest-object.js';
import { RestProblem } from './rest-problem.js';
import { datetimeOf } from './values.js';

/** The endpoints that list changed records, for programs that copy an org by polling. */
export const CHANGED_ROUTES: readonly RestRoute[] = [
  ['GET', '/sobjects/*/updated', updated],
  ['GET', '/sobjects/*/deleted', deleted],
  ['GET', '/recent', recent],
];

/** How far back a request may reach, in milliseconds. */
const REACH_MS = 30 * 24 * 3_600_000;
/** Most records that changed last. */
const MAX_RECENT = 200;

function updated(call: RestCall): HttpAnswer {
  const { start, end } = spanOf(call);
  const records = changesIn(call, ({ values }) => Number(values.LastModifiedDate), start, end);
  return json({
    ids: records.filter((record) => !record.deleted).map(({ id }) => id),
    latestDateCovered: datetimeOf(end),
  });
}

function deleted(call: RestCall): HttpAnswer {
  const { start, end } = spanOf(call);
  const records = changesIn(call, ({ deletedAt }) => deletedAt, start, end);
  return json({
    deletedRecords: records.map(({ id, deletedAt = 0 }) => ({ id, deletedDate: datetimeOf(deletedAt) })),
    earliestDateAvailable: datetimeOf(Math.floor((call.now() - REACH_MS) / 1000) * 1000),
    latestDateCovered: datetimeOf(end),
  });
}

function changesIn(
  call: RestCall,
  at: (record: StoredRecord) => number | undefined,
  start: number,
  end: number,
): StoredRecord[] {
  const object = writableObject({ objects: call.replica }, call.segments[0]);
  return [...object.allStored()].filter((record) => {
    const moment = at(record);
    return moment !== undefined && moment >= start && moment < end;
  });
}

/** The span that a request asks about. Seconds are ignored, as at the service. */
function spanOf(call: RestCall): { readonly start: number; readonly end: number } {
  const [start, end] = ['start', 'end'].map((name) => momentOf(call, name)) as [number, number];
  if (start >= end) {
    throw new RestProblem(400, 'INVALID_REPLICATION_DATE', 'startDate must be at least one minute before endDate');
  }
  if (call.now() - start > REACH_MS) {
    throw new RestProblem(400, 'INVALID_REPLICATION_DATE', 'startDate before org replication enabled date');
  }
  return { start, end };
}

function momentOf({ request }: RestCall, name: string): number {
  // In an address, the plus of an offset stands for a space unless it is encoded.
  const text = (request.query.get(name) ?? '').replace(' ', '+').replace(/([+-]\d\d)(\d\d)$/, '$1:$2');
  const moment = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(moment)) {
    const message = `${name} is a date and time such as 2024-02-29T10:00:00+00:00, encoded for an address`;
    throw new RestProblem(400, 'MALFORMED_QUERY', message);
  }
  return Math.floor(moment / 60_000) * 60_000;
}

function recent(call: RestCall): HttpAnswer {
  const limit = Number(call.request.query.get('limit') ?? MAX_RECENT) || MAX_RECENT;
  return json(recentItems(call, call.replica.list()).slice(0, limit));
}

/**
 * The records that were changed last. The service returns the records that were viewed last, but here nobody views
 * records.
 */
export function recentItems(call: RestCall, objects: readonly RestObject[]): object[] {
  const rows = objects
    .filter((object) => object instanceof OrgObject)
    .flatMap((object) => object.rows({ deleted: false }).map((row) => ({ object, row, at: changedAt(object, row) })));
  const latest = rows.sort((a, b) => b.at - a.at).slice(0, MAX_RECENT);
  return latest.map(({ object, row }) => {
    const name = object.field('Name');
    const attributes = { type: row.object, url: urlOf(call, row) };
    return { attributes, Id: row.id, Name: name === undefined ? null : row.toJson(name) };
  });
}

function changedAt(object: RestObject, row: QueryRow): number {
  const field = object.field('LastModifiedDate');
  return field === undefined ? 0 : Number(row.get(field));
}
