import { expect } from 'chai';
import { map, of, type Observable } from 'rxjs';
import type { ChangeEvent } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import { behavesLikeAFilter } from '../test/support/behaves-like-a-filter.js';
import { runDiagram } from '../test/support/marble-doc.js';
import { byChangeType } from './by-change-type.js';
import { allOf, anyOf, not, type ChangePredicate } from './fields/change-predicate.js';
import { field } from './fields/field-predicate.js';
import { filterChange } from './filter-change.js';

interface Deal {
  readonly Amount: number | null;
  readonly Stage: string | null;
  readonly Address: { readonly City: string | null } | null;
}

const deal = (data: Partial<Deal>) => changeEvent<Deal>({ data });

describe('filterChange', () => {
  it('does what its diagram shows', () => {
    const source = {
      a: deal({ Amount: 5, Stage: 'Won' }),
      b: deal({ Amount: 50, Stage: 'Lost' }),
      c: deal({ Amount: 50, Stage: 'Won' }),
    };
    const operator = filterChange<ChangeEvent<Deal>>(
      allOf(field('Amount', 'greaterThan', 10), not(field('Stage', 'equals', 'Lost'))),
    );
    runDiagram('filter-change.ts', operator, { source, result: source });
  });

  behavesLikeAFilter<number>(
    filterChange((value) => value > 1),
    { passes: 2, dropped: 1 },
  );

  it('drops what the predicate does not tell, also what the opposite does not', () => {
    const seen: unknown[] = [];
    const unknown: ChangePredicate<number> = () => undefined;
    for (const each of [unknown, not(unknown)]) {
      of(1)
        .pipe(filterChange(each))
        .subscribe((value) => seen.push(value));
    }
    expect(seen).to.deep.equal([]);
  });

  it('errors with what the predicate throws, and does not settle that event', () => {
    runMarbles(({ cold, scheduler, expectObservable, expectSubscriptions, expectSettled, flush }) => {
      const input = cold('-a-b-c|');
      const source = delivered(input, scheduler);
      const failing = filterChange((value: string) => {
        if (value === 'b') throw new Error('no');
        return true;
      });
      expectObservable(source.values.pipe(failing)).toBe('-a-#', undefined, new Error('no'));
      expectSubscriptions(input.subscriptions).toBe('^--!');
      expectSettled(source).toBe('-a');
      flush();
      expect(source.unsettled()).to.deep.equal(['b']);
    });
  });

  it('is typed by the record, however predicates are combined', () => {
    const events$: Observable<ChangeEvent<Deal>> = of(deal({ Amount: 5 }));
    const amounts$: Observable<number | null | undefined> = events$.pipe(
      byChangeType('CREATE'),
      filterChange(
        anyOf(
          field('Address.City', 'isNull'),
          allOf(not(field('Stage', 'changed')), ({ data }) => data.Amount === 5),
        ),
      ),
      filterChange(field('Amount', 'between', 1, 9)),
      map(({ data }) => data.Amount),
    );
    // @ts-expect-error -- there is no such field
    events$.pipe(filterChange(anyOf(field('Amuont', 'isNull'))));
    // @ts-expect-error -- there is no such child
    events$.pipe(filterChange(not(field('Address.Town', 'isNull'))));
    // @ts-expect-error -- there is no such field for a predicate's own function
    events$.pipe(filterChange(allOf(({ data }) => data.Amuont === 5)));
    expect(amounts$).to.have.property('pipe');
  });
});
