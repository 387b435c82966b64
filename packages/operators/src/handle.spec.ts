import { expect } from 'chai';
import fc from 'fast-check';
import {
  catchError,
  concat,
  connect,
  delay,
  EMPTY,
  filter,
  ignoreElements,
  interval,
  map,
  merge,
  NEVER,
  of,
  pipe,
  range,
  Subject,
  Subscription,
  take,
  takeUntil,
  throwError,
  timer,
  VirtualTimeScheduler,
  type Observable,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import { hold } from '@rxforce/core/delivery';
import { ConfigurationError, DeliveryFailedError, WorkTimeoutError } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles, type DeliveryLogEntry } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { handle } from './handle.js';

const after =
  (ms: number) =>
  <T>(value: T) =>
    of(value).pipe(delay(ms));

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

    it('are the record ids of all members of a batch', () => {
      const [x, y, z] = ['1', '2', '3'].map((id) => changeEvent({ recordIds: [id] }));
      const batches = { a: [x, y], b: [y], c: [z] };
      runMarbles(({ cold, expectObservable }) => {
        expectObservable(cold('(abc|)', batches).pipe(handle(after(6), { concurrency: 9 }))).toBe(
          '6ms (ac)--(b|)',
          batches,
        );
      });
    });

    it('are not asked for, when values are worked on one after the other anyway', () => {
      const asked: string[] = [];
      const keyBy = (value: string) => asked[asked.push(value) - 1]!;
      of('a', 'b')
        .pipe(handle((value) => of(value), { keyBy }))
        .subscribe();
      expect(asked).to.deep.equal([]);
      of('a', 'b')
        .pipe(handle((value) => of(value), { keyBy, concurrency: 2 }))
        .subscribe();
      expect(asked).to.deep.equal(['a', 'b']);
    });

    it('that throw fail the stream, when only a branch of it ends', () => {
      const keyBy = (value: string) => {
        if (value === 'b') throw new Error('no');
        return value;
      };
      const { settled, errors } = inOneBranch(
        '-ab-c',
        undefined,
        handle((value) => of(value), { keyBy, concurrency: 2 }),
      );
      expect(settled).to.deep.equal([{ value: 'a', at: 1 }]);
      expect(errors).to.have.length(1);
      expect(errors[0]).to.be.instanceOf(DeliveryFailedError);
    });
  });

  describe('timeoutMs', () => {
    it('ends work that has not completed, though it has emitted, and counts from its start', () => {
      const errors: unknown[] = [];
      runMarbles(({ hot, cold, scheduler, flush, expectSubscriptions }) => {
        const input = hot('-ab-----c');
        const source = delivered<string>(input, scheduler);
        const work = { a: cold('----|'), b: cold('x-y-z-x-y-z') };
        source.values
          .pipe(handle((value) => work[value as 'a'], { timeoutMs: 5 }))
          .subscribe({ error: (error: unknown) => errors.push(error) });
        flush();
        expect(source.settled).to.deep.equal([{ value: 'a', at: 5 }]);
        expect(source.unsettled()).to.deep.equal(['b', 'c']);
        expectSubscriptions(input.subscriptions).toBe('^---------!');
        expectSubscriptions(work.b.subscriptions).toBe('-----^----!');
      });
      expect(errors).to.have.length(1);
      expect(errors[0]).to.be.instanceOf(WorkTimeoutError);
    });

    it('says which work took too long, how long it may take, and what to do', () => {
      const event = changeEvent({ topic: '/data/LeadChangeEvent' });
      const messageOf = (value: unknown) => {
        let failure: unknown;
        runMarbles(({ flush }) => {
          of(value)
            .pipe(handle(() => NEVER, { timeoutMs: 7 }))
            .subscribe({ error: (error: unknown) => (failure = error) });
          flush();
        });
        return failure as WorkTimeoutError;
      };
      const ofEvent = messageOf(event);
      expect(ofEvent).to.include({ topic: event.topic, replayId: event.replayId.toString(), retriable: true });
      expect(ofEvent.message).to.include(
        `The work on the event of /data/LeadChangeEvent at replay id ${event.replayId.toString()} had not completed after 7 ms, ` +
          'the timeoutMs of handle(),',
      );
      expect(ofEvent.message).to.include('Raise timeoutMs');
      for (const other of ['value', undefined, { topic: 'x' }]) {
        expect(messageOf(other).message).to.match(/^The work had not completed after 7 ms/);
        expect(messageOf(other)).not.to.have.property('topic');
      }
    });

    it('lets work that completes in time be, and leaves no timer behind', () => {
      runMarbles(({ cold, scheduler, flush, expectObservable }) => {
        const source = cold('a-b|').pipe(handle(after(4), { timeoutMs: 5 }));
        expectObservable(source).toBe('----a---(b|)');
        flush();
        expect(scheduler.now()).to.equal(8);
      });
    });

    it('leaves no timer behind, when it is unsubscribed', () => {
      runMarbles(({ cold, scheduler, flush }) => {
        const subscription = cold('a')
          .pipe(handle(() => NEVER, { timeoutMs: 5 }))
          .subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 2);
        flush();
        expect(scheduler.now()).to.equal(2);
      });
    });

    it('goes by the scheduler that it is given', () => {
      const scheduler = new VirtualTimeScheduler();
      const errors: unknown[] = [];
      of(0)
        .pipe(handle(() => NEVER, { timeoutMs: 5, scheduler }))
        .subscribe({ error: (error: unknown) => errors.push(error) });
      scheduler.flush();
      expect(scheduler.now()).to.equal(5);
      expect(errors).to.have.length(1);
    });

    for (const timeoutMs of [0, -1, NaN, 0x7fffffff + 1]) {
      it(`refuses ${timeoutMs}`, () => {
        expect(() => handle(after(1), { timeoutMs })).to.throw(
          ConfigurationError,
          `handle() got timeoutMs ${timeoutMs}`,
        );
      });
    }
  });

  it('settles each event once its work is done, and none after an error, whatever comes, takes or fails when', () => {
    fc.assert(
      fc.property(fc.array(ITEM, { maxLength: 30 }), fc.integer({ min: 1, max: 6 }), (items, concurrency) => {
        runMarbles(({ scheduler, flush }) => checkRun(items, concurrency, scheduler, flush));
      }),
      { numRuns: 400 },
    );
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

    it('are not worked on, and fail the stream, when to hold one ends a branch of it, as an early settlement does', () => {
      const worked: unknown[] = [];
      const stop = new Subject<void>();
      const settledEarly = {
        ended: () => true,
        covers: () => false,
        // Of the subscription whose event is in scope.
        parts: () => hold().delivery()?.parts() ?? [],
        reportEarlySettlement: () => stop.next(),
      };
      const { settled, errors } = inOneBranch(
        '-a',
        { a: { [Symbol.for('@rxforce/core/delivery/2')]: settledEarly } },
        pipe(
          handle((value) => of(worked.push(value))),
          takeUntil(stop),
        ),
      );
      expect(worked).to.deep.equal([]);
      expect(settled).to.deep.equal([]);
      expect(errors).to.have.length(1);
      expect(errors[0]).to.be.instanceOf(DeliveryFailedError);
    });

    it('are not worked on, when what ended before them left the subscriber closed', () => {
      const started: string[] = [];
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-(gab)'), scheduler);
        const keys = { g: ['x', 'y'], a: 'x', b: 'y' };
        const project = (value: string) => {
          started.push(value);
          return value === 'g' ? timer(5).pipe(ignoreElements()) : of(value);
        };
        source.values
          .pipe(handle(project, { concurrency: 9, keyBy: (value) => keys[value as 'g'] }), take(1))
          .subscribe();
        flush();
        expect(source.unsettled()).to.deep.equal(['a', 'b']);
      });
      expect(started).to.deep.equal(['g', 'a']);
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

/** What becomes of a stream that an operator ends one branch of, while another goes on. */
function inOneBranch<T>(
  marbles: string,
  values: Record<string, T> | undefined,
  operator: OperatorFunction<T, unknown>,
) {
  const errors: unknown[] = [];
  let settled: readonly DeliveryLogEntry<T>[] = [];
  runMarbles(({ hot, scheduler, flush }) => {
    const source = delivered<T>(hot(marbles, values), scheduler);
    const branch = pipe(
      operator,
      catchError(() => EMPTY),
    );
    source.values
      .pipe(connect((shared) => merge(branch(shared), shared.pipe(ignoreElements()))))
      .subscribe({ error: (error: unknown) => errors.push(error) });
    flush();
    settled = source.settled;
  });
  return { settled, errors };
}

interface Item {
  readonly keys: readonly string[];
  readonly at: number;
  readonly ms: number;
  /** How its work ends; `hangs` until its time is up. */
  readonly end: 'completes' | 'errors' | 'hangs' | 'is unsubscribed';
}

const ENDS: fc.Arbitrary<Item['end']> = fc.oneof(
  { weight: 30, arbitrary: fc.constant('completes' as const) },
  { weight: 1, arbitrary: fc.constantFrom('errors' as const, 'hangs' as const, 'is unsubscribed' as const) },
);
const ITEM = fc.record<Item>({
  keys: fc.uniqueArray(fc.constantFrom('p', 'q', 'r'), { maxLength: 3 }),
  at: fc.integer({ min: 0, max: 30 }),
  ms: fc.integer({ min: 0, max: 9 }),
  end: ENDS,
});
const TIMEOUT_MS = 10;
const FAILURE = new Error('The work failed.');

function checkRun(items: readonly Item[], concurrency: number, scheduler: SchedulerLike, flush: () => void): void {
  const sorted = items.map((each, index) => ({ ...each, index })).sort((one, other) => one.at - other.at);
  type Numbered = (typeof sorted)[number];
  const source = delivered(merge(...sorted.map((each) => timer(each.at, scheduler).pipe(map(() => each)))), scheduler);
  const active: Numbered[] = [];
  const finished: Numbered[] = [];
  const project = (each: Numbered) => {
    expect(active.some(({ keys }) => keys.some((key) => each.keys.includes(key)))).to.equal(false);
    expect(active.push(each)).to.be.at.most(concurrency);
    return timer(each.end === 'hangs' ? 99 : each.ms, scheduler).pipe(
      map(() => {
        if (each.end === 'errors') throw FAILURE;
        if (each.end === 'is unsubscribed') subscription.unsubscribe();
        else finished.push(each);
        active.splice(active.indexOf(each), 1);
      }),
    );
  };
  let error: unknown;
  const subscription = new Subscription();
  subscription.add(
    source.values
      .pipe(handle(project, { concurrency, keyBy: ({ keys }) => keys, timeoutMs: TIMEOUT_MS }))
      .subscribe({ error: (each: unknown) => (error = each) }),
  );
  flush();
  if (error !== undefined && error !== FAILURE && !(error instanceof WorkTimeoutError)) throw error as Error;
  expect(source.settled.map(({ value }) => value)).to.deep.equal(finished);
  if (error === undefined && !subscription.closed) expect(finished).to.have.length(items.length);
  for (const key of concurrency === 1 ? [] : ['p', 'q', 'r']) {
    const ofKey = (list: readonly Numbered[]) =>
      list.filter(({ keys }) => keys.includes(key)).map(({ index }) => index);
    expect(ofKey(finished)).to.deep.equal(ofKey(sorted).slice(0, ofKey(finished).length));
  }
}
