import { map, type Observable } from 'rxjs';
import { ProtocolError } from '@rxforce/core/model';
import type { Cells } from '../form/field-forms.js';
import { BY_NAME, type RecordForm } from '../form/record-form.js';
import { callOrg, readJson, type OrgContext } from './call-org.js';
import { explainQuery } from './refused-query.js';
import type { Row } from './row.js';
import { pageQuery, queryPath, type Selection } from './soql.js';

/** The records of a page, before it has a cursor. */
export interface RestPage<T> {
  readonly rows: readonly Row<T>[];
  readonly isLast: boolean;
}

/** Records of an object in the order of their ids, a call for each page. */
export class RestPages<T> {
  private readonly toRow: (cells: Cells) => Row<T>;

  constructor(
    private readonly context: OrgContext,
    private readonly selection: Selection,
    form: RecordForm<T>,
    private readonly pageSize: number,
  ) {
    this.toRow = form.reader(BY_NAME);
  }

  /** @param after - The id of the record before the page. */
  page(after: string | undefined): Observable<RestPage<T>> {
    const { context, selection, pageSize } = this;
    const headers = { 'sforce-query-options': `batchSize=${pageSize}` };
    const path = queryPath(pageQuery(selection, after, pageSize));
    return callOrg(context, { path, request: { headers }, read: readJson }).pipe(
      explainQuery(selection),
      map((answer) => this.pageIn(answer, after)),
    );
  }

  private pageIn(answer: unknown, after: string | undefined): RestPage<T> {
    const { entity } = this.selection;
    const { records, done } = Object(answer) as { readonly records?: unknown; readonly done?: unknown };
    if (!Array.isArray(records)) throw new ProtocolError(`The org answered the query of ${entity} without records.`);
    const rows = records.map((record) => this.toRow(Object(record) as Cells));
    const last = rows.at(-1)?.recordId;
    if (last !== undefined && last === after) {
      throw new ProtocolError(`The org answered the query of ${entity} after ${after} with that record.`);
    }
    // Of large records the org sends fewer than the limit, and is not done.
    return { rows, isLast: last === undefined || (done !== false && rows.length < this.pageSize) };
  }
}
