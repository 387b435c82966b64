import { expect } from 'chai';
import { map, of, toArray, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { ConfigurationError, type ChangeEvent, type ChangeType } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import { behavesLikeAFilter } from '../test/support/behaves-like-a-filter.js';
import { runDiagram } from '../test/support/marble-doc.js';
import { ofClient } from '../test/support/of-client.js';
import type { FieldOperator } from './fields/field-operators.js';
import { filterField } from './filter-field.js';
import { toRecords } from './to-records.js';

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
    nulledFields: changedFields.filter((name) => !(data as Record<string, unknown>)[name]),
    data: { Name: null, Amount: null, BillingAddress: null, ...data },
  });

function passes<E extends ChangeEvent<Account>>(event: E, operator: MonoTypeOperatorFunction<E>): boolean {
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

  behavesLikeAFilter<ChangeEvent<Account>>(filterField('Amount', 'equals', 2), {
    passes: create({ Amount: 2 }),
    dropped: create({ Amount: 1 }),
  });

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
        const event = changeEvent<Account>({ changeType, data: { Name: null } });
        expect(passes(event, filterField('Name', 'isNull'))).to.equal(false);
      });
    }

    it('is not a concern of values that are there, as enrichment adds them', () => {
      expect(passes(update(['Amount'], { Name: 'x' }), filterField('Name', 'equals', 'x'))).to.equal(true);
    });
  });

  describe('a child of a compound', () => {
    const inRome: MonoTypeOperatorFunction<ChangeEvent<Account>> = filterField('BillingAddress.City', 'equals', 'Rome');

    it('is found by its path', () => {
      expect(passes(create({ BillingAddress: { City: 'Rome', Country: null } }), inRome)).to.equal(true);
      expect(passes(create({ BillingAddress: { City: 'Paris', Country: null } }), inRome)).to.equal(false);
      expect(passes(create({ BillingAddress: null }), inRome)).to.equal(false);
    });
  });

  describe('changedFrom', () => {
    type AccountChange = ChangeEvent<Account> & { readonly before: Partial<Account> | undefined };
    const renamed = update(['Name'], { Name: 'x' });

    it('passes on what was another before, where the events carry the record before', () => {
      const fromOld: MonoTypeOperatorFunction<AccountChange> = filterField('Name', 'changedFrom', 'old');
      const befores: AccountChange['before'][] = [{ Name: 'old' }, { Name: 'x' }, { Name: null }, undefined];
      const passed = befores.map((before) => passes({ ...renamed, before }, fromOld));
      expect(passed).to.deep.equal([true, false, false, false]);
    });

    it('knows the records that toRecords() makes: a value that has not changed, too', () => {
      const amounts: unknown[] = [];
      of(create({ Name: 'old', Amount: 5 }), update(['Amount'], { Amount: 6 }), renamed)
        .pipe(toRecords(), filterField('Name', 'changedFrom', 'old'), filterField('Amount', 'equals', 6))
        .subscribe(({ data, before }) => amounts.push([before?.Name, data.Name, data.Amount]));
      expect(amounts).to.deep.equal([['old', 'x', 6]]);
    });

    it('errors and names toRecords(), when they do not, and does not settle that event', () => {
      runMarbles(({ cold, scheduler, flush, expectSubscriptions }) => {
        const errors: unknown[] = [];
        const events = { a: create({ Name: 'a' }), b: renamed };
        const input = cold('-a-b-a|', events);
        const source = delivered<ChangeEvent<Account>>(input, scheduler);
        source.values
          .pipe(filterField('Name', 'changedFrom', 'old'))
          .subscribe({ error: (error: unknown) => errors.push(error) });
        expectSubscriptions(input.subscriptions).toBe('^--!');
        flush();
        expect(errors).to.have.length(1);
        expect(() => {
          throw errors[0];
        }).to.throw(ConfigurationError, 'toRecords()');
        expect(source.settled.map(({ value }) => value)).to.deep.equal([events.a]);
        expect(source.unsettled()).to.deep.equal([events.b]);
      });
    });
  });

  it('is typed by the record', () => {
    const events$: Observable<ChangeEvent<Account>> = of(create({ Amount: 5 }));
    const amounts$: Observable<number | null | undefined> = events$.pipe(
      filterField('BillingAddress.City', 'changed'),
      filterField('Amount', 'between', 1, 9),
      map(({ data }) => data.Amount),
    );
    // @ts-expect-error -- there is no such field
    events$.pipe(filterField('Nmae', 'equals', 'x'));
    // @ts-expect-error -- there is no such child
    events$.pipe(filterField('BillingAddress.Town', 'equals', 'x'));
    // @ts-expect-error -- a list is missing
    expect(() => events$.pipe(filterField('Name', 'in', 'x'))).to.throw(ConfigurationError);
    // @ts-expect-error -- a number is compared with a text
    events$.pipe(filterField('Amount', 'greaterThan', '1000000'));
    const untyped$ = of() as Observable<ChangeEvent>;
    for (const each of [amounts$, untyped$.pipe(filterField('Anything', 'isNotNull'))]) {
      expect(each).to.have.property('pipe');
    }
  });

  it('warns of a field that a client knows its events have not, once, and goes on', () => {
    const warnings: string[] = [];
    const event = ofClient(create({ Amount: 1 }), { warn: (message) => void warnings.push(message) });
    const seen: unknown[] = [];
    of(event, event)
      .pipe(filterField('Amuont' as 'Amount', 'isNotNull'))
      .subscribe((each) => seen.push(each));
    expect(seen).to.deep.equal([]);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include("'isNotNull' of Amuont: Account has no such field").and.include('Amount?');
  });

  it('errors instead, where that is asked for, and does not settle that event', () => {
    runMarbles(({ cold, scheduler, flush, expectSubscriptions }) => {
      const errors: unknown[] = [];
      const input = cold('-a-a|', { a: ofClient(create({ Amount: 1 })) });
      const source = delivered<ChangeEvent<Account>>(input, scheduler);
      source.values
        .pipe(filterField('Amuont' as 'Amount', 'greaterThan', 1, { onMismatch: 'error' }))
        .subscribe({ error: (error: unknown) => errors.push(error) });
      expectSubscriptions(input.subscriptions).toBe('^!');
      flush();
      expect(errors).to.have.length(1);
      expect(errors[0]).to.be.instanceOf(ConfigurationError);
      expect(source.unsettled()).to.have.length(1);
    });
  });

  for (const [what, operator, operand] of [
    ['an operator that does not exist', 'like', ['x']],
    ['nothing to compare with', 'equals', []],
    ['a value where a list belongs', 'in', ['x']],
    ['a list where a value belongs', 'equals', [['x']]],
    ['a value where none belongs', 'isNull', [1]],
    ['bounds in the wrong order', 'between', [2, 1]],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() =>
        filterField<ChangeEvent<Account>, 'equals'>('Name', operator as 'equals', ...(operand as unknown as [string])),
      ).to.throw(ConfigurationError);
    });
  }
});
