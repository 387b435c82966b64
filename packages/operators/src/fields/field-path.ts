import { ConfigurationError, ownField } from '@rxforce/core/model';

/** A field's name, or `Compound.Child`. It is checked against the record's type where that is known. */
export type FieldPath<T> = string extends keyof T
  ? string
  : { [K in keyof T & string]: K | ChildPath<K, NonNullable<T[K]>> }[keyof T & string];

/** The paths into a compound field: `Compound.Child`. */
export type ChildPath<K extends string, V> = V extends string | number | boolean | bigint | readonly unknown[]
  ? never
  : `${K}.${keyof V & string}`;

/** The type of the values at a path of a record; `unknown` where the record's type does not say. */
export type ValueAt<T, P extends string> = P extends keyof T
  ? T[P]
  : P extends `${infer K}.${infer Child}`
    ? K extends keyof T
      ? ChildAt<NonNullable<T[K]>, Child>
      : unknown
    : unknown;

/** The type of the values of a compound's child. A person's name is a compound or a text. */
export type ChildAt<V, Child extends string> = unknown extends V
  ? unknown
  : V extends object
    ? Child extends keyof V
      ? V[Child]
      : never
    : never;

/** A path, split into its parts. */
export interface FieldPlace {
  /** The whole path, as `changedFields` and `diffFields` name it. */
  readonly path: string;
  /** The field of the record; for a path into a compound field, the compound. */
  readonly field: string;
  /** The field of the compound, when the path leads into one. */
  readonly child: string | undefined;
}

/**
 * Splits a path into its parts.
 *
 * @throws `ConfigurationError` when the path is neither a name nor two names with a dot between them.
 */
export function placeOf(path: string): FieldPlace {
  const [field = '', child, ...more] = path.split('.');
  if (field === '' || child === '' || more.length > 0) {
    throw new ConfigurationError(
      `"${path}" is not the path of a field. Give a field's name, or Compound.Child such as BillingAddress.City.`,
    );
  }
  return { path, field, child };
}

/**
 * The record's value at that place: `undefined` where the record lacks the field, null also where the compound around
 * it is null.
 */
export function valueAt(record: object, { field, child }: FieldPlace): unknown {
  const value = ownField(record, field);
  if (child === undefined || value === null || value === undefined) return value;
  return typeof value === 'object' ? ownField(value, child) : undefined;
}
