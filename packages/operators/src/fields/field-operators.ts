import { ConfigurationError, type FieldKind } from '@rxforce/core/model';
import { both, opposite } from './change-predicate.js';
import { hasChanged, isNullAfter, valueAfter, valueBefore, type FieldEvent } from './field-facts.js';
import type { FieldPlace } from './field-path.js';
import {
  areComparable,
  isFieldValue,
  isOrdered,
  kindOf,
  sameValue,
  type FieldValue,
  type OrderedOperand,
  type OrderedValue,
  type TextOperand,
  type ValueOperand,
} from './field-values.js';

/**
 * The operators of `field` and `filterField`, with the operands of each.
 *
 * @typeParam V - The type of the field's values, from the record's type; `unknown` where that is not known.
 */
export interface FieldOperands<V = unknown> {
  /** The value is this one. */
  equals: [value: ValueOperand<V>];
  /** The value is known, and is not this one. */
  notEquals: [value: ValueOperand<V>];
  /** The value is one of these. */
  in: [values: readonly ValueOperand<V>[]];
  /** The value is known, and is none of these. */
  notIn: [values: readonly ValueOperand<V>[]];
  /**
   * The value is above this one. Numbers and bigints compare with each other, strings with strings, by their UTF-16
   * code units.
   */
  greaterThan: [value: OrderedOperand<V>];
  /** The value is this one or above it. */
  greaterOrEqual: [value: OrderedOperand<V>];
  /** The value is below this one. */
  lessThan: [value: OrderedOperand<V>];
  /** The value is this one or below it. */
  lessOrEqual: [value: OrderedOperand<V>];
  /** The value is from the first to the second, both included. */
  between:
    | [low: OrderedOperand<V> & (number | bigint), high: OrderedOperand<V> & (number | bigint)]
    | [low: OrderedOperand<V> & string, high: OrderedOperand<V> & string];
  /** The text contains this one. */
  contains: [text: TextOperand<V, string>];
  /** The text begins with this one. */
  startsWith: [text: TextOperand<V, string>];
  /** The text ends with this one. */
  endsWith: [text: TextOperand<V, string>];
  /** The text matches this pattern. Each text is matched from its start, whatever `lastIndex` says. */
  matches: [pattern: TextOperand<V, RegExp>];
  /** The value is null: an UPDATE set it to null, or it was never set. */
  isNull: [];
  /** There is a value. */
  isNotNull: [];
  /** The change affected this field: for a compound, any of its children; in a new record, the field is not null. */
  changed: [];
  /** `changed`, and this is the value now. */
  changedTo: [value: ValueOperand<V>];
  /**
   * This was the value before, and the value is another now. It needs the events that `toRecords` makes: a change event
   * does not have the old value.
   */
  changedFrom: [value: ValueOperand<V>];
}

/** The names of the operators. */
export type FieldOperator = keyof FieldOperands;

/** The operands of an operator: nothing for `isNull`, `isNotNull` and `changed`, two values for `between`. */
export type FieldOperand<O extends FieldOperator, V = unknown> = FieldOperands<V>[O];

/** The comparison of one field of an event; `undefined` where the event does not say. */
export type FieldTest = (event: FieldEvent, place: FieldPlace) => boolean | undefined;

/**
 * The test of an operator.
 *
 * @throws `ConfigurationError` when there is no such operator, or the operand does not fit it.
 */
export function fieldTest(operator: string, operand: readonly unknown[]): FieldTest {
  if (!Object.hasOwn(OPERATORS, operator)) {
    const names = Object.keys(OPERATORS).join(', ');
    throw new ConfigurationError(`There is no operator "${operator}" for fields. The operators are ${names}.`);
  }
  return OPERATORS[operator as FieldOperator](operator, operand);
}

/** The kinds of values that an operator looks for with its operand; none where any field fits. */
export function kindsSought(operator: FieldOperator, operand: readonly unknown[]): readonly FieldKind[] {
  if (operator === 'matches') return ['text'];
  const kinds = operand.flat().map(kindOf);
  return [...new Set(kinds.filter((kind) => kind !== undefined))];
}

/** The operands that an operator takes. */
interface Shape<Operand extends readonly unknown[]> {
  readonly takes: string;
  readonly fits: (given: readonly unknown[]) => given is Operand;
}

const NOTHING: Shape<[]> = { takes: 'nothing to compare with', fits: (given): given is [] => given.length === 0 };
const VALUE = one('one value: a string, a number, a bigint, a boolean or null', isFieldValue);
const LIST = one('a list of values', (given) => Array.isArray(given) && given.every(isFieldValue));
const ORDERED = one('one number, bigint or string', isOrdered);
const TEXT = one('one string', (given): given is string => typeof given === 'string');
const PATTERN = one('one RegExp', (given) => given instanceof RegExp);
const RANGE: Shape<[low: OrderedValue, high: OrderedValue]> = {
  takes: 'two numbers or two strings, the lower one first',
  fits: (given): given is [OrderedValue, OrderedValue] => {
    const [low, high] = given;
    return given.length === 2 && isOrdered(low) && isOrdered(high) && areComparable(low, high) && low <= high;
  },
};

const OPERATORS: Readonly<Record<FieldOperator, (name: string, operand: readonly unknown[]) => FieldTest>> = {
  equals: ofValue(VALUE, (expected) => (actual) => sameValue(actual, expected)),
  notEquals: ofValue(VALUE, (expected) => (actual) => !sameValue(actual, expected)),
  in: ofValue(LIST, (expected) => isOneOf(expected)),
  notIn: ofValue(LIST, (expected) => {
    const isListed = isOneOf(expected);
    return (actual) => !isListed(actual);
  }),
  greaterThan: ofValue(ORDERED, (bound) => ordered(bound, (actual) => actual > bound)),
  greaterOrEqual: ofValue(ORDERED, (bound) => ordered(bound, (actual) => actual >= bound)),
  lessThan: ofValue(ORDERED, (bound) => ordered(bound, (actual) => actual < bound)),
  lessOrEqual: ofValue(ORDERED, (bound) => ordered(bound, (actual) => actual <= bound)),
  between: ofValue(RANGE, (low, high) => ordered(low, (actual) => actual >= low && actual <= high)),
  contains: ofValue(TEXT, (part) => text((actual) => actual.includes(part))),
  startsWith: ofValue(TEXT, (start) => text((actual) => actual.startsWith(start))),
  endsWith: ofValue(TEXT, (end) => text((actual) => actual.endsWith(end))),
  matches: ofValue(PATTERN, (pattern) => {
    const copy = new RegExp(pattern);
    return text((actual) => {
      copy.lastIndex = 0;
      return copy.test(actual);
    });
  }),
  isNull: checked(NOTHING, () => isNullAfter),
  isNotNull: checked(NOTHING, () => (event, place) => opposite(isNullAfter(event, place))),
  changed: checked(NOTHING, () => hasChanged),
  changedTo: checked(VALUE, (expected) => (event, place) => {
    return both(hasChanged(event, place), isSame(valueAfter(event, place), expected));
  }),
  changedFrom: checked(VALUE, (expected) => (event, place) => {
    const before = isSame(valueBefore(event, place), expected);
    return both(before, opposite(isSame(valueAfter(event, place), expected)));
  }),
};

/** An operator that takes one operand. */
function one<T>(takes: string, fits: (given: unknown) => given is T): Shape<[T]> {
  return { takes, fits: (given): given is [T] => given.length === 1 && fits(given[0]) };
}

/** An operator that checks its operands. */
function checked<Operand extends readonly unknown[]>(shape: Shape<Operand>, make: (...operand: Operand) => FieldTest) {
  return (name: string, operand: readonly unknown[]): FieldTest => {
    if (shape.fits(operand)) return make(...operand);
    throw new ConfigurationError(`The operator "${name}" takes ${shape.takes}, but got ${described(operand)}.`);
  };
}

/** An operator that looks at the value alone. */
function ofValue<Operand extends readonly unknown[]>(
  shape: Shape<Operand>,
  make: (...operand: Operand) => (actual: unknown) => boolean,
) {
  return checked(shape, (...operand: Operand) => {
    const matches = make(...operand);
    return (event, place) => {
      const actual = valueAfter(event, place);
      return actual === undefined ? undefined : matches(actual);
    };
  });
}

function isSame(value: unknown, expected: FieldValue): boolean | undefined {
  return value === undefined ? undefined : sameValue(value, expected);
}

function isOneOf(expected: readonly FieldValue[]): (actual: unknown) => boolean {
  const values = [...expected];
  return (actual) => values.some((value) => sameValue(actual, value));
}

function ordered(bound: OrderedValue, compare: (actual: OrderedValue) => boolean): (actual: unknown) => boolean {
  return (actual) => areComparable(actual, bound) && compare(actual as OrderedValue);
}

function text(test: (actual: string) => boolean): (actual: unknown) => boolean {
  return (actual) => typeof actual === 'string' && test(actual);
}

function described(operand: readonly unknown[]): string {
  return operand.length === 0 ? 'nothing' : operand.map(describedValue).join(', ');
}

function describedValue(given: unknown): string {
  if (Array.isArray(given)) return 'a list';
  // A date-time comes as a number.
  if (given instanceof Date) return `a Date (give its getTime(), which is ${given.getTime()})`;
  return typeof given === 'object' && given !== null && !(given instanceof RegExp) ? 'an object' : String(given);
}
