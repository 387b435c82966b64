import { expect } from 'chai';
import { concat, connect, delay, map, merge, mergeMap, of, range, switchMap, take, timer } from 'rxjs';
import { ConfigurationError, DeliveryFailedError } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { handle } from './handle.js';
import { limit } from './limit.js';

describe('limit', () => {
  it('does what its diagram shows', () => runDiagram('limit.ts', limit(2)));

  const cases: [string, number, string, string, string][] = [
    ['never', 2, '----', '----', '^'],
    ['an empty source', 2, '--|', '--|', '^-!'],
    ['fewer than asked for', 2, '-a-|', '-a-|', '^--!'],
    ['as many as asked for', 2, '-a-b-|', '-a-(b|)', '^--!'],
    ['many at once', 2, '-(abc)-|', '-(ab|)', '^!'],
    ['an error before', 2, '-a-#', '-a-#', '^--!'],
    ['none asked for', 0, '-a-|', '|', ''],
  ];
  for (const [what, count, source, result, subscription] of cases) {
    it(`passes on the first, with ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold(source);
        expectObservable(input.pipe(limit(count))).toBe(result);
        expectSubscriptions(input.subscriptions).toBe(subscription === '' ? [] : subscription);
      });
    });
  }

  it('unsubscribes from its source, when unsubscribed', () => {
    runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c');
      expectObservable(source.pipe(limit(9)), '^--!').toBe('-a-');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  it('ends a source that emits without end inside subscribe()', () => {
    const values: number[] = [];
    range(0, Infinity)
      .pipe(limit(3))
      .subscribe((value) => values.push(value));
    expect(values).to.deep.equal([0, 1, 2]);
  });

  it('counts for each subscription of its own', () => {
    runMarbles(({ cold, expectObservable }) => {
      const limited = cold('a-b|').pipe(limit(1));
      expectObservable(concat(limited, limited)).toBe('(aa|)');
    });
  });

  it('completes once all it passed on are settled, and settles no more', () => {
    runMarbles(({ hot, scheduler, flush }) => {
      const source = delivered<string>(hot('-a-b-c-d'), scheduler);
      const ends: number[] = [];
      source.values
        .pipe(
          limit(2),
          handle((value) => of(value).pipe(delay(value === 'a' ? 9 : 1)), { concurrency: 2 }),
        )
        .subscribe({ complete: () => ends.push(scheduler.now()) });
      flush();
      expect(source.settled).to.deep.equal([
        { value: 'b', at: 4 },
        { value: 'a', at: 10 },
      ]);
      expect(ends).to.deep.equal([10]);
      expect(source.watermark()).to.equal('b');
      expect(source.unsettled()).to.deep.equal(['c']);
    });
  });

  it('leaves the last event settled, where take does not', () => {
    const watermarkWith = (operator: typeof limit) => {
      let watermark: unknown;
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b-c'), scheduler);
        source.values.pipe(operator(2)).subscribe();
        flush();
        watermark = source.watermark();
      });
      return watermark;
    };
    expect(watermarkWith(limit)).to.equal('b');
    expect(watermarkWith(take)).to.equal('a');
  });

  it('leaves the events of other branches alone, when it is full', () => {
    runMarbles(({ hot, scheduler, flush }) => {
      const source = delivered<string>(hot('-a-b-c'), scheduler);
      const errors: unknown[] = [];
      source.values
        .pipe(connect((shared) => merge(shared.pipe(limit(1)), shared.pipe(map((value) => value)))))
        .subscribe({ error: (error: unknown) => errors.push(error) });
      flush();
      expect(errors).to.deep.equal([]);
      expect(source.watermark()).to.equal('c');
    });
  });

  it('completes, when the values that fill it come of one event with others', () => {
    const surplus = [
      mergeMap((value: string) => [value, value, value]),
      handle((value: string) => [value, value, value]),
      handle((value: string) => concat(of(value), timer(10).pipe(map(() => value))), { concurrency: 3 }),
    ];
    for (const operator of surplus) {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b-c-d-e'), scheduler);
        const ends: unknown[] = [];
        source.values
          .pipe(operator, limit(2))
          .subscribe({ error: (error: unknown) => ends.push(error), complete: () => ends.push('complete') });
        flush();
        expect(ends).to.deep.equal(['complete']);
      });
    }
  });

  it('errors, when an event it passed on will never be settled', () => {
    runMarbles(({ hot, scheduler, flush }) => {
      const source = delivered<string>(hot('-a-b---'), scheduler);
      const errors: unknown[] = [];
      source.values
        .pipe(
          limit(3),
          switchMap((value) => of(value).pipe(handle((each) => of(each).pipe(delay(3))))),
          mergeMap((value) => [value]),
        )
        .subscribe({ error: (error: unknown) => errors.push(error) });
      flush();
      expect(errors[0]).to.be.instanceOf(DeliveryFailedError);
      expect(errors).to.have.length(1);
    });
  });

  for (const count of [-1, 1.5, NaN]) {
    it(`refuses ${count}`, () => expect(() => limit(count)).to.throw(ConfigurationError));
  }
});
