import type { Logger } from './logger.js';

/**
 * The reaction to a name or an operand that does not fit the event's schema. `'warn'` warns the logger once, `'error'`
 * errors the stream with a `ConfigurationError`, `'ignore'` does neither.
 */
export type MismatchPolicy = 'warn' | 'error' | 'ignore';

/** Every {@link MismatchPolicy}. */
export const MISMATCH_POLICIES: readonly MismatchPolicy[] = ['warn', 'error', 'ignore'];

/** The kind of a field's value. A date-time is a number, a pick list's value is a text, an address is a compound. */
export type FieldKind = 'text' | 'number' | 'boolean' | 'bytes' | 'list' | 'compound';

/** A client's knowledge of the fields of its events: those of the event's schema, whether `data` has them or not. */
export interface EventFields {
  /** API name of the schema's events, such as `AccountChangeEvent`. */
  readonly eventName: string;
  /** The schema, as the service sent it. */
  readonly schemaJson: string;
  /**
   * The kinds of values that a field has, besides null; `undefined` where the schema has no such field.
   *
   * @param path - A field's name, or `Compound.Child`.
   */
  kindsOf(path: string): readonly FieldKind[] | undefined;
  /** Whether the field's value is read. It is not where the subscription's `fields` leave it out of `data`. */
  isRead(path: string): boolean;
  /**
   * The path that was probably meant by one that the schema lacks: `BillingAddress.City` for `BillingCity`. `undefined`
   * where none is close.
   */
  closestTo(path: string): string | undefined;
  /** Where the client's warnings go. */
  readonly logger: Logger;
}

/**
 * Events carry the client's knowledge of their fields under this symbol, so that an operator can recognize a wrong
 * name.
 */
export const FIELDS: unique symbol = Symbol.for('@rxforce/core/fields/1') as never;

/**
 * The client's knowledge of the fields of its event, or of a copy of one. `undefined` for any other value, such as a
 * test's own event.
 */
export function fieldsOf(event: unknown): EventFields | undefined {
  const { [FIELDS]: fields } = Object(event) as { readonly [FIELDS]?: EventFields };
  return fields;
}
