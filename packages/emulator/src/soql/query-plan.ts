import type { Column } from './columns.js';
import type { QueryObject, QueryRow } from './queryable.js';

/** What a query found. */
export interface QueryFindings {
  /** How many records it found, within its limit. */
  readonly totalSize: number;
  /** What it wants to know of them. */
  readonly columns: readonly Column[];
  /** What it wants to know of the records that name them, where it does. */
  readonly children?: readonly ChildColumn[];
  /** The records, in order; none for `COUNT()`. */
  readonly rows: readonly QueryRow[];
}

/** Which records count. */
export interface QueryScope {
  /** Whether deleted ones do too. */
  readonly deleted: boolean;
}

/** A query whose names are found, and that can be run on records. */
export interface QueryPlan {
  readonly columns: readonly Column[];
  readonly children: readonly ChildColumn[];
  /** Whether it is after groups of records. */
  readonly grouped: boolean;
  /** The records, or groups of them, that the query is after. */
  readonly pick: (rows: readonly QueryRow[]) => QueryRow[];
}

/** The records of a child relationship that a query wants, with each of its records. */
export interface ChildColumn extends Pick<QueryPlan, 'columns' | 'children'> {
  /** API name of the relationship, such as `Contacts`. */
  readonly relationship: string;
  readonly object: QueryObject;
  /** Those of one record. */
  rowsOf(parent: QueryRow): readonly QueryRow[];
}
