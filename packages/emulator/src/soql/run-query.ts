import type { FieldGroup, Ordering, SelectItem, SoqlQuery } from './ast.js';
import { type Column, findColumn, type Names, namesOf, valueOf } from './columns.js';
import { comparable, compare } from './comparisons.js';
import { filterOf } from './filter.js';
import type { QueryDatabase, QueryObject, QueryRow } from './queryable.js';
import { SoqlError } from './soql-error.js';

/** What a query found. */
export interface QueryFindings {
  /** How many records it found, within its limit. */
  readonly totalSize: number;
  /** What it wants to know of them. */
  readonly columns: readonly Column[];
  /** The records, in order; none for `COUNT()`. */
  readonly rows: readonly QueryRow[];
}

/** Most records that `FIELDS(ALL)` and `FIELDS(CUSTOM)` may be asked for. */
const MAX_ROWS_WITH_ALL_FIELDS = 200;
/** Most records that a query may leave out at the beginning. */
const MAX_OFFSET = 2000;

/**
 * Runs a query.
 *
 * @param which - Whether deleted records count too.
 * @throws {@link SoqlError} when it names what there is not, or asks for what cannot be.
 */
export function runQuery(
  query: SoqlQuery,
  database: QueryDatabase,
  which: { readonly deleted: boolean },
): QueryFindings {
  if (query.offset > MAX_OFFSET) {
    throw new SoqlError('NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${MAX_OFFSET}`);
  }
  const names = namesOf(database, query);
  const columns = query.select.type === 'count' ? [] : columnsOf(query.select.items, names, query.limit);
  const filter = query.where === undefined ? undefined : filterOf(query.where, names, database.now());
  const order = orderOf(query.orderBy, names);
  const all = names.object.rows(which);
  const found = filter === undefined ? [...all] : all.filter(filter);
  const rows = found
    .sort(order)
    .slice(query.offset, query.limit === undefined ? undefined : query.offset + query.limit);
  return { totalSize: rows.length, columns, rows: query.select.type === 'count' ? [] : rows };
}

function columnsOf(items: readonly SelectItem[], names: Names, limit: number | undefined): Column[] {
  const seen = new Set<string>();
  return items.flatMap((item) => {
    const at = item.type === 'group' ? item.at : item.field.at;
    const columns = item.type === 'group' ? fieldsOf(names.object, item, limit) : [findColumn(names, item.field)];
    for (const { relationships, field } of columns) {
      const path = [...relationships, field.name].join('.');
      if (seen.has(path)) {
        throw new SoqlError('MALFORMED_QUERY', `duplicate field selected: ${path}`, at);
      }
      seen.add(path);
    }
    return columns;
  });
}

function fieldsOf(
  object: QueryObject,
  { group, at }: { readonly group: FieldGroup; readonly at: number },
  limit: number | undefined,
): Column[] {
  if (group !== 'STANDARD' && (limit === undefined || limit > MAX_ROWS_WITH_ALL_FIELDS)) {
    const message = `The SOQL FIELDS function must have a LIMIT of at most ${MAX_ROWS_WITH_ALL_FIELDS}`;
    throw new SoqlError('MALFORMED_QUERY', message, at);
  }
  return object.fields
    .filter(({ custom }) => group === 'ALL' || custom === (group === 'CUSTOM'))
    .map((field) => ({ relationships: [], field }));
}

/** Records that are equal in all that is compared stay in the order they came in. */
function orderOf(orderings: readonly Ordering[], names: Names): (a: QueryRow, b: QueryRow) => number {
  const orders = orderings.map((ordering) => ({ ...ordering, column: sortColumn(ordering, names) }));
  return (a, b) => {
    for (const { column, descending, nulls } of orders) {
      const order = compareBy(column, a, b, nulls, descending);
      if (order !== 0) {
        return order;
      }
    }
    return 0;
  };
}

function sortColumn({ field: path }: Ordering, names: Names): Column {
  const column = findColumn(names, path);
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
