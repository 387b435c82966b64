import { type Column, findColumn } from '../soql/columns.js';
import type { QueryRow } from '../soql/queryable.js';
import { SoqlError } from '../soql/soql-error.js';
import { type RestCall, urlOf } from './rest-call.js';
import type { RestObject } from './rest-object.js';
import { RestProblem } from './rest-problem.js';

/** A record as an answer has it: what it is first, then the columns; those of other records are in objects. */
export function recordJson(call: Pick<RestCall, 'base'>, row: QueryRow, columns: readonly Column[]): object {
  const json: Record<string, unknown> = { attributes: { type: row.object, url: urlOf(call, row) } };
  for (const { relationships, field } of columns) {
    const [relationship] = relationships;
    if (relationship === undefined) {
      json[field.name] = row.toJson(field);
    } else if (!Object.hasOwn(json, relationship)) {
      json[relationship] = parentJson(call, row.parent(relationship), relationship, columns);
    }
  }
  return json;
}

function parentJson(
  call: Pick<RestCall, 'base'>,
  parent: QueryRow | undefined,
  relationship: string,
  columns: readonly Column[],
): object | null {
  if (parent === undefined) {
    return null;
  }
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
 * The fields that a client asks for by their names.
 *
 * @throws {@link RestProblem} when there is none of a name.
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
