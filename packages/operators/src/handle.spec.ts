import { expect } from 'chai';
import {
  concat,
  delay,
  interval,
  map,
  merge,
  of,
  range,
  Subject,
  take,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { handle } from './handle.js';
import { after } from '../test/support/work-after.js';

describe('handle', () => {
  it('does what its diagram shows', () => runDiagram('handle.ts', handle(after(3))));

  const cases: [string, string, string, string][] = [
    ['never', '----', '----', '^'],
    ['an empty source', '--|', '--|', '^-!'],
    ['one', '-a-----|', '---a---|', '^------!'],
    ['work left at the completion', '-ab|', '---a-(b|)', '^--!'],
    ['many at once', '-(abc)--|', '---a-b-c|', '^-------!'],
    ['an error', '-a----#', '---a--#', '^-----!'],
    ['an error while work is done', '-ab#', '---#', '^--!'],
  ];
  for (const [what, source, result, subscription] of cases) {
    it(`does one after the other, with ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold(source);

        expectObservable(input.pipe(handle(after(2)))).toBe(result);
        expectSubscriptions(input.subscriptions).toBe(subscription);
      });
    });
  }

  it('emits all results of work, and none where work completes without one', () => {
    runMarbles(({ cold, expectObservable }) => {
      const result = cold('-a-b-|').pipe(handle((value) => (value === 'a' ? ['x', 'y'] : [])));
      expectObservable(result).toBe('-(xy)|');
    });
  });

  it('takes promises', async () => {
    const results: number[] = [];
    await new Promise<void>((resolve) => {
      of(1, 2, 3)
        .pipe(handle((value) => Promise.resolve(value * 2)))
        .subscribe({ next: (value) => results.push(value), complete: resolve });
    });
    expect(results).to.deep.equal([2, 4, 6]);
  });

  it('takes work of several kinds, as mergeMap does', () => {
    const results: (string | undefined)[] = [];
    of(1, 2)
      .pipe(handle((value) => (value === 1 ? of('one') : of(undefined))))
      .subscribe((result) => results.push(result));
    expect(results).to.deep.equal(['one', undefined]);
  });

  it('tells the index of each value', () => {
    const indices: number[] = [];
    of('a', 'b', 'c')
      .pipe(handle((_value, index) => of(indices.push(index))))
      .subscribe();
    expect(indices).to.deep.equal([0, 1, 2]);
  });

  it('errors, when project throws, and when its work errors', () => {
    const failure = new Error('no');
    for (const project of [
      (): Observable<string> => {
        throw failure;
      },
      () => throwError(() => failure),
      () =>
        timer(0).pipe(
          map(() => {
            throw failure;
          }),
        ),
    ]) {
      const errors: unknown[] = [];
      runMarbles(({ cold, flush, scheduler, expectSubscriptions }) => {
        const input = cold('-a-b-|');
        const source = delivered(input, scheduler);
        source.values.pipe(handle(project)).subscribe({ error: (error: unknown) => errors.push(error) });
        flush();
        expect(source.settled).to.deep.equal([]);
        expectSubscriptions(input.subscriptions).toBe('^!');
      });
      expect(errors).to.deep.equal([failure]);
    }
  });

  it('unsubscribes from its source and its work, when unsubscribed', () => {
    runMarbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c');
      const work = cold('-----x|');
      expectObservable(source.pipe(handle(() => work)), '^--!').toBe('---');
      expectSubscriptions(source.subscriptions).toBe('^--!');
      expectSubscriptions(work.subscriptions).toBe('-^-!');
    });
  });

  it('ends a source that emits without end inside subscribe(), when a taker is full', () => {
    const values: number[] = [];
    range(0, Infinity)
      .pipe(
        handle((value) => of(value)),
        take(3),
      )
      .subscribe((value) => values.push(value));
    expect(values).to.deep.equal([0, 1, 2]);
  });

  it('ends work that emits without end inside subscribe(), when a taker is full', () => {
    const values: number[] = [];
    of(0)
      .pipe(
        handle(() => range(0, Infinity)),
        take(3),
      )
      .subscribe((value) => values.push(value));
    expect(values).to.deep.equal([0, 1, 2]);
  });

  it('does 100,000 values that complete at once without growing the stack', () => {
    let count = 0;
    const gate = new Subject<void>();
    concat(of(gate), range(0, 100_000).pipe(map(() => of(0))))
      .pipe(handle((work: Observable<unknown>) => work))
      .subscribe(() => count++);
    gate.next();
    gate.complete();
    expect(count).to.equal(100_001);
  });

  it('takes an Observable for one, when it says that it must not be awaited', () => {
    const work = Object.defineProperty(of('x'), 'then', {
      value: (_resolve: unknown, reject: (error: unknown) => void) => reject(new Error('awaited')),
    });
    const seen: unknown[] = [];
    of(1)
      .pipe(handle(() => work))
      .subscribe({ next: (value) => seen.push(value), error: (error: unknown) => seen.push(error) });
    expect(seen).to.deep.equal(['x']);
  });

  it('shares nothing between two subscriptions', () => {
    runMarbles(({ cold, expectObservable }) => {
      const handled = cold('a|').pipe(handle(after(2)));
      expectObservable(merge(handled, handled)).toBe('--(aa|)');
    });
  });

  it('works on sources that know nothing of deliveries', () => {
    runMarbles(({ expectObservable }) => {
      expectObservable(
        interval(2).pipe(
          take(2),
          handle((value) => of(value).pipe(delay(1))),
        ),
      ).toBe('---x-(y|)', { x: 0, y: 1 });
    });
  });
});
