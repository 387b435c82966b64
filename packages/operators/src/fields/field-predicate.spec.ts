import { expect } from 'chai';
import { ConfigurationError, type ChangeEvent, type ChangeType } from '@rxforce/core/model';
import { changeEvent, type ChangeEventFields } from '@rxforce/core/testing';
import { not, type ChangePredicate } from './change-predicate.js';
import { field } from './field-predicate.js';
import type { FieldOperator } from './field-operators.js';

interface Account {
  readonly Name: string | null;
  readonly Amount: number | bigint | null;
  readonly Notes: string | null;
  readonly BillingAddress: { readonly City: string | null; readonly Zip: string | null } | null;
}

type Change = ChangeEvent<Account> & { readonly before?: Partial<Account> | undefined };

const NULLS = { Name: null, Amount: null, Notes: null, BillingAddress: null };
const made = (changeType: ChangeType, data: Partial<Account> = {}, more: ChangeEventFields<Account> = {}): Change =>
  changeEvent<Account>({ changeType, data: { ...NULLS, ...data }, changedFields: [], ...more });
const update = (changedFields: string[], data: Partial<Account> = {}, diffFields: string[] = []) =>
  made('UPDATE', data, { changedFields, diffFields });
/** What `toRecords` makes of an event: `data` is the whole record after it. */
const withBefore = (event: Change, before: Partial<Account> | undefined): Change => ({ ...event, before });

/** Every operator, with an operand of which the value is true, and null is not; what a null means to it; what a value. */
const ofValues: [FieldOperator, unknown[], boolean][] = [
  ['equals', ['x'], false],
  ['notEquals', ['y'], true],
  ['in', [['x']], false],
  ['notIn', [['y']], true],
  ['greaterThan', ['w'], false],
  ['greaterOrEqual', ['x'], false],
  ['lessThan', ['y'], false],
  ['lessOrEqual', ['x'], false],
  ['between', ['w', 'y'], false],
  ['contains', ['x'], false],
  ['startsWith', ['x'], false],
  ['endsWith', ['x'], false],
  ['matches', [/x/], false],
];
const all: [FieldOperator, unknown[]][] = [
  ...ofValues.map(([operator, operand]): [FieldOperator, unknown[]] => [operator, operand]),
  ['isNull', []],
  ['isNotNull', []],
  ['changed', []],
  ['changedTo', ['x']],
  ['changedFrom', ['x']],
];

function predicate(path: string, operator: FieldOperator, operand: readonly unknown[] = []): ChangePredicate<Change> {
  return field<Change, FieldOperator>(path as 'Name', operator, ...(operand as [never]));
}

const NOTHING_TOLD: ChangeType[] = ['DELETE', 'GAP_CREATE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_UNDELETE', 'GAP_OVERFLOW'];

describe('field', () => {
  for (const [operator, operand, ofNull] of ofValues) {
    describe(operator, () => {
      const test = predicate('Name', operator, operand);

      it('is told of a value that is not null, in whatever it comes', () => {
        const events = [
          made('CREATE', { Name: 'x' }),
          made('UNDELETE', { Name: 'x' }),
          made('SNAPSHOT', { Name: 'x' }),
          update(['Name'], { Name: 'x' }),
          // As enrichment adds it.
          update(['Amount'], { Name: 'x' }),
          made('DELETE', { Name: 'x' }),
        ];
        expect(events.map(test)).to.deep.equal(events.map(() => true));
      });

      it('is told of a null that is a value', () => {
        const events = [made('CREATE'), made('UNDELETE'), made('SNAPSHOT'), update(['Name'])];
        expect(events.map(test)).to.deep.equal(events.map(() => ofNull));
      });

      it('is not told of a null that is none, nor is its opposite', () => {
        const events = [update(['Amount']), update([]), ...NOTHING_TOLD.map((type) => made(type))];
        expect(events.map(test)).to.deep.equal(events.map(() => undefined));
        expect(events.map(not(test))).to.deep.equal(events.map(() => undefined));
      });

      it('is not told of a field that was not decoded', () => {
        const events = (['CREATE', 'UPDATE', 'DELETE'] as const).map((changeType) =>
          changeEvent<Account>({ changeType, data: { Amount: 1 }, changedFields: ['Name'] }),
        );
        expect(events.map(test)).to.deep.equal([undefined, undefined, undefined]);
      });

      it('is not told of a text that comes as a diff, only of the text it makes', () => {
        const event = update(['Name'], { Name: 'x' }, ['Name']);
        expect(test(event)).to.equal(undefined);
        expect(test(withBefore(event, { Name: 'w' }))).to.equal(true);
        expect(test(update(['Name', 'Notes'], { Name: 'x', Notes: '@@' }, ['Notes']))).to.equal(true);
      });

      it('is told of every value of a record that comes with the one before it', () => {
        expect(test(withBefore(update(['Amount']), { Name: null }))).to.equal(ofNull);
        expect(test(withBefore(update(['Amount']), undefined))).to.equal(undefined);
        expect(test(withBefore(changeEvent({ changeType: 'UPDATE' }), {}))).to.equal(undefined);
      });
    });
  }

  describe('isNull and isNotNull', () => {
    const cases: [string, Change, boolean | undefined][] = [
      ['a value', made('CREATE', { Name: 'x' }), false],
      ['an empty text', made('CREATE', { Name: '' }), false],
      ['a null of a new record', made('CREATE'), true],
      ['a null of a snapshot', made('SNAPSHOT'), true],
      ['a value that was changed', update(['Name'], { Name: 'x' }), false],
      ['a field set to null', update(['Name']), true],
      ['a field that did not change', update(['Amount']), undefined],
      ['a text diff', update(['Name'], { Name: '@@ -1,1 +1,1 @@' }, ['Name']), false],
      ['a field that was not decoded', changeEvent<Account>({ changeType: 'CREATE' }), undefined],
      ['a DELETE', made('DELETE'), undefined],
      ['a gap', made('GAP_UPDATE'), undefined],
      ['a null of a record that came with the one before it', withBefore(update(['Amount']), { Name: 'x' }), true],
    ];
    for (const [what, event, isNull] of cases) {
      it(`${isNull === undefined ? 'are not told' : `tell that it is ${isNull ? '' : 'not '}null`}, of ${what}`, () => {
        expect(predicate('Name', 'isNull')(event)).to.equal(isNull);
        expect(predicate('Name', 'isNotNull')(event)).to.equal(isNull === undefined ? undefined : !isNull);
      });
    }
  });

  describe('a child of a compound', () => {
    const city = predicate('BillingAddress.City', 'equals', ['Rome']);
    const noCity = predicate('BillingAddress.City', 'isNull');
    const rome = { BillingAddress: { City: 'Rome', Zip: null } };
    const nowhere = { BillingAddress: { City: null, Zip: '1' } };

    it('is found by its path', () => {
      expect(city(made('CREATE', rome))).to.equal(true);
      expect(city(made('CREATE', nowhere))).to.equal(false);
      expect(city(update(['BillingAddress.City'], rome))).to.equal(true);
    });

    it('is known to be null, when it was changed to it, or the whole compound was, or the record is new', () => {
      const events = [
        update(['BillingAddress.City'], nowhere),
        update(['BillingAddress']),
        made('CREATE'),
        made('CREATE', nowhere),
      ];
      expect(events.map(noCity)).to.deep.equal([true, true, true, true]);
      expect(events.map(city)).to.deep.equal([false, false, false, false]);
    });

    it('is not known, when only another child changed, or another field', () => {
      const events = [update(['BillingAddress.Zip'], nowhere), update(['Name'])];
      expect(events.map(noCity)).to.deep.equal([undefined, undefined]);
    });

    it('is not in a text, as the names of persons are in some records', () => {
      expect(predicate('Name.FirstName', 'isNull')(made('CREATE', { Name: 'x' }))).to.equal(undefined);
    });
  });

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

  it('says nothing of any event that tells nothing, whatever the operator, nor does its opposite', () => {
    for (const [operator, operand] of all) {
      const test = predicate('Name', operator, operand);
      const events = NOTHING_TOLD.map((type) => withBefore(made(type), { Name: 'x' }));
      expect(events.map(test), operator).to.deep.equal(events.map(() => undefined));
      expect(events.map(not(test)), operator).to.deep.equal(events.map(() => undefined));
    }
  });

  it('refuses what is no path', () => {
    expect(() => predicate('A.B.C', 'isNull')).to.throw(ConfigurationError, 'A.B.C');
  });

  it('is typed by the record, and the operand by the operator', () => {
    const city: ChangePredicate<ChangeEvent<Account>> = field('BillingAddress.City', 'in', ['Rome']);
    const large: ChangePredicate<ChangeEvent<Account>> = field('Amount', 'between', 1, 2n);
    // @ts-expect-error -- there is no such field
    const noField: ChangePredicate<ChangeEvent<Account>> = field('Nmae', 'isNull');
    // @ts-expect-error -- there is no such child
    const noChild: ChangePredicate<ChangeEvent<Account>> = field('BillingAddress.Town', 'isNull');
    const wrong = [
      // @ts-expect-error -- there is no such operator
      () => field<Change, 'equals'>('Name', 'like', 'x'),
      // @ts-expect-error -- a list is missing
      () => field<Change, 'in'>('Name', 'in', 'x'),
      // @ts-expect-error -- the operand is missing
      () => field<Change, 'changedTo'>('Name', 'changedTo'),
      // @ts-expect-error -- there is none
      () => field<Change, 'isNull'>('Name', 'isNull', 1),
      // @ts-expect-error -- the second one is missing
      () => field<Change, 'between'>('Name', 'between', 1),
      // @ts-expect-error -- they cannot be put in order
      () => field<Change, 'between'>('Name', 'between', 1, 'x'),
      // @ts-expect-error -- a pattern is a RegExp
      () => field<Change, 'matches'>('Name', 'matches', 'x'),
      // @ts-expect-error -- null cannot be put in order
      () => field<Change, 'lessThan'>('Name', 'lessThan', null),
    ];
    for (const each of wrong) expect(each).to.throw(ConfigurationError);
    expect([city, large, noField, noChild].map((each) => each(made('CREATE', { Amount: 2 })))).to.deep.equal([
      false,
      true,
      undefined,
      true,
    ]);
  });
});
