import type { FieldGroup, SelectItem, SoqlQuery } from './ast.js';
import { childColumn } from './child-columns.js';
import { type Column, type ColumnFinder, findColumn, type Names, namesOf, valueOf } from './columns.js';
import { filterOf } from './filter.js';
import { Groups, isGrouped } from './groups.js';
import { keyOrderOf, keyRangeOf } from './keys.js';
import { orderOf } from './order.js';
import { firstInOrder, firstRows } from './pick-rows.js';
import type { ChildColumn, QueryFindings, QueryPlan, QueryScope } from './query-plan.js';
import type { QueryDatabase, QueryObject, QueryRow, QueryValue } from './queryable.js';
import { SoqlError } from './soql-error.js';

/** Most records of a query with `FIELDS(ALL)` or `FIELDS(CUSTOM)`. */
const MAX_ROWS_WITH_ALL_FIELDS = 200;
/** Most records that a query may skip at the beginning. */
const MAX_OFFSET = 2000;

/**
 * Runs a query.
 *
 * @throws {@link SoqlError} when it names something that does not exist, or cannot be run.
 */
export function runQuery(query: SoqlQuery, database: QueryDatabase, which: QueryScope): QueryFindings {
  const names = namesOf(database, query);
  const plan = planOf(query, names, database, which);
  const { columns, children } = plan;
  if (query.select.type === 'count') return { totalSize: countOf(query, plan, names, which), columns, rows: [] };
  const rows = rowsOf(plan, names, which);
  return { totalSize: rows.length, columns, ...(children.length > 0 && { children }), rows };
}

/** Reads no more of an object's records than it must. */
function rowsOf({ range, direction, pick }: QueryPlan, { object }: Names, which: QueryScope): QueryRow[] {
  if (object.scan === undefined) return pick(object.rows(which), false);
  return pick(object.scan(which, range, direction === 'descending'), direction !== undefined);
}

function countOf(query: SoqlQuery, plan: QueryPlan, names: Names, which: QueryScope): number {
  const all = query.where === undefined ? names.object.count?.(which) : undefined;
  if (all === undefined) return rowsOf(plan, names, which).length;
  return Math.min(query.limit ?? Infinity, Math.max(0, all - query.offset));
}

/**
 * Resolves the names in a query.
 *
 * @param names - The names of its object, which is reached through a relationship for a query inside another one.
 * @throws {@link SoqlError} when it names something that does not exist, or cannot be run.
 */
export function planOf(query: SoqlQuery, names: Names, database: QueryDatabase, which: QueryScope): QueryPlan {
  if (query.offset > MAX_OFFSET) {
    throw new SoqlError('NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${MAX_OFFSET}`);
  }
  const [grouped] = query.groupBy ?? [];
  if (query.select.type === 'count' && grouped !== undefined) {
    throw new SoqlError('MALFORMED_QUERY', 'COUNT() counts no groups: take COUNT(Id)', grouped.at);
  }
  const items = query.select.type === 'count' ? [] : query.select.items;
  const groups = isGrouped(query) ? new Groups(names, query.groupBy ?? []) : undefined;
  const columns = onlyOnce(items, (item) => (groups ? [groups.select(item)] : columnsOf(item, names, query.limit)));
  const children = groups ? [] : items.flatMap((item) => childrenOf(item, names, database, which));
  const find: ColumnFinder = (path) => findColumn(names, path);
  const findInGroups = groups?.find ?? find;
  const where = testOf(query.where, find, database, which);
  const having = testOf(havingOf(query, groups), findInGroups, database, which);
  const order = orderOf(query.orderBy, findInGroups);
  const end = query.offset + (query.limit ?? Infinity);
  const pick = (rows: Iterable<QueryRow>, inOrder: boolean): QueryRow[] => {
    if (groups !== undefined) {
      const ofAll = groups.of(firstRows(rows, where, Infinity));
      return ofAll.filter(having).sort(order).slice(query.offset, end);
    }
    const picked = inOrder ? firstRows(rows, where, end) : firstInOrder(rows, where, order, end);
    return picked.slice(query.offset);
  };
  // The order of groups is not that of their records.
  const direction = groups === undefined ? keyOrderOf(query, find) : undefined;
  return { columns, children, grouped: groups !== undefined, range: keyRangeOf(query.where, find), direction, pick };
}

function testOf(
  condition: SoqlQuery['where'],
  find: ColumnFinder,
  database: QueryDatabase,
  which: QueryScope,
): (row: QueryRow) => boolean {
  const valuesOf = (query: SoqlQuery) => selectedValues(query, database, which);
  return condition === undefined ? () => true : filterOf(condition, { find, valuesOf, now: database.now() });
}

function havingOf({ having, from }: SoqlQuery, groups: Groups | undefined): SoqlQuery['having'] {
  if (having !== undefined && groups === undefined) {
    throw new SoqlError('MALFORMED_QUERY', 'HAVING stands only after GROUP BY', from.at);
  }
  return having;
}

/** The values that a query after IN selects. */
function selectedValues(query: SoqlQuery, database: QueryDatabase, which: QueryScope): QueryValue[] {
  const { columns, rows } = runQuery(query, database, which);
  const [column, ...others] = columns;
  if (column === undefined || others.length > 0 || isGrouped(query) || column.field.kind !== 'id') {
    const message = 'A query after IN selects one field, which is an id or a reference';
    throw new SoqlError('MALFORMED_QUERY', message, query.from.at);
  }
  return rows.map((row) => valueOf(column, row));
}

function onlyOnce(items: readonly SelectItem[], columnsOfItem: (item: SelectItem) => Column[]): Column[] {
  const seen = new Set<string>();
  return items.flatMap((item) => {
    const columns = columnsOfItem(item);
    for (const { relationships, field } of columns) {
      const path = [...relationships, field.name].join('.');
      if (seen.has(path)) {
        const at = item.type === 'field' ? item.field.at : item.at;
        throw new SoqlError('MALFORMED_QUERY', `duplicate field selected: ${path}`, at);
      }
      seen.add(path);
    }
    return columns;
  });
}

function columnsOf(item: SelectItem, names: Names, limit: number | undefined): Column[] {
  switch (item.type) {
    case 'field':
      if (item.alias !== undefined) {
        const message = `Only what is grouped has another name: ${item.alias}`;
        throw new SoqlError('MALFORMED_QUERY', message, item.field.at);
      }
      return [findColumn(names, item.field)];
    case 'group':
      return fieldsOf(names.object, item, limit);
    case 'children':
      return [];
  }
}

function childrenOf(item: SelectItem, names: Names, database: QueryDatabase, which: QueryScope): ChildColumn[] {
  return item.type === 'children'
    ? [childColumn(item, names.object, which, (query, childNames) => planOf(query, childNames, database, which))]
    : [];
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
