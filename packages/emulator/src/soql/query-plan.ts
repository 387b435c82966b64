import type { Column } from './columns.js';
import type { KeyRange } from '../model/key-range.js';
import type { QueryObject, QueryRow } from './queryable.js';

export type { QueryScope } from './queryable.js';

/** The findings of a query. */
export interface QueryFindings {
  /** How many records it found, within its limit. */
  readonly totalSize: number;
  /** The columns that it selects. */
  readonly columns: readonly Column[];
  /** The columns of child records, where it selects any. */
  readonly children?: readonly ChildColumn[];
  /** The records, in order; none for `COUNT()`. */
  readonly rows: readonly QueryRow[];
}

/** A query with resolved names, which can be run on records. */
export interface QueryPlan {
  readonly columns: readonly Column[];
  readonly children: readonly ChildColumn[];
  /** Whether it selects groups of records. */
  readonly grouped: boolean;
  /** The ids that records must have for its condition; where it says nothing of ids, all. */
  readonly range: KeyRange;
  /** The direction in which records are read in the order of their ids, so that they need not be sorted. */
  readonly direction: 'ascending' | 'descending' | undefined;
  /**
   * The records, or groups of them, that the query selects.
   *
   * @param inOrder - Whether the records come in the query's own order already.
   */
  readonly pick: (rows: Iterable<QueryRow>, inOrder: boolean) => QueryRow[];
}

/** The records of a child relationship that a query selects with each record. */
export interface ChildColumn extends Pick<QueryPlan, 'columns' | 'children'> {
  /** API name of the relationship, such as `Contacts`. */
  readonly relationship: string;
  readonly object: QueryObject;
  /** The child records of one record. */
  rowsOf(parent: QueryRow): readonly QueryRow[];
}
