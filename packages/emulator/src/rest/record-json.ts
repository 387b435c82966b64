import { type Column, findColumn } from '../soql/columns.js';
import { GROUP_TYPE } from '../soql/groups.js';
import type { ChildColumn } from '../soql/query-plan.js';
import type { QueryRow } from '../soql/queryable.js';
import { SoqlError } from '../soql/soql-error.js';
import { type RestCall, urlOf } from './rest-call.js';
import type { RestObject } from './rest-object.js';
import { RestProblem } from './rest-problem.js';

/**
 * A record for an answer: first its type, then the columns. Columns of other records are in objects, and the records
 * that name it are in lists.
 */
export function recordJson(
  call: Pick<RestCall, 'base'>,
  row: QueryRow,
  columns: readonly Column[],
  children: readonly ChildColumn[] = [],
): object {
  // A column may have any name, even `__proto__`.
  const json = new Map<string, unknown>([['attributes', attributesOf(call, row)]]);
  for (const { relationships, field } of columns) {
    const [relationship] = relationships;
    if (relationship === undefined) {
      json.set(field.name, row.toJson(field));
    } else if (!json.has(relationship)) {
      json.set(relationship, parentJson(call, row.parent(relationship), relationship, columns));
    }
  }
  for (const child of children) {
    json.set(child.relationship, childrenJson(call, row, child));
  }
  return Object.fromEntries(json);
}

/** A group of records has no address. */
function attributesOf(call: Pick<RestCall, 'base'>, row: QueryRow): object {
  return { type: row.object, ...(row.object !== GROUP_TYPE && { url: urlOf(call, row) }) };
}

function childrenJson(call: Pick<RestCall, 'base'>, parent: QueryRow, child: ChildColumn): object | null {
  const rows = child.rowsOf(parent);
  const records = rows.map((row) => recordJson(call, row, child.columns, child.children));
  return rows.length === 0 ? null : { totalSize: rows.length, done: true, records };
}

function parentJson(
  call: Pick<RestCall, 'base'>,
  parent: QueryRow | undefined,
  relationship: string,
  columns: readonly Column[],
): object | null {
  if (parent === undefined) return null;
  const own = columns
    .filter(({ relationships }) => relationships[0] === relationship)
    .map(({ relationships, field }) => ({ relationships: relationships.slice(1), field }));
  return recordJson(call, parent, own);
}

/** All fields of an object, as columns. */
export function allColumns({ fields }: RestObject): Column[] {
  return fields.map((field) => ({ relationships: [], field }));
}

/**
 * The fields that a client asks for by name.
 *
 * @throws {@link RestProblem} when there is no field of a name.
 */
export function columnsNamed(object: RestObject, names: readonly string[]): Column[] {
  return names.map((path) => {
    try {
      return findColumn({ object, alias: undefined }, { path: path.trim(), at: 0 });
    } catch (error) {
      throw error instanceof SoqlError ? new RestProblem(400, error.errorCode, error.message) : error;
    }
  });
}
