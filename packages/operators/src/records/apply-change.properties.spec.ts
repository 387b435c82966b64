import { expect } from 'chai';
import fc from 'fast-check';
import type { ChangeEvent } from '@rxforce/core/model';
import {
  type Account,
  type Address,
  after,
  NO_ADDRESS,
  NO_FIELDS,
  update,
} from '../../test/support/applied-changes.js';

describe('applyChange', () => {
  it('changes nothing that it is given, and gives the record that a model has', () => {
    const scalar = fc.option(fc.nat(3).map(String));
    const address = fc.record<Address>({ City: scalar, Zip: scalar, Country: scalar });
    const record = fc.record<Account>({
      Name: scalar,
      Amount: fc.option(fc.nat(3)),
      Notes: scalar,
      BillingAddress: fc.option(address),
      ShippingAddress: fc.option(address),
    });
    fc.assert(
      fc.property(record, record, (before, now) => {
        const event = updateFrom(before, now);
        const copies = structuredClone({ before, data: event.data });
        freeze(before);
        freeze(event.data);
        expect(normal(after(before, event))).to.deep.equal(normal(now));
        expect({ before, data: event.data }).to.deep.equal(copies);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** A compound without values is null, as in the org. */
function normal(record: Partial<Account> | undefined): unknown {
  const isEmpty = (value: unknown) =>
    typeof value === 'object' && Object.values(value ?? {}).every((part) => part === null);
  return Object.fromEntries(Object.entries(record ?? {}).map(([name, value]) => [name, isEmpty(value) ? null : value]));
}

/** The UPDATE that the service would send. */
function updateFrom(before: Account, now: Account): ChangeEvent<Account> {
  const data: Record<string, unknown> = { ...NO_FIELDS };
  const changedFields: string[] = [];
  const nulledFields: string[] = [];
  const note = (path: string, value: unknown) => {
    changedFields.push(path);
    if (value === null) nulledFields.push(path);
  };
  for (const field of ['Name', 'Amount', 'Notes'] as const) {
    if (before[field] === now[field]) continue;
    data[field] = now[field];
    note(field, now[field]);
  }
  for (const field of ['BillingAddress', 'ShippingAddress'] as const) {
    const [old, next] = [before[field] ?? NO_ADDRESS, now[field] ?? NO_ADDRESS];
    const changed = (['City', 'Zip', 'Country'] as const).filter((part) => old[part] !== next[part]);
    if (changed.length === 0) continue;
    if (Object.values(next).every((part) => part === null)) {
      note(field, null);
      continue;
    }
    data[field] = { ...NO_ADDRESS, ...Object.fromEntries(changed.map((part) => [part, next[part]])) };
    changed.forEach((part) => note(`${field}.${part}`, next[part]));
  }
  return update({ changedFields, nulledFields }, data);
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
}
