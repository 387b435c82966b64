import type { Ordering } from './ast.js';
import { type Column, type ColumnFinder, valueOf } from './columns.js';
import { comparable, compare } from './comparisons.js';
import type { QueryRow } from './queryable.js';
import { SoqlError } from './soql-error.js';

/**
 * Makes the comparison of ORDER BY. Records that are equal in all compared fields keep their order.
 *
 * @throws {@link SoqlError} when records cannot be ordered by a field, or there is no such field.
 */
export function orderOf(orderings: readonly Ordering[], find: ColumnFinder): (a: QueryRow, b: QueryRow) => number {
  const orders = orderings.map((ordering) => ({ ...ordering, column: sortColumn(ordering, find) }));
  return (a, b) => {
    for (const { column, descending, nulls } of orders) {
      const order = compareBy(column, a, b, nulls, descending);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function sortColumn({ field: path }: Ordering, find: ColumnFinder): Column {
  const column = find(path);
  if (!column.field.sortable) {
    throw new SoqlError('MALFORMED_QUERY', `field '${column.field.name}' can not be sorted in a query call`, path.at);
  }
  return column;
}

function compareBy(column: Column, a: QueryRow, b: QueryRow, nulls: Ordering['nulls'], descending: boolean): number {
  const { kind } = column.field;
  const [left, right] = [comparable(kind, valueOf(column, a)), comparable(kind, valueOf(column, b))];
  if (left === null || right === null) {
    const nullsFirst = left === right ? 0 : left === null ? -1 : 1;
    return nulls === 'first' ? nullsFirst : -nullsFirst;
  }
  return descending ? -compare(left, right) : compare(left, right);
}
