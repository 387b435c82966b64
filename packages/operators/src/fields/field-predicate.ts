import type { ChangePredicate } from './change-predicate.js';
import type { FieldEvent } from './field-facts.js';
import { fieldTest, type FieldOperand, type FieldOperator } from './field-operators.js';
import { placeOf, type FieldPath } from './field-path.js';

/**
 * Says whether a field of a change event compares as asked: a predicate for `filterChange`, `allOf`, `anyOf` and `not`. It says
 * `undefined` where the event does not tell.
 *
 * An UPDATE carries null for every field that did not change. That null is not the field's value, so no comparison with it is
 * true, nor false: `notEquals`, `isNull` and `not(field(…, 'equals', …))` do not take it for one. What is known of a field:
 *
 * - A value that is not null, also one that a channel is enriched with.
 * - A null in a CREATE, an UNDELETE and a SNAPSHOT, which carry the whole record.
 * - A null in an UPDATE that names the field among those it changed, or the compound field around it.
 * - Nothing in a DELETE or a gap but what enrichment adds; nothing of a field that was not decoded.
 * - Of a long text that comes as a diff: that it changed, and that it is not null; not its value.
 * - In an event that carries the record before and after the change, as `toRecords` makes it: every value of the record.
 *
 * @param path - A field's name, or `Compound.Child` such as `BillingAddress.City`.
 * @param operator - How to compare. Date-times are numbers, in milliseconds since 1970.
 * @param operand - What to compare with; nothing for `isNull`, `isNotNull` and `changed`, two values for `between`.
 * @throws `ConfigurationError` when the path is none, there is no such operator, or the operand does not fit it; and from the
 * predicate, when `changedFrom` is asked of an event that does not carry the record before the change.
 */
export function field<E extends FieldEvent, O extends FieldOperator>(
  path: FieldPath<Required<E['data']>>,
  operator: O,
  ...operand: FieldOperand<O>
): ChangePredicate<E> {
  const place = placeOf(path);
  const test = fieldTest(operator, operand);
  return (event) => test(event, place);
}
