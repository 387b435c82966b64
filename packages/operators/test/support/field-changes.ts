import type { ChangeEvent, ChangeType } from '@rxforce/core/model';
import { changeEvent, type ChangeEventFields } from '@rxforce/core/testing';
import type { ChangePredicate } from '../../src/fields/change-predicate.js';
import { field } from '../../src/fields/field-predicate.js';
import type { FieldOperator } from '../../src/fields/field-operators.js';

/** A record. */
export interface Account {
  readonly Name: string | null;
  readonly Amount: number | bigint | null;
  readonly Notes: string | null;
  readonly BillingAddress: { readonly City: string | null; readonly Zip: string | null } | null;
}

/** A change of one. */
export type Change = ChangeEvent<Account> & { readonly before?: Partial<Account> | undefined };

/** A record without values. */
export const NULLS = { Name: null, Amount: null, Notes: null, BillingAddress: null };

/** A change that has all of a record. */
export const made = (
  changeType: ChangeType,
  data: Partial<Account> = {},
  more: ChangeEventFields<Account> = {},
): Change => changeEvent<Account>({ changeType, data: { ...NULLS, ...data }, changedFields: [], ...more });

/** A change of some fields. */
export const update = (changedFields: string[], data: Partial<Account> = {}, diffFields: string[] = []) =>
  made('UPDATE', data, { changedFields, diffFields });

/** What `toRecords` makes of an event: `data` is the whole record after it. */
export const withBefore = (event: Change, before: Partial<Account> | undefined): Change => ({ ...event, before });

/** A predicate of a field. */
export function predicate(
  path: string,
  operator: FieldOperator,
  operand: readonly unknown[] = [],
): ChangePredicate<Change> {
  return field<Change, FieldOperator>(path as 'Name', operator, ...(operand as [never]));
}

/** The types of changes that tell nothing of fields. */
export const NOTHING_TOLD: ChangeType[] = [
  'DELETE',
  'GAP_CREATE',
  'GAP_UPDATE',
  'GAP_DELETE',
  'GAP_UNDELETE',
  'GAP_OVERFLOW',
];
