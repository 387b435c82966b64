import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import { ConfigurationError, type ChangeEventHeader } from '@rxforce/core/model';

/** What `filterField` needs of an event. */
export interface FieldEvent {
  readonly header: Pick<ChangeEventHeader, 'changeType' | 'changedFields'>;
  readonly data: object;
}

/** A field's name, or `Compound.Child`: checked against the record's type where that is known. */
export type FieldPath<T> = string extends keyof T
  ? string
  : { [K in keyof T & string]: K | ChildPath<K, NonNullable<T[K]>> }[keyof T & string];

type ChildPath<K extends string, V> = V extends string | number | boolean | bigint | readonly unknown[]
  ? never
  : `${K}.${keyof V & string}`;

type Scalar = string | number | bigint | boolean | null;
type Predicate = (actual: unknown) => boolean;

/** Each operator makes a predicate of what it compares with. */
const OPERATORS = {
  equals:
    (expected: Scalar): Predicate =>
    (actual) =>
      actual === expected,
  notEquals:
    (expected: Scalar): Predicate =>
    (actual) =>
      actual !== expected,
  in:
    (expected: readonly Scalar[]): Predicate =>
    (actual) =>
      expected.includes(actual as Scalar),
  notIn:
    (expected: readonly Scalar[]): Predicate =>
    (actual) =>
      !expected.includes(actual as Scalar),
  greaterThan: (expected: number | string): Predicate => ordered(expected, (actual) => actual > expected),
  greaterOrEqual: (expected: number | string): Predicate => ordered(expected, (actual) => actual >= expected),
  lessThan: (expected: number | string): Predicate => ordered(expected, (actual) => actual < expected),
  lessOrEqual: (expected: number | string): Predicate => ordered(expected, (actual) => actual <= expected),
  contains: (expected: string): Predicate => text((actual) => actual.includes(expected)),
  startsWith: (expected: string): Predicate => text((actual) => actual.startsWith(expected)),
  endsWith: (expected: string): Predicate => text((actual) => actual.endsWith(expected)),
  isNull: (): Predicate => (actual) => actual === null,
  isNotNull: (): Predicate => (actual) => actual !== null,
};

/** The names of the comparisons. */
export type FieldOperator = keyof typeof OPERATORS;

/** What a comparison compares with: nothing for `isNull` and `isNotNull`. */
export type FieldOperand<O extends FieldOperator> = Parameters<(typeof OPERATORS)[O]>;

/**
 * Passes on the change events whose field compares as asked, and drops the others.
 *
 * An UPDATE carries null for every field that did not change. That null is not the field's value, so it compares to
 * nothing: such an event is dropped, by `notEquals` and `isNull` too. A null counts as a value where the event says that
 * the field was changed to it, and in a CREATE or UNDELETE, which carry the whole record.
 *
 * ```marble
 * source  -a-b-c-|              a = { Amount: 5 }, b = { Amount: 50 }, c = { Amount: 500 }
 *         filterField('Amount', 'greaterThan', 10)
 * result  ---b-c-|
 * ```
 *
 * - Complete, error, unsubscribe: passed on.
 * - Delivery: what is dropped is settled.
 *
 * @param path - A field's name, or `Compound.Child` such as `BillingAddress.City`.
 * @param operator - How to compare. Ordering compares numbers with numbers and strings with strings; date-times are
 * numbers, in milliseconds since 1970.
 * @param operand - What to compare with; nothing for `isNull` and `isNotNull`.
 * @throws `ConfigurationError` when there is no such operator, or the operand does not fit it.
 */
export function filterField<E extends FieldEvent, O extends FieldOperator>(
  path: FieldPath<Required<E['data']>>,
  operator: O,
  ...operand: FieldOperand<O>
): MonoTypeOperatorFunction<E> {
  const matches = predicateOf(operator, operand);
  const [field = '', child] = path.split('.');
  return filter((event) => {
    const actual = valueAt(event.data as Record<string, unknown>, field, child);
    return (actual !== null || isKnown(event, path, field)) && matches(actual);
  });
}

function predicateOf(operator: FieldOperator, operand: readonly unknown[]): Predicate {
  const make = (OPERATORS as Record<string, ((...args: readonly unknown[]) => Predicate) | undefined>)[operator];
  if (make === undefined) {
    throw new ConfigurationError(
      `filterField() has no operator "${operator}". The operators are ${Object.keys(OPERATORS).join(', ')}.`,
    );
  }
  const isList = operator === 'in' || operator === 'notIn';
  if (operand.length !== make.length || isList !== Array.isArray(operand[0])) {
    throw new ConfigurationError(
      `filterField(…, '${operator}') takes ${make.length === 0 ? 'nothing' : isList ? 'a list' : 'one value'} to compare with.`,
    );
  }
  return make(...operand);
}

function valueAt(data: Record<string, unknown>, field: string, child: string | undefined): unknown {
  const value = data[field] ?? null;
  if (child === undefined || value === null) return value;
  return (value as Record<string, unknown>)[child] ?? null;
}

/** Whether a null in the event is the field's value. When a compound is nulled as a whole only its own name is listed. */
function isKnown({ header }: FieldEvent, path: string, field: string): boolean {
  const { changeType, changedFields } = header;
  if (changeType === 'CREATE' || changeType === 'UNDELETE') return true;
  return changedFields.includes(path) || changedFields.includes(field);
}

function ordered(expected: number | string, compare: (actual: number | string) => boolean): Predicate {
  return (actual) => typeof actual === typeof expected && compare(actual as number | string);
}

function text(test: (actual: string) => boolean): Predicate {
  return (actual) => typeof actual === 'string' && test(actual);
}
