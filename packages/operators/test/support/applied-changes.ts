import type { ChangeEvent } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { applyChange } from '../../src/records/apply-change.js';

/** A compound field. */
export interface Address {
  City: string | null;
  Zip: string | null;
  Country: string | null;
}

/** A record. */
export interface Account {
  Name: string | null;
  Amount: number | null;
  Notes: string | null;
  BillingAddress: Address | null;
  ShippingAddress: Address | null;
}

/** A record without values. */
export const NO_FIELDS: Account = {
  Name: null,
  Amount: null,
  Notes: null,
  BillingAddress: null,
  ShippingAddress: null,
};

/** A compound without values. */
export const NO_ADDRESS: Address = { City: null, Zip: null, Country: null };

/** What matters of a header here. */
export type Header = Partial<Record<'changedFields' | 'nulledFields' | 'diffFields', string[]>>;

/** An UPDATE as the service sends it: null where nothing changed. */
export const update = (header: Header, data: Partial<Account> = {}) =>
  changeEvent<Account>({
    changeType: 'UPDATE',
    changedFields: [],
    nulledFields: [],
    ...header,
    data: { ...NO_FIELDS, ...data },
  });

/** The record that a change makes of one. */
export function after(record: Partial<Account> | undefined, event: ChangeEvent<Account>): Partial<Account> | undefined {
  const result = applyChange(record, event);
  if (result.err) throw result.val;
  return result.val;
}
