import type { FieldKind } from '@rxforce/core/model';

/** A value that a field can be compared with. */
export type FieldValue = string | number | bigint | boolean | null;

/** A value that can be ordered: numbers and bigints with each other, strings with strings. */
export type OrderedValue = string | number | bigint;

/**
 * The operands for a field whose values are `V`: texts for a text, numbers and bigints for a number, booleans for a
 * boolean, and null for each. Any operand where `V` is not known.
 */
export type ValueOperand<V> = unknown extends V ? FieldValue : SameKind<NonNullable<V>> | null;

/** The operands that order a field whose values are `V`. */
export type OrderedOperand<V> = unknown extends V ? OrderedValue : OrderedKind<NonNullable<V>>;

/** `Operand`, where the field's values `V` may be texts. */
export type TextOperand<V, Operand> = unknown extends V ? Operand : Extract<V, string> extends never ? never : Operand;

/** A value of a list is compared with the values of the list; numbers and bigints with each other. */
export type SameKind<V> = V extends string | boolean ? V : V extends number | bigint ? number | bigint : never;

/** A bound need not be one of a list's values. */
export type OrderedKind<V> = V extends string ? string : V extends number | bigint ? number | bigint : never;

/** The kind of a value; `undefined` for null, and for anything that is not a single value. */
export function kindOf(value: unknown): FieldKind | undefined {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return 'boolean';
  return isNumeric(value) ? 'number' : undefined;
}

/**
 * Whether two values are the same. A long is a number where that is exact, else a bigint, so the two compare as
 * numbers.
 */
export function sameValue(one: unknown, other: unknown): boolean {
  if (isNumeric(one) && isNumeric(other)) return one == other;
  return one === other || (isCompound(one) && isCompound(other) && sameCompound(one, other));
}

/** Whether two values can be ordered. */
export function areComparable(one: unknown, other: unknown): boolean {
  return isNumeric(one) ? isNumeric(other) : typeof one === 'string' && typeof other === 'string';
}

/** Whether a value can be ordered. */
export function isOrdered(value: unknown): value is OrderedValue {
  return typeof value === 'string' || (isNumeric(value) && !Number.isNaN(value));
}

/** Whether a field can be compared with this value. */
export function isFieldValue(value: unknown): value is FieldValue {
  return value === null || typeof value === 'boolean' || typeof value === 'string' || isNumeric(value);
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isCompound(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function sameCompound(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => sameValue(one[name], other[name]));
}
