import { common, type KeyRange } from '../model/key-range.js';
import { to18 } from '../model/record-ids.js';
import type { ComparisonOperator, Condition, FieldPath, Literal, SoqlQuery } from './ast.js';
import type { ColumnFinder } from './columns.js';

/**
 * The ids that records must have for a condition: what it says of the field `Id` together with everything else. Records
 * in the range may still not fit.
 *
 * @throws {@link SoqlError} when it names a field that does not exist.
 */
export function keyRangeOf(condition: Condition | undefined, find: ColumnFinder): KeyRange {
  if (condition?.type === 'and') return common(condition.conditions.map((each) => keyRangeOf(each, find)));
  if (condition?.type === 'comparison' && isKey(condition.field, find)) {
    return comparedRange(condition.operator, condition.value);
  }
  return condition?.type === 'in' && !condition.negated && isKey(condition.field, find)
    ? listedRange(condition.values)
    : {};
}

/** The direction of a query's order along the ids; `undefined` for another order. Without any, it is ascending. */
export function keyOrderOf({ orderBy }: SoqlQuery, find: ColumnFinder): 'ascending' | 'descending' | undefined {
  const [first] = orderBy;
  if (first !== undefined && !isKey(first.field, find)) return undefined;
  return first?.descending === true ? 'descending' : 'ascending';
}

function isKey(path: FieldPath, find: ColumnFinder): boolean {
  const { relationships, field } = find(path);
  return relationships.length === 0 && field.name === 'Id' && field.kind === 'id';
}

function comparedRange(operator: ComparisonOperator, value: Literal): KeyRange {
  const id = keyOf(value);
  if (id === undefined) return {};
  switch (operator) {
    case '=':
      return { from: { id, inclusive: true }, to: { id, inclusive: true } };
    case '!=':
      return {};
    case '>':
    case '>=':
      return { from: { id, inclusive: operator === '>=' } };
    case '<':
    case '<=':
      return { to: { id, inclusive: operator === '<=' } };
  }
}

/** From the least to the greatest of some ids. */
function listedRange(values: readonly Literal[]): KeyRange {
  const ids = values.map(keyOf).filter((id) => id !== undefined);
  const [first = ''] = ids;
  if (ids.length < values.length) return {};
  const least = ids.reduce((a, b) => (b < a ? b : a), first);
  const greatest = ids.reduce((a, b) => (b > a ? b : a), first);
  return { from: { id: least, inclusive: true }, to: { id: greatest, inclusive: true } };
}

/** Ids compare by their first 15 characters. */
function keyOf(literal: Literal): string | undefined {
  return literal.type === 'string' && literal.value !== '' ? to18(literal.value.slice(0, 15)) : undefined;
}
