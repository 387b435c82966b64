import type { ChangePredicate } from './change-predicate.js';
import type { FieldEvent } from './field-facts.js';
import { fieldCheck } from './field-check.js';
import { fieldTest, type FieldOperand, type FieldOperator } from './field-operators.js';
import { operandAndOptions, type FieldOptions } from './field-options.js';
import { placeOf, type FieldPath, type ValueAt } from './field-path.js';

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
 * A name that is wrong, and an operand that no value can match, show themselves: the compiler refuses them where the record's
 * type is known, and at run time they are a warning, or an error by `onMismatch`, with the name that was probably meant. An
 * event of a client tells by its schema, the first one of each object that gets here. `allOf` asks in order, so a function
 * before that looks at `header.entityName` keeps the events of other objects away. An event that a test has made may have some
 * of its fields only, and is not held against any schema.
 *
 * @param path - A field's name, or `Compound.Child` such as `BillingAddress.City`.
 * @param operator - How to compare. Date-times are numbers, in milliseconds since 1970.
 * @param operand - What to compare with; nothing for `isNull`, `isNotNull` and `changed`, two values for `between`. Options may
 * come behind it.
 * @throws `ConfigurationError` when the path is none, there is no such operator, or the operand does not fit it; and from the
 * predicate, when `changedFrom` is asked of an event that does not carry the record before the change, and by `onMismatch`.
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
