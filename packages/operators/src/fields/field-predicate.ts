import type { ChangePredicate } from './change-predicate.js';
import type { FieldEvent } from './field-facts.js';
import { fieldCheck } from './field-check.js';
import { fieldTest, type FieldOperand, type FieldOperator } from './field-operators.js';
import { operandAndOptions, type FieldOptions } from './field-options.js';
import { placeOf, type FieldPath, type ValueAt } from './field-path.js';

/**
 * Makes a predicate for `filterChange`, `allOf`, `anyOf` and `not`, which compares a field of a change event. It
 * returns `undefined` where the event does not say.
 *
 * An UPDATE carries null for every field that did not change. That null is not the field's value, so a comparison with
 * it is neither true nor false. This applies to `notEquals`, `isNull` and `not(field(…, 'equals', …))` as well. These
 * facts are known of a field:
 *
 * - A value that is not null, including one from the channel's enrichment.
 * - A null in a CREATE, an UNDELETE and a SNAPSHOT, which carry the whole record.
 * - A null in an UPDATE that names the field among those it changed, or the compound field around it.
 * - In a DELETE or a gap, only the fields that enrichment adds. Nothing of a field that was not decoded.
 * - For a long text that comes as a diff: that it changed and is not null, but not its value.
 * - In an event that carries the record before and after the change, as `toRecords` makes it: every value of the
 *   record.
 *
 * A wrong name, or an operand that no value can match, is reported. The compiler refuses it where the record's type is
 * known. At run time it is a warning, or an error by `onMismatch`, and names the field that was probably meant. For an
 * event of a client, the schema decides; the first event of each object is checked. `allOf` calls its predicates in
 * order, so a function that checks `header.entityName` can come first and keep the events of other objects away. An
 * event made by a test may have only some of its fields, and is not checked against any schema.
 *
 * @param path - A field's name, or `Compound.Child` such as `BillingAddress.City`.
 * @param operator - How to compare. Date-times are numbers, in milliseconds since 1970.
 * @param operand - What to compare with; nothing for `isNull`, `isNotNull` and `changed`, two values for `between`.
 * Options may follow it.
 * @throws `ConfigurationError` when the path is malformed, there is no such operator, or the operand does not fit it.
 * The predicate throws one when `changedFrom` gets an event that does not carry the record before the change, and by
 * `onMismatch`.
 */
export function field<
  E extends FieldEvent,
  O extends FieldOperator,
  P extends FieldPath<Required<E['data']>> = FieldPath<Required<E['data']>>,
>(
  path: P,
  operator: O,
  ...operand: [...FieldOperand<O, ValueAt<Required<E['data']>, P>>, options?: FieldOptions | undefined]
): ChangePredicate<E> {
  const place = placeOf(path);
  const [values, options] = operandAndOptions(operand);
  const test = fieldTest(operator, values);
  const check = fieldCheck(place, operator, values, options);
  return (event) => {
    check(event);
    return test(event, place);
  };
}
