import type { ComparisonOperator, Condition, FieldPath } from './ast.js';
import { type Column, findColumn, type Names, valueOf } from './columns.js';
import { holds, operandOf } from './comparisons.js';
import { matcherOf } from './match-pattern.js';
import type { QueryRow } from './queryable.js';
import { SoqlError } from './soql-error.js';

/** Whether a record is one that a query is after. */
export type Filter = (row: QueryRow) => boolean;

/**
 * Makes the test of a condition.
 *
 * @param now - The time, in milliseconds since 1970.
 * @throws {@link SoqlError} when it names a field that there is not, or compares one with what does not fit.
 */
export function filterOf(condition: Condition, names: Names, now: number): Filter {
  switch (condition.type) {
    case 'and': {
      const filters = condition.conditions.map((each) => filterOf(each, names, now));
      return (row) => filters.every((filter) => filter(row));
    }
    case 'or': {
      const filters = condition.conditions.map((each) => filterOf(each, names, now));
      return (row) => filters.some((filter) => filter(row));
    }
    case 'not': {
      const filter = filterOf(condition.condition, names, now);
      return (row) => !filter(row);
    }
    case 'comparison':
      return comparisonFilter(condition, names, now);
    case 'in':
      return listFilter(condition, names, now);
    case 'like':
      return likeFilter(condition, names);
  }
}

function comparisonFilter(
  { field: path, operator, value }: Extract<Condition, { type: 'comparison' }>,
  names: Names,
  now: number,
): Filter {
  const column = filterColumn(names, path);
  const { field } = column;
  if (field.kind === 'boolean' && !isEquality(operator)) {
    throw new SoqlError('INVALID_FIELD', 'invalid operator on boolean field', path.at);
  }
  const operand = operandOf(field, value, path.at, now);
  return (row) => holds(operator, field.kind, valueOf(column, row), operand);
}

function isEquality(operator: ComparisonOperator): boolean {
  return operator === '=' || operator === '!=';
}

function listFilter(
  { field: path, negated, values }: Extract<Condition, { type: 'in' }>,
  names: Names,
  now: number,
): Filter {
  const column = filterColumn(names, path);
  const operands = values.map((value) => operandOf(column.field, value, path.at, now));
  return (row) => {
    const value = valueOf(column, row);
    return operands.some((operand) => holds('=', column.field.kind, value, operand)) !== negated;
  };
}

function likeFilter({ field: path, pattern }: Extract<Condition, { type: 'like' }>, names: Names): Filter {
  const column = filterColumn(names, path);
  if (column.field.kind !== 'string') {
    throw new SoqlError('INVALID_FIELD', `invalid operator on ${column.field.kind} field`, path.at);
  }
  const matches = matcherOf(pattern);
  return (row) => {
    const value = valueOf(column, row);
    return typeof value === 'string' && matches(value);
  };
}

function filterColumn(names: Names, path: FieldPath): Column {
  const column = findColumn(names, path);
  if (!column.field.filterable) {
    throw new SoqlError('INVALID_FIELD', `field '${column.field.name}' can not be filtered in a query call`, path.at);
  }
  return column;
}
