import type { AggregateFunction } from './ast.js';
import { type Column, ownerOf, valueOf } from './columns.js';
import { comparable, compare } from './comparisons.js';
import type { QueryRow, QueryValue } from './queryable.js';

/** A value of a group, both for conditions and orderings, and for answers. */
export interface GroupValue {
  readonly value: QueryValue;
  readonly json: unknown;
}

/** Whether a function makes sense for the values of a column. */
export function canAggregate(aggregate: AggregateFunction, { field: { kind } }: Column): boolean {
  switch (aggregate) {
    case 'COUNT':
    case 'COUNT_DISTINCT':
      return kind !== 'compound';
    case 'SUM':
    case 'AVG':
      return kind === 'double';
    case 'MIN':
    case 'MAX':
      return kind !== 'compound' && kind !== 'boolean';
  }
}

/** A function of a column over the records of a group. Nulls do not count. */
export function aggregated(aggregate: AggregateFunction, column: Column, rows: readonly QueryRow[]): GroupValue {
  const given = rows.filter((row) => valueOf(column, row) !== null);
  switch (aggregate) {
    case 'COUNT':
      return plain(given.length);
    case 'COUNT_DISTINCT':
      return plain(new Set(given.map((row) => comparable(column.field.kind, valueOf(column, row)))).size);
    case 'SUM':
      return plain(given.length === 0 ? null : sum(column, given));
    case 'AVG':
      return plain(given.length === 0 ? null : sum(column, given) / given.length);
    case 'MIN':
      return groupValueOf(column, extreme(column, given, -1));
    case 'MAX':
      return groupValueOf(column, extreme(column, given, 1));
  }
}

/** The value of a column in a record. */
export function groupValueOf(column: Column, row: QueryRow | undefined): GroupValue {
  const owner = row === undefined ? undefined : ownerOf(column, row);
  return owner === undefined
    ? plain(null)
    : { value: row === undefined ? null : valueOf(column, row), json: owner.toJson(column.field) };
}

function plain(value: number | null): GroupValue {
  return { value, json: value };
}

function sum(column: Column, rows: readonly QueryRow[]): number {
  return rows.reduce((total, row) => total + Number(valueOf(column, row)), 0);
}

/** The record with the least (-1) or greatest (1) value; the first of several. */
function extreme(column: Column, rows: readonly QueryRow[], side: -1 | 1): QueryRow | undefined {
  const key = (row: QueryRow) => comparable(column.field.kind, valueOf(column, row)) ?? '';
  const [first, ...others] = rows;
  return others.reduce<QueryRow | undefined>(
    (best, row) => (best !== undefined && compare(key(row), key(best)) * side > 0 ? row : best),
    first,
  );
}
