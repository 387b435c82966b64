import type { SelectItem, SoqlQuery } from './ast.js';
import type { Names } from './columns.js';
import type { QueryChildRelationship, QueryObject, QueryRow } from './queryable.js';
import type { ChildColumn, QueryPlan, QueryScope } from './query-plan.js';
import { SoqlError } from './soql-error.js';

/**
 * Resolves the names of a query inside another query's list.
 *
 * @param planFor - Plans the query on the object that its relationship leads to.
 * @throws {@link SoqlError} when there is no such relationship, or the query cannot be run.
 */
export function childColumn(
  { query, at }: Extract<SelectItem, { type: 'children' }>,
  parent: QueryObject,
  which: QueryScope,
  planFor: (query: SoqlQuery, names: Names) => QueryPlan,
): ChildColumn {
  const relationship = parent.childRelationship(query.from.object);
  if (relationship === undefined) {
    const message =
      `Didn't understand relationship '${query.from.object}' in FROM part of query call. If you are attempting to use ` +
      `a custom relationship, be sure to append the '__r' after the custom relationship name.`;
    throw new SoqlError('INVALID_TYPE', message, query.from.at);
  }
  const { object } = relationship;
  const plan = planFor(query, { object, alias: query.from.alias });
  if (plan.grouped || query.select.type === 'count') {
    throw new SoqlError('MALFORMED_QUERY', 'A query in the list of another one has no functions over groups', at);
  }
  const byParent = lazy(() => rowsByParent(relationship, which));
  const rowsOf = ({ id }: QueryRow) => plan.pick(byParent().get(id) ?? [], false);
  return { relationship: relationship.name, object, columns: plan.columns, children: plan.children, rowsOf };
}

/** All child records are read once, however many parents there are. */
function rowsByParent({ object, field }: QueryChildRelationship, which: QueryScope): Map<string, QueryRow[]> {
  const groups = new Map<string, QueryRow[]>();
  for (const row of object.rows(which)) {
    const id = String(row.get(field));
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [row]);
    else group.push(row);
  }
  return groups;
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
