import { expect } from 'chai';
import fc from 'fast-check';
import {
  concat,
  delay,
  filter,
  interval,
  map,
  merge,
  NEVER,
  of,
  range,
  Subject,
  take,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { ConfigurationError } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { handle } from './handle.js';

const after = (ms: number) => (value: string) => of(value).pipe(delay(ms));

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
        source.values
          .pipe(handle<string, string>(project))
          .subscribe({ error: (error: unknown) => errors.push(error) });
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

  it('shares nothing between two subscriptions', () => {
    runMarbles(({ cold, expectObservable }) => {
      const handled = cold('a|').pipe(handle(after(2)));
      expectObservable(merge(handled, handled)).toBe('--(aa|)');
    });
  });

  describe('concurrency', () => {
    it('starts no more than it says', () => {
      runMarbles(({ cold, expectObservable }) => {
        expectObservable(cold('(abcd|)').pipe(handle(after(6), { concurrency: 2 }))).toBe('6ms (ab) 2ms (cd|)');
      });
    });

    it('gives results as they are made', () => {
      runMarbles(({ cold, expectObservable }) => {
        const work = { a: 5, b: 2 };
        const project = (value: string) => of(value).pipe(delay(work[value as 'a']));
        expectObservable(cold('(ab|)').pipe(handle(project, { concurrency: Infinity }))).toBe('--b--(a|)');
      });
    });

    for (const concurrency of [0, -1, 1.5, NaN]) {
      it(`refuses ${concurrency}`, () => {
        expect(() => handle(after(1), { concurrency })).to.throw(ConfigurationError);
      });
    }
  });

  describe('keys', () => {
    it('keep the order of values that share one', () => {
      runMarbles(({ cold, expectObservable }) => {
        const values = { a: 'x1', b: 'x2', c: 'y1' };
        const project = (value: string) => of(value).pipe(delay(value === 'x1' ? 5 : 1));
        const result = cold('(abc|)', values).pipe(
          handle(project, { concurrency: 9, keyBy: (value) => value.charAt(0) }),
        );
        expectObservable(result).toBe('-c---a(b|)', values);
      });
    });

    it('are the record ids of a change event, all of them where it is merged', () => {
      const events = {
        a: changeEvent({ recordIds: ['1'] }),
        b: changeEvent({ recordIds: ['1', '2'] }),
        c: changeEvent({ recordIds: ['2'] }),
        d: changeEvent({ recordIds: ['3'] }),
      };
      runMarbles(({ cold, expectObservable }) => {
        const project = (event: (typeof events)['a']) => of(event).pipe(delay(6));
        expectObservable(cold('(abcd|)', events).pipe(handle(project, { concurrency: 9 }))).toBe(
          '6ms (ad) 2ms b-----(c|)',
          events,
        );
      });
    });

    it('never let two values with a common key be worked on at once, whatever finishes when', () => {
      const item = fc.record({
        keys: fc.uniqueArray(fc.constantFrom<string[]>('p', 'q', 'r'), { maxLength: 3 }),
        ms: fc.integer({ min: 0, max: 9 }),
        at: fc.integer({ min: 0, max: 30 }),
      });
      fc.assert(
        fc.property(fc.array(item, { maxLength: 30 }), fc.integer({ min: 1, max: 6 }), (items, concurrency) => {
          runMarbles(({ scheduler, flush }) => {
            const sorted = items.map((each, index) => ({ ...each, index })).sort((a, b) => a.at - b.at);
            const source = delivered(
              merge(...sorted.map((each) => timer(each.at, scheduler).pipe(map(() => each)))),
              scheduler,
            );
            const active: (typeof sorted)[number][] = [];
            const finished: (typeof sorted)[number][] = [];
            const project = (each: (typeof sorted)[number]) => {
              expect(active.some(({ keys }) => keys.some((key) => each.keys.includes(key)))).to.equal(false);
              active.push(each);
              expect(active.length).to.be.at.most(concurrency);
              return timer(each.ms, scheduler).pipe(
                map(() => {
                  active.splice(active.indexOf(each), 1);
                  finished.push(each);
                }),
              );
            };
            let failure: unknown;
            source.values
              .pipe(handle(project, { concurrency, keyBy: ({ keys }) => keys }))
              .subscribe({ error: (error: unknown) => (failure = error) });
            flush();
            if (failure !== undefined) throw failure as Error;
            expect(finished).to.have.length(items.length);
            expect(source.settled.map(({ value }) => value)).to.deep.equal(finished);
            for (const key of concurrency === 1 ? [] : ['p', 'q', 'r']) {
              const ofKey = (list: typeof sorted) =>
                list.filter(({ keys }) => keys.includes(key)).map(({ index }) => index);
              expect(ofKey(finished)).to.deep.equal(ofKey(sorted));
            }
          });
        }),
        { numRuns: 200 },
      );
    });
  });

  describe('deliveries', () => {
    it('are settled when their work has completed, not when it has emitted', () => {
      runMarbles(({ hot, cold, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-----'), scheduler);
        source.values.pipe(handle(() => cold('-x--|'))).subscribe();
        flush();
        expect(source.settled).to.deep.equal([{ value: 'a', at: 5 }]);
      });
    });

    it('are passed on with the results, so that the next operator holds them', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a'), scheduler);
        source.values.pipe(handle(after(2)), filter(Boolean), handle(after(3))).subscribe();
        flush();
        expect(source.settled).to.deep.equal([{ value: 'a', at: 6 }]);
      });
    });

    it('are not settled, when what was emitted last left the subscriber closed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b'), scheduler);
        source.values.pipe(handle(after(1)), take(1)).subscribe();
        flush();
        expect(source.settled).to.deep.equal([]);
      });
    });

    it('are not worked on, when to hold one ends the subscription, as an early settlement does', () => {
      const worked: unknown[] = [];
      const values = new Subject<object>();
      const subscription = values.pipe(handle((value) => of(worked.push(value)))).subscribe();
      const settledEarly = {
        ended: () => true,
        covers: () => false,
        reportEarlySettlement: () => subscription.unsubscribe(),
      };
      values.next({ [Symbol.for('@rxforce/core/delivery/1')]: settledEarly });
      expect(subscription.closed).to.equal(true);
      expect(worked).to.deep.equal([]);
    });

    it('are not settled, when the work is unsubscribed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b'), scheduler);
        const subscription = source.values.pipe(handle(() => NEVER, { concurrency: 2 })).subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 9);
        flush();
        expect(source.unsettled()).to.deep.equal(['a', 'b']);
      });
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
