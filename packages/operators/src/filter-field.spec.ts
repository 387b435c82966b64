import { expect } from 'chai';
import { of, toArray, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { ConfigurationError, type ChangeEvent, type ChangeType } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { behavesLikeAFilter } from '../test/support/behaves-like-a-filter.js';
import { runDiagram } from '../test/support/marble-doc.js';
import { filterField, type FieldOperator } from './filter-field.js';

interface Account {
  Name: string | null;
  Amount: number | null;
  Active: boolean | null;
  BillingAddress: { City: string | null; Country: string | null } | null;
}

const create = (data: Partial<Account>) => changeEvent<Account>({ changeType: 'CREATE', data });
const update = (changedFields: string[], data: Partial<Account>) =>
  changeEvent<Account>({
    changeType: 'UPDATE',
    changedFields,
    data: { Name: null, Amount: null, BillingAddress: null, ...data },
  });

function passes(event: ChangeEvent<Account>, operator: MonoTypeOperatorFunction<ChangeEvent<Account>>): boolean {
  let passed = false;
  of(event)
    .pipe(operator, toArray())
    .subscribe((events) => (passed = events.length === 1));
  return passed;
}

describe('filterField', () => {
  it('does what its diagram shows', () => {
    const source = { a: create({ Amount: 5 }), b: create({ Amount: 50 }), c: create({ Amount: 500 }) };
    runDiagram('filter-field.ts', filterField('Amount', 'greaterThan', 10), { source, result: source });
  });

  const comparisons: [FieldOperator, unknown[], unknown[], unknown[]][] = [
    ['equals', ['x'], ['x'], ['y', null, 'X']],
    ['notEquals', ['x'], ['y', null], ['x']],
    ['in', [['x', null]], ['x', null], ['y']],
    ['notIn', [['x', null]], ['y'], ['x', null]],
    ['greaterThan', [10], [11], [10, 9, null, '11']],
    ['greaterOrEqual', [10], [10, 11], [9, null]],
    ['lessThan', [10], [9, -1], [10, 11, null, '9']],
    ['lessOrEqual', [10], [10, 9], [11, null]],
    ['greaterThan', ['b'], ['c'], ['a', 'b', 1, null]],
    ['contains', ['bc'], ['abcd', 'bc'], ['acb', null, 1]],
    ['startsWith', ['ab'], ['abc'], ['cab', null]],
    ['endsWith', ['bc'], ['abc'], ['bca', null]],
    ['isNull', [], [null], ['', 0, false]],
    ['isNotNull', [], ['', 0, false], [null]],
  ];
  for (const [operator, operand, matching, others] of comparisons) {
    it(`${operator} ${JSON.stringify(operand)} matches ${JSON.stringify(matching)} and not ${JSON.stringify(others)}`, () => {
      const filter = filterField<ChangeEvent<Account>, FieldOperator>('Name', operator, ...(operand as [never]));
      const event = (value: unknown) => create({ Name: value } as Partial<Account>);
      expect(matching.map((value) => passes(event(value), filter))).to.not.include(false);
      expect(others.map((value) => passes(event(value), filter))).to.not.include(true);
    });
  }

  describe('the null of a field that did not change', () => {
    const blind: [FieldOperator, unknown[]][] = [
      ['isNull', []],
      ['notEquals', ['x']],
      ['notIn', [['x']]],
      ['in', [[null]]],
      ['equals', [null]],
    ];
    for (const [operator, operand] of blind) {
      it(`is not taken for a value by ${operator}`, () => {
        const filter = filterField<ChangeEvent<Account>, FieldOperator>('Name', operator, ...(operand as [never]));
        expect(passes(update(['Amount'], { Amount: 1 }), filter)).to.equal(false);
        expect(passes(update(['Name'], {}), filter)).to.equal(true);
      });
    }

    for (const changeType of ['DELETE', 'GAP_UPDATE', 'GAP_OVERFLOW'] satisfies ChangeType[]) {
      it(`is not taken for a value in a ${changeType}`, () => {
        expect(passes(changeEvent<Account>({ changeType, data: { Name: null } }), filterField('Name', 'isNull'))).to.equal(
          false,
        );
      });
    }

    it('is not a concern of values that are there, as enrichment adds them', () => {
      expect(passes(update(['Amount'], { Name: 'x' }), filterField('Name', 'equals', 'x'))).to.equal(true);
    });
  });

  describe('a child of a compound', () => {
    const inRome: MonoTypeOperatorFunction<ChangeEvent<Account>> = filterField('BillingAddress.City', 'equals', 'Rome');
    const noCity: MonoTypeOperatorFunction<ChangeEvent<Account>> = filterField('BillingAddress.City', 'isNull');

    it('is found by its path', () => {
      expect(passes(create({ BillingAddress: { City: 'Rome', Country: null } }), inRome)).to.equal(true);
      expect(passes(create({ BillingAddress: { City: 'Paris', Country: null } }), inRome)).to.equal(false);
      expect(passes(create({ BillingAddress: null }), inRome)).to.equal(false);
    });

    it('is known to be null, when it was changed to it', () => {
      const event = update(['BillingAddress.City'], { BillingAddress: { City: null, Country: null } });
      expect(passes(event, noCity)).to.equal(true);
    });

    it('is known to be null, when the whole compound was nulled', () => {
      expect(passes(update(['BillingAddress'], {}), noCity)).to.equal(true);
    });

    it('is not known, when only another child changed', () => {
      const event = update(['BillingAddress.Country'], { BillingAddress: { City: null, Country: 'IT' } });
      expect(passes(event, noCity)).to.equal(false);
    });
  });

  behavesLikeAFilter<ChangeEvent<Account>>(filterField('Amount', 'equals', 2), {
    passes: create({ Amount: 2 }),
    dropped: create({ Amount: 1 }),
  });

  it('is typed by the record', () => {
    const events$ = of() as Observable<ChangeEvent<Account>>;
    // @ts-expect-error -- there is no such field
    events$.pipe(filterField('Nmae', 'equals', 'x'));
    // @ts-expect-error -- there is no such child
    events$.pipe(filterField('BillingAddress.Town', 'equals', 'x'));
    const untyped$ = of() as Observable<ChangeEvent>;
    expect(untyped$.pipe(filterField('Anything', 'isNotNull'))).to.have.property('pipe');
  });

  for (const [what, operator, operand] of [
    ['an operator that does not exist', 'like', ['x']],
    ['nothing to compare with', 'equals', []],
    ['a value where a list belongs', 'in', ['x']],
    ['a list where a value belongs', 'equals', [['x']]],
    ['a value where none belongs', 'isNull', [1]],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() =>
        filterField<ChangeEvent<Account>, 'equals'>('Name', operator as 'equals', ...(operand as unknown as [string])),
      ).to.throw(ConfigurationError);
    });
  }
});
