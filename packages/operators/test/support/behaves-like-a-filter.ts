import { expect } from 'chai';
import { map, range, take, type MonoTypeOperatorFunction } from 'rxjs';
import { delivered, runMarbles } from '@rxforce/core/testing';

/** What every operator does that passes some values on and drops the others. */
export function behavesLikeAFilter<T>(
  operator: MonoTypeOperatorFunction<T>,
  { passes, dropped }: { readonly passes: T; readonly dropped: T },
): void {
  const values = { p: passes, d: dropped };
  const cases: [string, string, string, string][] = [
    ['never', '-----', '-----', '^'],
    ['an empty source', '--|', '--|', '^-!'],
    ['one that passes', '-p-|', '-p-|', '^--!'],
    ['one that does not', '-d-|', '---|', '^--!'],
    ['many', '-p-d-p-', '-p---p-', '^'],
    ['many at once', '-(pdp)-|', '-(pp)--|', '^------!'],
    ['an error', '-p-#', '-p-#', '^--!'],
  ];
  for (const [what, source, result, subscription] of cases) {
    it(`passes on what was asked for, with ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold(source, values);
        expectObservable(input.pipe(operator)).toBe(result, values);
        expectSubscriptions(input.subscriptions).toBe(subscription);
      });
    });
  }

  it('unsubscribes from its source, when unsubscribed', () => {
    runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-p-p-p', values);
      expectObservable(source.pipe(operator), '^---!').toBe('-p-p-', values);
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });

  it('shares nothing between two subscriptions', () => {
    runMarbles(({ cold, expectObservable }) => {
      const filtered = cold('-p-d-p|', values).pipe(operator);
      expectObservable(filtered).toBe('-p---p|', values);
      expectObservable(filtered, '--^').toBe('---p---p|', values);
    });
  });

  it('ends a source that emits without end inside subscribe(), when a taker is full', () => {
    const seen: T[] = [];
    range(0, Infinity)
      .pipe(
        map(() => passes),
        operator,
        take(2),
      )
      .subscribe((value) => seen.push(value));
    expect(seen).to.deep.equal([passes, passes]);
  });

  it('settles what it drops and what it passes on', () => {
    runMarbles(({ hot, scheduler, flush }) => {
      const source = delivered<T>(hot('-p-d-p', values), scheduler);
      source.values.pipe(operator).subscribe();
      flush();
      expect(source.settled.map(({ at }) => at)).to.deep.equal([1, 3, 5]);
    });
  });
}
