import type { Observable } from 'rxjs';

/** One record in the form that events have. */
export interface Row<T> {
  /** Its id, in the form of 18 characters. */
  readonly recordId: string;
  /** Its `SystemModstamp`, in epoch milliseconds. */
  readonly modifiedAt: number;
  readonly record: Partial<T>;
}

/** Some records, in the order of reading, and the place after them. */
export interface RowPage<T> {
  readonly rows: readonly Row<T>[];
  /** Where the next page begins: a plain text, to be stored. */
  readonly cursor: string;
  readonly isLast: boolean;
  /** Whether the reading began anew, as the cursor is no longer served. */
  readonly restarted?: boolean;
}

/** What is read, known before the first page. */
export interface RowSource<T> {
  /** About how many records there are, where that is known. */
  readonly count: number | undefined;
  /** The schema that the rows have the form of. */
  readonly schemaId: string;
  /**
   * Reads one page after a cursor, and completes. Without a cursor it begins with the first record. Where a cursor is no
   * longer served, it begins anew, and the page says so.
   */
  page(cursor: string | undefined): Observable<RowPage<T>>;
}
