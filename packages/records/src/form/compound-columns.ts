import type { DescribedField } from './object-description.js';

/**
 * The column with one part of a compound field: `BillingCity` has the `City` of `BillingAddress`, `Home__Latitude__s`
 * the `Latitude` of `Home__c`, and `FirstName` that of `Name`.
 *
 * @returns `undefined` where the object has none, or the user may not read it.
 */
export function columnOfPart(
  compound: string,
  part: string,
  fields: readonly DescribedField[],
): DescribedField | undefined {
  return fields.find(
    ({ name, compoundFieldName }) =>
      compoundFieldName === compound && name !== compound && partIn(name, compound) === part,
  );
}

/** The name of the part that a column's name ends with. */
function partIn(column: string, compound: string): string {
  const prefix = compound.replace(/Address$|__[a-z]+$/i, '');
  const rest = column.startsWith(prefix) ? column.slice(prefix.length) : column;
  return rest.replace(/^_+/, '').replace(/__[a-z]+$/i, '');
}
