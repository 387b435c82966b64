import { expect } from 'chai';
import { ConfigurationError } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import {
  type Account,
  type Change,
  made,
  NOTHING_TOLD,
  predicate,
  update,
  withBefore,
} from '../../test/support/field-changes.js';

describe('field', () => {
  describe('changed', () => {
    const address = { City: 'Rome', Zip: null };
    const cases: [string, string, Change, boolean | undefined][] = [
      ['a field that an UPDATE names', 'Name', update(['Name'], { Name: 'x' }), true],
      ['a field set to null', 'Name', update(['Name']), true],
      ['a text diff', 'Name', update(['Name'], { Name: '@@' }, ['Name']), true],
      ['a field that an UPDATE does not name', 'Name', update(['Amount'], { Amount: 1 }), false],
      ['one that enrichment adds', 'Name', update(['Amount'], { Name: 'x' }), false],
      ['one whose name begins the same', 'Name', update(['NameLong', 'Name__c', 'Names.First']), false],
      [
        'a child that an UPDATE names',
        'BillingAddress.City',
        update(['BillingAddress.City'], { BillingAddress: address }),
        true,
      ],
      ['a child beside one', 'BillingAddress.Zip', update(['BillingAddress.City'], { BillingAddress: address }), false],
      ['a child of a compound nulled as a whole', 'BillingAddress.City', update(['BillingAddress']), true],
      ['a compound of which a child changed', 'BillingAddress', update(['BillingAddress.City']), true],
      ['a compound nulled as a whole', 'BillingAddress', update(['BillingAddress']), true],
      ['another compound', 'BillingAddress', update(['BillingAddress2.City']), false],
      ['a field that a new record has', 'Name', made('CREATE', { Name: 'x' }), true],
      ['one that it does not have', 'Name', made('CREATE'), false],
      ['a field of a record that is back', 'Name', made('UNDELETE', { Name: 'x' }), true],
      ['a field of a snapshot', 'Name', made('SNAPSHOT', { Name: 'x' }), true],
      ['a child that a new record has', 'BillingAddress.City', made('CREATE', { BillingAddress: address }), true],
      ['a field that was not decoded', 'Name', changeEvent<Account>({ changeType: 'CREATE' }), undefined],
      ...NOTHING_TOLD.map((type): [string, string, Change, undefined] => [`a ${type}`, 'Name', made(type), undefined]),
      ['what enrichment adds to a DELETE', 'Name', made('DELETE', { Name: 'x' }), undefined],
      ['an UPDATE, whatever was before', 'Name', withBefore(update(['Name'], { Name: 'x' }), { Name: 'x' }), true],
      ['a snapshot of another value', 'Name', withBefore(made('SNAPSHOT', { Name: 'x' }), { Name: 'y' }), true],
      ['a snapshot of the same value', 'Name', withBefore(made('SNAPSHOT', { Name: 'x' }), { Name: 'x' }), false],
      ['a snapshot of null', 'Name', withBefore(made('SNAPSHOT'), { Name: 'x' }), true],
      [
        'a snapshot of the same compound',
        'BillingAddress',
        withBefore(made('SNAPSHOT', { BillingAddress: address }), { BillingAddress: { ...address } }),
        false,
      ],
      [
        'a snapshot of which it was not decoded',
        'Name',
        withBefore(changeEvent<Account>({ changeType: 'SNAPSHOT' }), { Name: 'x' }),
        undefined,
      ],
      ['a snapshot after a value not known', 'Name', withBefore(made('SNAPSHOT', { Name: 'x' }), {}), undefined],
      ['a snapshot after a record not known', 'Name', withBefore(made('SNAPSHOT', { Name: 'x' }), undefined), true],
      ['a DELETE of a record that is known', 'Name', withBefore(made('DELETE'), { Name: 'x' }), undefined],
    ];
    for (const [what, path, event, changed] of cases) {
      it(`is ${changed ?? 'not told'}, of ${what}`, () => expect(predicate(path, 'changed')(event)).to.equal(changed));
    }
  });

  describe('changedTo', () => {
    const cases: [string, Change, boolean | undefined][] = [
      ['a change to it', update(['Name'], { Name: 'x' }), true],
      ['a change to another value', update(['Name'], { Name: 'y' }), false],
      ['a change to null', update(['Name']), false],
      ['no change', update(['Amount']), false],
      ['the value without a change', update(['Amount'], { Name: 'x' }), false],
      ['a text diff', update(['Name'], { Name: 'x' }, ['Name']), undefined],
      ['a new record with it', made('CREATE', { Name: 'x' }), true],
      ['a new record without', made('CREATE'), false],
      ['a DELETE', made('DELETE'), undefined],
      ['a gap', made('GAP_UPDATE'), undefined],
    ];
    for (const [what, event, expected] of cases) {
      it(`is ${expected ?? 'not told'}, of ${what}`, () => {
        expect(predicate('Name', 'changedTo', ['x'])(event)).to.equal(expected);
      });
    }

    it('is true of null, when the field was set to it', () => {
      const toNull = predicate('Name', 'changedTo', [null]);
      expect([update(['Name']), update(['Amount']), made('CREATE')].map(toNull)).to.deep.equal([true, false, false]);
    });
  });

  describe('changedFrom', () => {
    const renamed = update(['Name'], { Name: 'x' });
    const cases: [string, unknown, Change, boolean | undefined][] = [
      ['the value before', 'w', withBefore(renamed, { Name: 'w' }), true],
      ['another', 'v', withBefore(renamed, { Name: 'w' }), false],
      ['the value before, which it still is', 'x', withBefore(renamed, { Name: 'x' }), false],
      ['null, which it was', null, withBefore(renamed, { Name: null }), true],
      ['a value that is null now', 'w', withBefore(update(['Name']), { Name: 'w' }), true],
      ['a text that came as a diff', 'w', withBefore(update(['Name'], { Name: 'x' }, ['Name']), { Name: 'w' }), true],
      ['a value that was not known', 'w', withBefore(renamed, { Amount: 1 }), undefined],
      ['a value of a record that was not known', 'w', withBefore(renamed, undefined), undefined],
      ['null, in a new record', null, made('CREATE', { Name: 'x' }), true],
      ['null, in a new record without a value', null, made('CREATE'), false],
      [
        'null, in a new record whose field was not decoded',
        null,
        changeEvent<Account>({ changeType: 'CREATE' }),
        undefined,
      ],
      ['a value, in a new record', 'w', made('CREATE', { Name: 'x' }), false],
      ['null, in a new record with nothing before', null, withBefore(made('CREATE', { Name: 'x' }), undefined), true],
      ['a value, in a record created again', 'w', withBefore(made('CREATE', { Name: 'x' }), { Name: 'w' }), true],
      ['a value, in a record that is back', null, withBefore(made('UNDELETE', { Name: 'x' }), undefined), undefined],
      ['a value, in a DELETE', 'w', withBefore(made('DELETE', { Name: 'x' }), { Name: 'w' }), undefined],
      ['a value, in a gap', 'w', withBefore(made('GAP_UPDATE'), { Name: 'w' }), undefined],
    ];
    for (const [what, operand, event, expected] of cases) {
      it(`is ${expected ?? 'not told'}, of ${what}`, () => {
        expect(predicate('Name', 'changedFrom', [operand])(event)).to.equal(expected);
      });
    }

    it('looks into compounds', () => {
      const moved = update(['BillingAddress.City'], { BillingAddress: { City: 'Rome', Zip: null } });
      const from = predicate('BillingAddress.City', 'changedFrom', ['Paris']);
      expect(from(withBefore(moved, { BillingAddress: { City: 'Paris', Zip: null } }))).to.equal(true);
      expect(from(withBefore(moved, { BillingAddress: null }))).to.equal(false);
    });

    it('throws and names toRecords(), when the event does not carry the record before', () => {
      for (const type of ['UPDATE', 'UNDELETE', 'SNAPSHOT', 'DELETE', 'GAP_UPDATE', 'GAP_OVERFLOW'] as const) {
        const test = () => predicate('Name', 'changedFrom', ['x'])(made(type, { Name: 'y' }));
        expect(test).to.throw(ConfigurationError, 'toRecords()');
      }
    });
  });
});
