import type { FieldPath, SoqlQuery } from './ast.js';
import type { QueryDatabase, QueryField, QueryObject, QueryRow, QueryValue } from './queryable.js';
import { SoqlError } from './soql-error.js';

/** A resolved field of a query: the relationships that lead to it, and the field. */
export interface Column {
  readonly relationships: readonly string[];
  readonly field: QueryField;
  /** For a group: the path in the query. */
  readonly aggregate?: FieldPath;
}

/** Resolves a path of a query, or throws a {@link SoqlError}. */
export type ColumnFinder = (path: FieldPath) => Column;

/** How the names of a query are looked up. */
export interface Names {
  readonly object: QueryObject;
  /** The alias of the object in this query. */
  readonly alias: string | undefined;
}

/** Most relationships that one path may lead through. */
const MAX_RELATIONSHIPS = 5;

/**
 * The object of a query.
 *
 * @throws {@link SoqlError} when there is none of that name.
 */
export function namesOf(database: QueryDatabase, { from }: SoqlQuery): Names {
  const object = database.object(from.object);
  if (object === undefined) {
    const hint = 'If you are attempting to use a custom object, be sure to append the __c after the entity name.';
    throw new SoqlError('INVALID_TYPE', `sObject type '${from.object}' is not supported. ${hint}`, from.at);
  }
  return { object, alias: from.alias };
}

/**
 * Finds a field by the path that a query has for it.
 *
 * @throws {@link SoqlError} when a relationship or the field does not exist, or a function is used without groups.
 */
export function findColumn({ object, alias }: Names, { path, at, aggregate }: FieldPath): Column {
  if (aggregate !== undefined) {
    throw new SoqlError('MALFORMED_QUERY', `Aggregate functions are not allowed here: ${aggregate}(${path})`, at);
  }
  const parts = path.split('.');
  const first = parts[0]?.toLowerCase();
  if (parts.length > 1 && (first === alias?.toLowerCase() || first === object.name.toLowerCase())) parts.shift();
  const fieldName = parts.pop() ?? '';
  if (parts.length > MAX_RELATIONSHIPS) {
    throw new SoqlError('MALFORMED_QUERY', `A path leads through at most ${MAX_RELATIONSHIPS} relationships`, at);
  }
  const relationships: string[] = [];
  let target = object;
  for (const part of parts) {
    const relationship = target.relationship(part);
    if (relationship === undefined) {
      throw new SoqlError('INVALID_FIELD', `Didn't understand relationship '${part}' in field path.`, at);
    }
    relationships.push(relationship.name);
    target = relationship.object;
  }
  return { relationships, field: fieldOf(target, fieldName, at) };
}

function fieldOf(object: QueryObject, name: string, at: number): QueryField {
  const field = object.field(name);
  if (field === undefined) {
    const hint = "If you are attempting to use a custom field, be sure to append the '__c' after its name.";
    throw new SoqlError('INVALID_FIELD', `No such column '${name}' on entity '${object.name}'. ${hint}`, at);
  }
  return field;
}

/** The record with a column's field; `undefined` where a relationship on the way names none. */
export function ownerOf({ relationships }: Column, row: QueryRow): QueryRow | undefined {
  if (relationships.length === 0) return row;
  return relationships.reduce<QueryRow | undefined>((from, relationship) => from?.parent(relationship), row);
}

/** The value of a column; null where a relationship on the way names no record. */
export function valueOf(column: Column, row: QueryRow): QueryValue {
  const value = ownerOf(column, row)?.get(column.field) ?? null;
  // Salesforce has no empty texts.
  return value === '' ? null : value;
}
