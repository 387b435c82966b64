import type { ComparisonOperator, Literal } from './ast.js';
import type { FieldKind, QueryField, QueryValue } from './queryable.js';
import { type TimeSpan, spanOf } from './relative-dates.js';
import { SoqlError } from './soql-error.js';

/** The operand of a comparison: nothing, one value, or a span of time, which counts as equal as a whole. */
export type Operand =
  | { readonly type: 'null' }
  | { readonly type: 'value'; readonly value: string | number | boolean }
  | { readonly type: 'span'; readonly span: TimeSpan };

/** The literals that fields of each kind compare with, besides null. */
const FITTING: Readonly<Record<Exclude<FieldKind, 'compound'>, readonly Literal['type'][]>> = {
  string: ['string'],
  id: ['string'],
  double: ['number'],
  boolean: ['boolean'],
  date: ['date', 'relative-date'],
  dateTime: ['datetime', 'relative-date'],
  time: ['time'],
};
const RECORD_ID = /^[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$/;

/**
 * The operand for a field.
 *
 * @param at - The place of the field in the query.
 * @throws {@link SoqlError} when the literal is not of the field's type.
 */
export function operandOf(field: QueryField, literal: Literal, at: number, now: number): Operand {
  if (literal.type === 'null' || (literal.type === 'string' && literal.value === '')) return { type: 'null' };
  if (field.kind === 'compound' || !FITTING[field.kind].includes(literal.type)) {
    const quotes = field.kind === 'string' || field.kind === 'id' ? 'should' : 'should not';
    const message = `value of filter criterion for field '${field.name}' must be of type ${field.kind} and ${quotes} be enclosed in quotes`;
    throw new SoqlError('INVALID_FIELD', message, at);
  }
  if (literal.type === 'relative-date') return { type: 'span', span: spanOf(literal.name, literal.count ?? 0, now) };
  if (field.kind === 'id' && !RECORD_ID.test(String(literal.value))) {
    throw new SoqlError('INVALID_QUERY_FILTER_OPERATOR', `invalid ID field: ${literal.value}`, at);
  }
  return { type: 'value', value: comparable(field.kind, literal.value) };
}

/** A value in the form in which values of its kind compare: text without its case, ids in their 15 characters. */
export function comparable<T extends QueryValue>(kind: FieldKind, value: T): T | string {
  if (typeof value !== 'string') return value;
  return kind === 'id' ? value.slice(0, 15) : value.toLowerCase();
}

/**
 * Whether a comparison is true. Null is equal to null, different from everything else, and neither less nor greater
 * than anything.
 */
export function holds(operator: ComparisonOperator, kind: FieldKind, value: QueryValue, operand: Operand): boolean {
  if (value === null || operand.type === 'null') {
    const same = value === null && operand.type === 'null';
    return operator === '=' ? same : operator === '!=' && !same;
  }
  const plain = comparable(kind, value);
  const order = operand.type === 'span' ? orderToSpan(Number(plain), operand.span) : compare(plain, operand.value);
  switch (operator) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

function orderToSpan(value: number, { from, to }: TimeSpan): number {
  return value < from ? -1 : value >= to ? 1 : 0;
}

/** Negative when `a` comes before `b`. Both are {@link comparable} values of one kind. */
export function compare(a: string | number | boolean, b: string | number | boolean): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
