import type { MonoTypeOperatorFunction } from 'rxjs';
import type { FieldEvent } from './fields/field-facts.js';
import type { FieldOperand, FieldOperator } from './fields/field-operators.js';
import type { FieldOptions } from './fields/field-options.js';
import type { FieldPath, ValueAt } from './fields/field-path.js';
import { field } from './fields/field-predicate.js';
import { filterChange } from './filter-change.js';

/**
 * Passes on the change events whose field compares as asked, and drops the others.
 *
 * An UPDATE carries null for every field that did not change. That null is not the field's value, so no comparison
 * matches it: such an event is dropped, also by `notEquals` and `isNull`. A null counts as a value where the event says
 * that the field was changed to it, and in a CREATE, an UNDELETE and a SNAPSHOT, which carry the whole record. The
 * documentation of `field` lists what else is known; `field` makes the same comparison for `filterChange`, `allOf`,
 * `anyOf` and `not`.
 *
 * A name that the event's schema lacks, or an operand of a kind that the field never has, is reported once as a
 * warning, or as an error by `onMismatch`.
 *
 * ```marble
 * source  -a-b-c-|              a = { Amount: 5 }, b = { Amount: 50 }, c = { Amount: 500 }
 *         filterField('Amount', 'greaterThan', 10)
 * result  ---b-c-|
 * settled -a-b-c--
 * ```
 *
 * - Complete, unsubscribe: passed on.
 * - Error: passed on. A `ConfigurationError` when `changedFrom` gets an event that does not carry the record before the
 *   change, as the events of `toRecords` do. Another one by `onMismatch`.
 * - Delivery: dropped events are settled.
 *
 * @param path - A field's name, or `Compound.Child` such as `BillingAddress.City`.
 * @param operator - How to compare. Ordering compares numbers with numbers and strings with strings; date-times are
 * numbers, in milliseconds since 1970.
 * @param operand - What to compare with; nothing for `isNull`, `isNotNull` and `changed`, two values for `between`.
 * Options may follow it: `{ onMismatch: 'error' }`.
 * @throws `ConfigurationError` when the path is malformed, there is no such operator, or the operand does not fit it.
 */
export function filterField<
  E extends FieldEvent,
  O extends FieldOperator,
  P extends FieldPath<Required<E['data']>> = FieldPath<Required<E['data']>>,
>(
  path: P,
  operator: O,
  ...operand: [...FieldOperand<O, ValueAt<Required<E['data']>, P>>, options?: FieldOptions | undefined]
): MonoTypeOperatorFunction<E> {
  return filterChange(field<E, O, P>(path, operator, ...operand));
}
