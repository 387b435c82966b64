import { expect } from 'chai';
import { CHANGE_TYPES, ChangeMismatchError, type ChangeEvent, type ChangeType } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { unifiedDiff } from '../../test/support/unified-diff.js';
import { applyChange } from './apply-change.js';
import {
  type Account,
  type Address,
  after,
  NO_ADDRESS,
  NO_FIELDS,
  update,
} from '../../test/support/applied-changes.js';

const BERLIN: Address = { City: 'Berlin', Zip: '10115', Country: 'DE' };
const PARIS: Address = { City: 'Paris', Zip: '75001', Country: 'FR' };
const RECORD: Account = { Name: 'Acme', Amount: 5, Notes: 'old', BillingAddress: BERLIN, ShippingAddress: PARIS };

function refused(record: Partial<Account> | undefined, event: ChangeEvent<Account>): ChangeMismatchError {
  const result = applyChange(record, event);
  expect(result.err && result.val).to.be.instanceOf(ChangeMismatchError);
  return result.val as ChangeMismatchError;
}

describe('applyChange', () => {
  for (const changeType of ['CREATE', 'UNDELETE', 'SNAPSHOT'] satisfies ChangeType[]) {
    it(`gives the values of a ${changeType}, whatever was before`, () => {
      const data = { Name: 'New', Amount: null };
      for (const before of [undefined, RECORD]) {
        const result = after(before, changeEvent<Account>({ changeType, data }));
        expect(result).to.deep.equal(data);
        expect(result).not.to.equal(data);
      }
    });
  }

  it('gives no record, after a DELETE', () => {
    expect(after(RECORD, changeEvent<Account>({ changeType: 'DELETE', data: NO_FIELDS }))).to.equal(undefined);
    expect(after(undefined, changeEvent<Account>({ changeType: 'DELETE' }))).to.equal(undefined);
  });

  for (const changeType of CHANGE_TYPES.filter((type) => type.startsWith('GAP_'))) {
    it(`refuses a ${changeType}, and names what resolves it`, () => {
      const event = changeEvent<Account>({ changeType, recordIds: ['001'] });
      const error = refused(RECORD, event);
      expect(error.message).to.include(changeType).and.include('001').and.include('resolveGaps()');
      expect(error).to.deep.include({ topic: event.topic, replayId: event.replayId.toString() });
    });
  }

  describe('an UPDATE', () => {
    it('takes the fields that it names, and leaves the others', () => {
      const event = update({ changedFields: ['Name', 'Amount'], nulledFields: ['Amount'] }, { Name: 'Ace' });
      expect(after(RECORD, event)).to.deep.equal({ ...RECORD, Name: 'Ace', Amount: null });
    });

    it('takes a null for a value, where only the nulled fields name the field', () => {
      expect(after(RECORD, update({ nulledFields: ['Amount'] }))).to.deep.equal({ ...RECORD, Amount: null });
    });

    it('takes values that are not null and are not named: those that the event was enriched with', () => {
      const event = update(
        { changedFields: ['Name'] },
        { Name: 'Ace', Amount: 7, ShippingAddress: { ...NO_ADDRESS, City: 'Lyon' } },
      );
      expect(after(RECORD, event)).to.deep.equal({
        ...RECORD,
        Name: 'Ace',
        Amount: 7,
        ShippingAddress: { ...PARIS, City: 'Lyon' },
      });
      expect(after({}, event)).to.deep.equal({ Name: 'Ace', Amount: 7, ShippingAddress: { City: 'Lyon' } });
    });

    it('takes the children that it names, and leaves the others', () => {
      const event = update(
        { changedFields: ['BillingAddress.City', 'BillingAddress.Zip'], nulledFields: ['BillingAddress.Zip'] },
        { BillingAddress: { ...NO_ADDRESS, City: 'Bonn' } },
      );
      const result = after(RECORD, event);
      expect(result).to.deep.equal({ ...RECORD, BillingAddress: { City: 'Bonn', Zip: null, Country: 'DE' } });
      expect(result?.ShippingAddress).to.equal(PARIS);
    });

    it('takes the children that it names, of a compound that had none, or is not known', () => {
      const event = update(
        { changedFields: ['BillingAddress.City'] },
        { BillingAddress: { ...NO_ADDRESS, City: 'Bonn' } },
      );
      expect(after({ BillingAddress: null }, event)).to.deep.equal({ BillingAddress: { ...NO_ADDRESS, City: 'Bonn' } });
      expect(after({}, event)).to.deep.equal({ BillingAddress: { City: 'Bonn' } });
    });

    it('sets a compound to null, where it names its parent alone', () => {
      for (const header of [
        { changedFields: ['BillingAddress'], nulledFields: ['BillingAddress'] },
        { nulledFields: ['BillingAddress'] },
      ]) {
        expect(after(RECORD, update(header))).to.deep.equal({ ...RECORD, BillingAddress: null });
      }
    });

    it('sets to null the children that changed, where the parent is named as nulled for them', () => {
      const event = update({
        changedFields: ['BillingAddress.City', 'BillingAddress.Zip'],
        nulledFields: ['BillingAddress'],
      });
      expect(after(RECORD, event)).to.deep.equal({ ...RECORD, BillingAddress: { ...NO_ADDRESS, Country: 'DE' } });
    });

    it('sets a compound to null, where it names the parent as changed beside children, and has neither', () => {
      const event = update({
        changedFields: ['BillingAddress', 'BillingAddress.City'],
        nulledFields: ['BillingAddress'],
      });
      expect(after(RECORD, event)).to.deep.equal({ ...RECORD, BillingAddress: null });
    });

    it('takes a compound as it is, where it names it and none of its children', () => {
      const event = update({ changedFields: ['BillingAddress'] }, { BillingAddress: { ...NO_ADDRESS, City: 'Bonn' } });
      expect(after(RECORD, event)).to.deep.equal({ ...RECORD, BillingAddress: { ...NO_ADDRESS, City: 'Bonn' } });
    });

    it('takes a name with parts in the place of one without, and the other way round', () => {
      type Person = Record<string, unknown>;
      const event = (data: Person, changedFields: string[]) =>
        changeEvent({ changeType: 'UPDATE', changedFields, nulledFields: [], data });
      const parts = applyChange({ Name: 'Acme' }, event({ Name: { LastName: 'Doe' } }, ['Name.LastName']));
      expect(parts.val).to.deep.equal({ Name: { LastName: 'Doe' } });
      expect(applyChange({ Name: { LastName: 'Doe' } }, event({ Name: 'Acme' }, ['Name'])).val).to.deep.equal({
        Name: 'Acme',
      });
    });

    it('gives what it tells, of a record that is not known', () => {
      const event = update({ changedFields: ['Name', 'Amount'], nulledFields: ['Amount'] }, { Name: 'Ace' });
      expect(after(undefined, event)).to.deep.equal({ Name: 'Ace', Amount: null });
    });

    it('forgets a field that changed and was not decoded, unless it is known to be null', () => {
      const event = changeEvent<Account>({
        changeType: 'UPDATE',
        changedFields: [
          'Name',
          'Amount',
          'Notes',
          'BillingAddress.City',
          'ShippingAddress.City',
          'ShippingAddress.Zip',
        ],
        nulledFields: ['Amount', 'ShippingAddress.City'],
        diffFields: ['Notes'],
        data: {},
      });
      expect(after(RECORD, event)).to.deep.equal({
        Amount: null,
        BillingAddress: { Zip: '10115', Country: 'DE' },
        ShippingAddress: { City: null, Country: 'FR' },
      });
    });

    it('takes bytes, lists and dates as they are', () => {
      const data = { Bytes: new Uint8Array([1]), List: [1, 2], Date: new Date(1) };
      const result = applyChange(
        { Bytes: new Uint8Array([2]), List: [3], Date: new Date(2) },
        changeEvent({ changeType: 'UPDATE', data }),
      );
      expect(result.val).to.deep.equal(data);
    });

    it('gives the same again, when it comes twice', () => {
      const text = 'one\ntwo\nthree';
      const diff = unifiedDiff('one\nthree', text, { context: 0, emptySideNames: 'line-behind' });
      const event = update({ changedFields: ['Name', 'Notes'], diffFields: ['Notes'] }, { Name: 'Ace', Notes: diff });
      const once = after({ ...RECORD, Notes: 'one\nthree' }, event);
      expect(once).to.deep.equal({ ...RECORD, Name: 'Ace', Notes: text });
      expect(after(once, event)).to.deep.equal(once);
    });
  });

  describe('a text that came as a diff', () => {
    const diff = (before: string, now: string) =>
      unifiedDiff(before, now, { context: 0, emptySideNames: 'line-behind' });
    const rewrite = (Notes: string, changedFields = ['Notes']) =>
      update({ changedFields, diffFields: ['Notes'] }, { Notes });

    it('is made of the text before', () => {
      expect(after(RECORD, rewrite(diff('old', 'new')))).to.deep.equal({ ...RECORD, Notes: 'new' });
      expect(after({ Notes: null }, rewrite(diff('', 'new')))).to.deep.equal({ Notes: 'new' });
    });

    it('is made, where the changed fields do not name it', () => {
      expect(after(RECORD, rewrite(diff('old', 'new'), []))).to.deep.equal({ ...RECORD, Notes: 'new' });
    });

    it('is refused, where the text before is another', () => {
      const event = rewrite(diff('older', 'new'));
      const error = refused(RECORD, event);
      expect(error.message).to.include('Notes').and.include('read the record again').and.not.include('older');
      expect(error).to.deep.include({ topic: event.topic, replayId: event.replayId.toString() });
    });

    it('is refused, where the text before is not known', () => {
      expect(refused({}, rewrite(diff('old', 'new'))).message).to.include('not known');
      expect(refused(undefined, rewrite(diff('old', 'new'))).message).to.include('not known');
    });
  });
});

describe('applyChange, with fields whose names all objects have', () => {
  const parsed = (json: string) => JSON.parse(json) as Record<string, unknown>;

  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const change = (value: unknown, header: Partial<ChangeEvent['header']> = {}) =>
      changeEvent({
        changeType: 'UPDATE',
        changedFields: [name],
        data: parsed(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`),
        ...header,
      });

    it(`keeps ${name} as a field of the record, named by the event or not`, () => {
      for (const header of [{}, { changedFields: [] }]) {
        const after = applyChange({ Name: 'a' }, change({ isAdmin: true }, header)).unwrap() as object;
        expect(Object.keys(after)).to.deep.equal(['Name', name]);
        expect(Object.getPrototypeOf(after)).to.equal(Object.prototype);
        expect(after).not.to.have.property('isAdmin');
      }
    });

    it(`keeps ${name} as a part of a compound`, () => {
      const data = { Address: parsed(`{${JSON.stringify(name)}:"x"}`) };
      const header = { changeType: 'UPDATE', changedFields: [`Address.${name}`] } as const;
      const after = applyChange({}, changeEvent({ ...header, data })).unwrap() as { Address: object };
      expect(Object.getOwnPropertyDescriptor(after.Address, name)?.value).to.equal('x');
      expect(Object.getPrototypeOf(after.Address)).to.equal(Object.prototype);
    });

    it(`takes ${name} for unknown, where the record does not have it`, () => {
      const diff = change('--- \n+++ x\n@@ -0,0 +1 @@\n+x\n', { diffFields: [name], changedFields: [name] });
      expect(applyChange({}, diff).val).to.be.instanceOf(ChangeMismatchError);
      const notDecoded = changeEvent({ changeType: 'UPDATE', changedFields: [name], nulledFields: [], data: {} });
      expect(Object.keys(applyChange({}, notDecoded).unwrap() as object)).to.deep.equal([]);
    });
  }
});

describe('applyChange, with a change type of the future', () => {
  it('gives an Err that names it', () => {
    const event = changeEvent({ changeType: 'MERGE' as never });
    const result = applyChange({}, event);
    expect(result.err && result.val.message).to.include('MERGE');
  });
});
