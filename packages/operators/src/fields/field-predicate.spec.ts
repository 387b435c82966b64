import { expect } from 'chai';
import { ConfigurationError, type ChangeEvent } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { not, type ChangePredicate } from './change-predicate.js';
import { field } from './field-predicate.js';
import type { FieldOperator } from './field-operators.js';
import {
  type Account,
  type Change,
  made,
  NOTHING_TOLD,
  predicate,
  update,
  withBefore,
} from '../../test/support/field-changes.js';

/**
 * Every operator, with an operand of which the value is true, and null is not; what a null means to it; what a value.
 */
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
