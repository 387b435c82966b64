import { defer, map, of, switchMap, type Observable } from 'rxjs';
import type { RecordForm } from '../form/record-form.js';
import { callOrg, untilItWorks, type OrgContext } from './call-org.js';
import { JobResults } from './job-results.js';
import type { JobPlace } from './page-cursor.js';
import { finishedJob, whereGone } from './query-job.js';
import type { Row } from './row.js';
import type { Selection } from './soql.js';

/** The records of a page, and the place after them. */
export interface BulkPage<T> {
  readonly rows: readonly Row<T>[];
  readonly place: JobPlace;
  readonly isLast: boolean;
  /** Whether it is from the beginning, as the job of the place that was asked for is gone. */
  readonly restarted: boolean;
}

/** Records of the first piece of the results; it shows how large they are. */
const FIRST_RECORDS = 2_000;
/** Most records of a piece, as the service advises. */
const MOST_RECORDS = 50_000;
/** How often a piece that lacks records is asked for in a row. */
const MOST_ATTEMPTS = 3;
/** Bytes of a piece: it is in memory as a whole. */
const PIECE_BYTES = 16_000_000;

/** Records of an object in no order, from the results of a job. A piece of them is one call, and several pages. */
export class BulkPages<T> {
  /** The piece that is being read, and where. */
  private open: { readonly at: JobPlace; readonly results: JobResults<T> } | undefined;

  constructor(
    private readonly context: OrgContext,
    private readonly selection: Selection,
    private readonly form: RecordForm<T>,
    private readonly pageSize: number,
  ) {}

  /** @param place - Where the page begins; in a new job without one. A job that is gone is begun anew. */
  page(place: JobPlace | undefined): Observable<BulkPage<T>> {
    if (place === undefined) return this.fromTheBeginning(false);
    return this.pageAt(place, false).pipe(whereGone(() => this.fromTheBeginning(true)));
  }

  private fromTheBeginning(restarted: boolean): Observable<BulkPage<T>> {
    const begin = (job: string): JobPlace => ({ job, locator: undefined, most: FIRST_RECORDS, row: 0 });
    return finishedJob(this.context, this.selection).pipe(switchMap((job) => this.pageAt(begin(job), restarted)));
  }

  private pageAt(at: JobPlace, restarted: boolean): Observable<BulkPage<T>> {
    return defer(() => {
      const { open } = this;
      // Where this page is left in the middle, the piece is at no place that is known.
      this.open = undefined;
      return open !== undefined && isSame(open.at, at) ? of(open.results) : this.resultsAt(at);
    }).pipe(
      switchMap((results) => this.pageOf(results, at)),
      untilItWorks(this.context, 'Reading the results of a job', MOST_ATTEMPTS),
      map((page) => ({ ...page, restarted })),
    );
  }

  private resultsAt({ job, locator, most, row }: JobPlace): Observable<JobResults<T>> {
    const path = `/jobs/query/${job}/results?maxRecords=${most}${locator === undefined ? '' : `&locator=${encodeURIComponent(locator)}`}`;
    const read = async (response: Response) => {
      const results = new JobResults(new Uint8Array(await response.arrayBuffer()), response.headers, this.form);
      await results.skip(row);
      return results;
    };
    return callOrg(this.context, { path, request: { headers: { accept: 'text/csv' } }, read });
  }

  private async pageOf(results: JobResults<T>, at: JobPlace): Promise<Omit<BulkPage<T>, 'restarted'>> {
    const rows = await results.take(this.pageSize);
    const isOver = await results.isOver();
    const here = { ...at, row: at.row + rows.length };
    if (!isOver) {
      this.open = { at: here, results };
      return { rows, place: here, isLast: false };
    }
    const { next } = results;
    if (next === undefined) return { rows, place: here, isLast: true };
    return { rows, place: { job: at.job, locator: next, most: mostAfter(results), row: 0 }, isLast: false };
  }
}

function isSame(a: JobPlace, b: JobPlace): boolean {
  return a.job === b.job && a.locator === b.locator && a.row === b.row;
}

/** How many records to ask for next, so that they fit into memory. */
function mostAfter({ bytes, read }: JobResults<unknown>): number {
  const fitting = Math.floor((PIECE_BYTES * read) / Math.max(1, bytes));
  return Math.min(MOST_RECORDS, Math.max(FIRST_RECORDS / 10, fitting));
}
