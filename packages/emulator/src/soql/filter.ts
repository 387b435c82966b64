import type { ComparisonOperator, Condition, FieldPath, SoqlQuery } from './ast.js';
import { type Column, type ColumnFinder, valueOf } from './columns.js';
import { comparable, holds, operandOf } from './comparisons.js';
import { matcherOf } from './match-pattern.js';
import type { QueryRow, QueryValue } from './queryable.js';
import { SoqlError } from './soql-error.js';

/** Whether a query selects a record. */
export type Filter = (row: QueryRow) => boolean;

/** The context of a condition. */
export interface FilterContext {
  readonly find: ColumnFinder;
  /** The values that a query after IN selects. Throws a {@link SoqlError} when it cannot be run. */
  readonly valuesOf: (query: SoqlQuery) => readonly QueryValue[];
  /** The time, in milliseconds since 1970. */
  readonly now: number;
}

/** A condition of one type. */
type ConditionOf<Type extends Condition['type']> = Extract<Condition, { type: Type }>;

/**
 * Makes the test of a condition.
 *
 * @throws {@link SoqlError} when it names a field that does not exist, or compares one with a value that does not fit.
 */
export function filterOf(condition: Condition, context: FilterContext): Filter {
  switch (condition.type) {
    case 'and': {
      const filters = condition.conditions.map((each) => filterOf(each, context));
      return (row) => filters.every((filter) => filter(row));
    }
    case 'or': {
      const filters = condition.conditions.map((each) => filterOf(each, context));
      return (row) => filters.some((filter) => filter(row));
    }
    case 'not': {
      const filter = filterOf(condition.condition, context);
      return (row) => !filter(row);
    }
    case 'comparison':
      return comparisonFilter(condition, context);
    case 'in':
      return listFilter(condition, context);
    case 'in-query':
      return queryFilter(condition, context);
    case 'includes':
      return choicesFilter(condition, context);
    case 'like':
      return likeFilter(condition, context);
  }
}

function comparisonFilter(
  { field: path, operator, value }: ConditionOf<'comparison'>,
  { find, now }: FilterContext,
): Filter {
  const column = filterColumn(find, path);
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

function listFilter({ field: path, negated, values }: ConditionOf<'in'>, { find, now }: FilterContext): Filter {
  const column = filterColumn(find, path);
  const { kind } = column.field;
  const operands = values.map((value) => operandOf(column.field, value, path.at, now));
  const listed = new Set(operands.map((operand) => (operand.type === 'value' ? operand.value : null)));
  const spans = operands.filter(({ type }) => type === 'span');
  return (row) => {
    const value = valueOf(column, row);
    const isListed =
      value === null ? operands.some(({ type }) => type === 'null') : listed.has(comparable(kind, value));
    return (isListed || spans.some((span) => holds('=', kind, value, span))) !== negated;
  };
}

function queryFilter({ field: path, negated, query }: ConditionOf<'in-query'>, context: FilterContext): Filter {
  const column = filterColumn(context.find, path);
  if (column.field.kind !== 'id') {
    const message = `The left operand of a query after IN is an id or a reference, and '${column.field.name}' is none`;
    throw new SoqlError('MALFORMED_QUERY', message, path.at);
  }
  const values = new Set(context.valuesOf(query).map((value) => comparable('id', value)));
  return (row) => {
    const value = comparable('id', valueOf(column, row));
    return value !== null && values.has(value) !== negated;
  };
}

function choicesFilter({ field: path, negated, choices }: ConditionOf<'includes'>, { find }: FilterContext): Filter {
  const column = filterColumn(find, path);
  if (column.field.kind !== 'string') {
    throw new SoqlError('INVALID_FIELD', `invalid operator on ${column.field.kind} field`, path.at);
  }
  const wanted = choices.map((each) => each.map((choice) => choice.trim().toLowerCase()));
  return (row) => {
    const made = new Set(
      String(valueOf(column, row) ?? '')
        .toLowerCase()
        .split(';'),
    );
    return wanted.some((each) => each.every((choice) => made.has(choice))) !== negated;
  };
}

function likeFilter({ field: path, pattern }: ConditionOf<'like'>, { find }: FilterContext): Filter {
  const column = filterColumn(find, path);
  if (column.field.kind !== 'string') {
    throw new SoqlError('INVALID_FIELD', `invalid operator on ${column.field.kind} field`, path.at);
  }
  const matches = matcherOf(pattern);
  return (row) => {
    const value = valueOf(column, row);
    return typeof value === 'string' && matches(value);
  };
}

function filterColumn(find: ColumnFinder, path: FieldPath): Column {
  const column = find(path);
  if (!column.field.filterable) {
    throw new SoqlError('INVALID_FIELD', `field '${column.field.name}' can not be filtered in a query call`, path.at);
  }
  return column;
}
