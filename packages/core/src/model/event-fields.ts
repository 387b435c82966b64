import type { Logger } from './logger.js';

/**
 * What is done about a name or an operand that cannot be right, because of the event's schema: `'warn'` tells the logger once,
 * `'error'` errors the stream with a `ConfigurationError`, `'ignore'` does neither.
 */
export type MismatchPolicy = 'warn' | 'error' | 'ignore';

/** Every {@link MismatchPolicy}. */
export const MISMATCH_POLICIES: readonly MismatchPolicy[] = ['warn', 'error', 'ignore'];

/** What kind of value a field has. A date-time is a number, a pick list's value a text, an address a compound. */
export type FieldKind = 'text' | 'number' | 'boolean' | 'bytes' | 'list' | 'compound';

/** What a client knows of the fields of an event that it made: those of the event's schema, whether `data` has them or not. */
export interface EventFields {
  /** API name of the schema's events, such as `AccountChangeEvent`. */
  readonly eventName: string;
  /**
   * The kinds of values that a field has, besides null; `undefined` where the schema has no such field.
   *
   * @param path - A field's name, or `Compound.Child`.
   */
  kindsOf(path: string): readonly FieldKind[] | undefined;
  /** Whether the field's value is read: not where the subscription's `fields` leave it out of `data`. */
  isRead(path: string): boolean;
  /**
   * The path that was probably meant by one that the schema lacks: of `BillingCity`, `BillingAddress.City`. `undefined` where
   * none comes close.
   */
  closestTo(path: string): string | undefined;
  /** Where the client's warnings go. */
  readonly logger: Logger;
}

/** Events of a client carry what it knows of their fields under this symbol, so that an operator can tell a name that is wrong. */
export const FIELDS: unique symbol = Symbol.for('@rxforce/core/fields/1') as never;

/**
 * What the client that made an event knows of its fields: also of a copy of one. `undefined` for any other value, such as an
 * event that a test has made.
 */
export function fieldsOf(event: unknown): EventFields | undefined {
  const { [FIELDS]: fields } = Object(event) as { readonly [FIELDS]?: EventFields };
  return fields;
}
