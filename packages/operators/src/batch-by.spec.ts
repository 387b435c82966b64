import { expect } from 'chai';
import fc from 'fast-check';
import {
  concatMap,
  delay,
  from,
  map,
  merge,
  NEVER,
  of,
  range,
  startWith,
  Subject,
  switchMap,
  take,
  tap,
  timer,
  VirtualTimeScheduler,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { ConfigurationError, DeliveryFailedError, ReplayId } from '@rxforce/core/model';
import { changeEvent, delivered, platformEvent, runMarbles } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { batchBy, type BatchByOptions } from './batch-by.js';
import { handle } from './handle.js';

/** What a batch of one-letter values looks like in marbles: its letters joined. */
const joined = map((batch: string[]) => batch.join(''));

describe('batchBy', () => {
  it('goes by time alone, with a size of Infinity', () => {
    runMarbles(({ cold, expectObservable }) => {
      const batches = cold('-abc--d|').pipe(batchBy(Infinity, 4));
      expectObservable(batches).toBe('-----x-(y|)', { x: ['a', 'b', 'c'], y: ['d'] });
    });
  });

  it('does what its diagram shows', () =>
    runDiagram('batch-by.ts', batchBy<string>(3, 5), { result: { x: ['a', 'b', 'c'], y: ['d'] } }));

  const batches = { x: 'ab', y: 'c', z: 'cd', u: 'a' };
  const cases: [string, string, string, string][] = [
    ['never', '-----', '-----', '^'],
    ['an empty source', '--|', '--|', '^-!'],
    ['one', '-a-------|', '------u--|', '^--------!'],
    ['as many as a batch has', '-a-b---|', '---x---|', '^------!'],
    ['many', '-a-b-c-----|', '---x------y|', '^----------!'],
    ['many at once', '-(abcd)--|', '-(xz)----|', '^--------!'],
    ['some left over', '-(abc)---|', '-x----y--|', '^--------!'],
    ['some left at the completion', '-a-b-c-|', '---x---(y|)', '^------!'],
    ['an error', '-a-b-c-#', '---x---#', '^------!'],
  ];
  for (const [what, source, result, subscription] of cases) {
    it(`emits full batches, and others when they have waited, with ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold(source);
        expectObservable(input.pipe(batchBy(2, 5), joined)).toBe(result, batches);
        expectSubscriptions(input.subscriptions).toBe(subscription);
      });
    });
  }

  it('begins to wait with the first value of each batch, when the one before was full', () => {
    runMarbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a-bc-----').pipe(batchBy(2, 5), joined)).toBe('---x-----y', batches);
    });
  });

  it('never waits, when values may wait for ever, and emits the rest at the completion', () => {
    runMarbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a 9s b-c-|').pipe(batchBy(2, Infinity), joined)).toBe('- 9s -x---(y|)', batches);
    });
  });

  it('collects what comes in the same turn, when nothing may wait', () => {
    runMarbles(({ cold, expectObservable }) => {
      expectObservable(cold('-(ab)-c---|').pipe(batchBy(9, 0), joined)).toBe('-x----y---|', batches);
    });
  });

  it('takes its time from the scheduler given', () => {
    const clock = new VirtualTimeScheduler();
    const seen: unknown[] = [];
    NEVER.pipe(startWith('a'), batchBy(2, 3, { scheduler: clock })).subscribe((batch) =>
      seen.push([batch, clock.now()]),
    );
    clock.flush();
    expect(seen).to.deep.equal([[['a'], 3]]);
  });

  it('unsubscribes from its source, and emits nothing more, when unsubscribed', () => {
    runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-');
      expectObservable(source.pipe(batchBy(2, 5), joined), '^-----!').toBe('---x-', batches);
      expectSubscriptions(source.subscriptions).toBe('^-----!');
    });
  });

  it('ends a source that emits without end inside subscribe(), when a taker is full', () => {
    const taken: number[][] = [];
    range(0, Infinity)
      .pipe(batchBy(2, 5), take(2))
      .subscribe((batch) => taken.push(batch));
    expect(taken).to.deep.equal([
      [0, 1],
      [2, 3],
    ]);
  });

  it('shares nothing between two subscriptions', () => {
    runMarbles(({ cold, expectObservable }) => {
      const batched = cold('-a-b-c|').pipe(batchBy(2, 5), joined);
      expectObservable(batched).toBe('---x--(y|)', batches);
      expectObservable(batched, '--^').toBe('-----x--(y|)', batches);
    });
  });

  it('loses and reorders nothing, when its subscriber makes the source emit', () => {
    const source = new Subject<number>();
    const seen: number[] = [];
    let last = 1;
    source
      .pipe(
        batchBy(2, Infinity),
        tap(() => last < 99 && [++last, ++last, ++last].forEach((value) => source.next(value))),
      )
      .subscribe((batch) => seen.push(...batch));
    source.next(0);
    source.next(1);
    expect(seen).to.deep.equal(Array.from({ length: seen.length }, (_, index) => index));
    expect(seen.length).to.be.at.least(100);
  });

  for (const name of ['keyBy', 'bytesOf'] as const) {
    it(`errors, when ${name} throws`, () => {
      runMarbles(({ cold, scheduler, flush, expectSubscriptions }) => {
        const failure = new Error('no');
        const input = cold('-a-b-|');
        const source = delivered<string>(input, scheduler);
        const errors: unknown[] = [];
        const options = {
          maxBytes: 9,
          [name]: (value: string) => {
            if (value === 'b') throw failure;
            return name === 'keyBy' ? value : 1;
          },
        };
        source.values.pipe(batchBy(9, Infinity, options)).subscribe({ error: (error: unknown) => errors.push(error) });
        flush();
        expect(errors).to.deep.equal([failure]);
        expect(source.unsettled()).to.deep.equal(['a', 'b']);
        expectSubscriptions(input.subscriptions).toBe('^--!');
      });
    });
  }

  for (const [size, maxWaitMs, options] of [
    [0, 1, {}],
    [1.5, 1, {}],
    [NaN, 1, {}],
    [1, -1, {}],
    [1, NaN, {}],
    [1, 2 ** 31, {}],
    [1, 1, { maxBytes: 0 }],
    [1, 1, { maxBytes: NaN }],
  ] as const) {
    it(`refuses ${size}, ${maxWaitMs}, ${JSON.stringify(options)}`, () => {
      expect(() => batchBy(size, maxWaitMs, options)).to.throw(ConfigurationError, /^batchBy\(\) got /);
    });
  }

  describe('by bytes', () => {
    const byLength: BatchByOptions<string> = { maxBytes: 6, bytesOf: (value) => value.length };
    const batchesOf = <T>(values: T[], options: BatchByOptions<T>) => {
      const seen: T[][] = [];
      from(values)
        .pipe(batchBy(9, Infinity, options))
        .subscribe((batch) => seen.push(batch));
      return seen;
    };

    it('emits a batch before the value that would take it over, and a larger value alone', () => {
      const seen = batchesOf(['aaa', 'bb', 'cc', 'dddddddd', 'e'], byLength);
      expect(seen).to.deep.equal([['aaa', 'bb'], ['cc'], ['dddddddd'], ['e']]);
    });

    it('emits a batch at once, when it has as many as it may', () => {
      runMarbles(({ cold, expectObservable }) => {
        const values = { a: 'aaa', b: 'bbb', c: 'ccccccc' };
        const result = { x: ['aaa', 'bbb'], y: ['ccccccc'] };
        expectObservable(cold('-a-b-c-', values).pipe(batchBy(9, Infinity, byLength))).toBe('---x-y-', result);
      });
    });

    it('lets a batch wait from its first value, when the one before was emitted for its bytes', () => {
      runMarbles(({ cold, expectObservable }) => {
        const values = { a: 'aaaa', b: 'bbbb' };
        const result = { x: ['aaaa'], y: ['bbbb'] };
        expectObservable(cold('-a-b-----', values).pipe(batchBy(9, 5, byLength))).toBe('---x----y', result);
      });
    });

    for (const wrong of [NaN, -1, undefined as unknown as number]) {
      it(`errors, when bytesOf gives ${wrong}`, () => {
        const errors: unknown[] = [];
        of('a')
          .pipe(batchBy(9, 1, { maxBytes: 5, bytesOf: () => wrong }))
          .subscribe({ error: (error: unknown) => errors.push(error) });
        expect(errors[0]).to.be.instanceOf(ConfigurationError);
        expect(String(errors[0])).to.contain(`bytesOf gave ${wrong}`);
      });
    }

    const envelope = 512;
    const estimates: [string, unknown, number][] = [
      ['text', 'abc', 3],
      ['text beyond ASCII', 'äあ😀', 2 + 3 + 4],
      ['a number', 1.25, 8],
      ['a bigint', 2n ** 80n, 8],
      ['null', null, 8],
      ['binary data', new Uint8Array(1000), 1000],
      ['a list', ['abc', 1], 8 + 3 + 8],
      ['an object', { Name: 'abc', Tags: ['x'] }, 8 + 4 + 3 + 4 + 8 + 1],
      ['a replay id', ReplayId.fromBytes(Buffer.alloc(10)), 8],
      ['a change event', changeEvent({ data: { Name: 'abc', Size: 5n } }), envelope + 8 + 4 + 3 + 4 + 8],
      ['a platform event', platformEvent('/event/A__e', { Bytes__c: Buffer.alloc(99) }), envelope + 8 + 8 + 99],
      ['events', [changeEvent(), changeEvent()], 8 + 2 * (envelope + 8)],
    ];
    for (const [what, value, bytes] of estimates) {
      it(`estimates ${what} at ${bytes}`, () => {
        expect(batchesOf([value, value], { maxBytes: 2 * bytes })).to.have.length(1);
        expect(batchesOf([value, value], { maxBytes: 2 * bytes - 1 })).to.have.length(2);
      });
    }

    it('counts nothing, when there is no maxBytes', () => {
      const cyclic: { self?: object } = {};
      cyclic.self = cyclic;
      expect(batchesOf([cyclic], {})).to.deep.equal([[cyclic]]);
    });
  });

  describe('by key', () => {
    const byCase: BatchByOptions<string> = { keyBy: (value) => (value === value.toUpperCase() ? 'upper' : 'lower') };

    it('collects a batch for each key, each with its own count and clock', () => {
      runMarbles(({ cold, expectObservable }) => {
        const result = cold('-a-A-b-c-----B---|').pipe(batchBy(2, 6, byCase), joined);
        expectObservable(result).toBe('-----x---A---c---(B|)', { x: 'ab', A: 'A', c: 'c', B: 'B' });
      });
    });

    it('emits what is left in the order of the first values, those of a key that was emptied among them', () => {
      runMarbles(({ cold, expectObservable }) => {
        const result = cold('-a-A-b-c-|').pipe(batchBy(2, 99, byCase), joined);
        expectObservable(result).toBe('-----x---(Ac|)', { x: 'ab', A: 'A', c: 'c' });
      });
    });
  });

  describe('deliveries', () => {
    it('are held in their batch, and all settled when the work on it is done', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b-c'), scheduler);
        source.values
          .pipe(
            batchBy(2, 4),
            handle((batch) => of(batch).pipe(delay(3))),
          )
          .subscribe();
        flush();
        expect(source.settled).to.deep.equal([
          { value: 'a', at: 6 },
          { value: 'b', at: 6 },
          { value: 'c', at: 12 },
        ]);
        expect(source.settledEarly).to.deep.equal([]);
      });
    });

    it('are settled by a batch that is dropped downstream', () => {
      runMarbles(({ hot, scheduler, expectSettled }) => {
        const source = delivered<string>(hot('-a-b-c'), scheduler);
        source.values.pipe(batchBy(2, 4)).subscribe();
        expectSettled(source).toBe('---(ab)--c');
      });
    });

    it('are settled at the completion, when that emits them', () => {
      runMarbles(({ hot, scheduler, expectSettled }) => {
        const source = delivered<string>(hot('-a-b-c--|'), scheduler);
        source.values.pipe(batchBy(2, 9)).subscribe();
        expectSettled(source).toBe('---(ab)-c');
      });
    });

    it('are emitted at once, when they fill a window that is smaller than a batch', () => {
      runMarbles(({ cold, scheduler, flush }) => {
        const source = delivered<string>(cold('-a-b-c-d-e-f-g'), scheduler, { window: 3 });
        const seen: unknown[] = [];
        source.values
          .pipe(batchBy(10, Infinity), joined)
          .subscribe((batch) => seen.push({ batch, at: scheduler.now() }));
        flush();
        expect(seen).to.deep.equal([
          { batch: 'abc', at: 5 },
          { batch: 'def', at: 11 },
        ]);
        expect(source.unsettled()).to.deep.equal(['g']);
      });
    });

    it('are emitted at once, when they fill the window in batches of several keys, or in batches of batches', () => {
      runMarbles(({ cold, scheduler, expectSettled }) => {
        const source = delivered<string>(cold('-a-b-c'), scheduler, { window: 3 });
        source.values.pipe(batchBy(10, Infinity, { keyBy: (value) => value }), batchBy(10, Infinity)).subscribe();
        expectSettled(source).toBe('-----(abc)');
      });
    });

    it('are not emitted, when the window is full of others that are worked on', () => {
      runMarbles(({ cold, scheduler, expectSettled }) => {
        const source = delivered<string>(cold('-ab-c'), scheduler, { window: 3 });
        source.values
          .pipe(
            batchBy(2, 99),
            handle((batch) => of(batch).pipe(delay(6))),
          )
          .subscribe();
        expectSettled(source).toBe('--------(ab) 97ms c');
      });
    });

    it('are not settled, none of the batch, when what was emitted left the subscriber closed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b-c-d-e'), scheduler);
        source.values.pipe(batchBy(2, 9), take(2)).subscribe();
        flush();
        expect(source.settled.map(({ value }) => value)).to.deep.equal(['a', 'b']);
        expect(source.unsettled()).to.deep.equal(['c', 'd']);
      });
    });

    it('are not settled, when several batches are emitted together, from the one on that left the subscriber closed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b-c-|'), scheduler);
        source.values.pipe(batchBy(2, 9, { keyBy: (value) => value }), take(2)).subscribe();
        flush();
        expect(source.settled.map(({ value }) => value)).to.deep.equal(['a']);
        expect(source.unsettled()).to.deep.equal(['b', 'c']);
      });
    });

    it('are not settled, when the source errors', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b-c-#'), scheduler);
        source.values.pipe(batchBy(2, 9)).subscribe({ error: () => undefined });
        flush();
        expect(source.unsettled()).to.deep.equal(['c']);
      });
    });

    it('are not settled, when unsubscribed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b-c-d'), scheduler);
        const subscription = source.values.pipe(batchBy(3, 9)).subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 4);
        flush();
        expect(source.settled).to.deep.equal([]);
        expect(source.unsettled()).to.deep.equal(['a', 'b']);
      });
    });

    it('fail the subscription, when they are dropped while it goes on', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b--'), scheduler);
        const errors: unknown[] = [];
        source.values
          .pipe(switchMap((value) => merge(of(value), timer(9)).pipe(batchBy(5, 9))))
          .subscribe({ error: (error: unknown) => errors.push(error) });
        flush();
        expect(errors[0]).to.be.instanceOf(DeliveryFailedError);
      });
    });
  });

  describe('whatever comes when', () => {
    interface Item {
      readonly index: number;
      readonly at: number;
      readonly key: string;
      readonly bytes: number;
    }
    const items = fc
      .array(
        fc.record({
          at: fc.integer({ min: 0, max: 40 }),
          key: fc.constantFrom('p', 'q', 'r'),
          bytes: fc.integer({ min: 0, max: 7 }),
        }),
        { maxLength: 40 },
      )
      .map((list): Item[] => list.sort((a, b) => a.at - b.at).map((item, index) => ({ ...item, index })));
    const settings = fc.record({
      items,
      size: fc.integer({ min: 1, max: 6 }),
      maxWaitMs: fc.oneof(fc.integer({ min: 0, max: 15 }), fc.constant(Infinity)),
      maxBytes: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(Infinity)),
      keyed: fc.boolean(),
      window: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(Infinity)),
    });
    type Settings = typeof settings extends fc.Arbitrary<infer S> ? S : never;

    const broken = (): never => {
      throw new Error('no');
    };
    const bytesIn = (batch: readonly Item[]) => batch.reduce((sum, { bytes }) => sum + bytes, 0);
    const keyOf =
      ({ keyed }: Settings) =>
      (item: Item) =>
        keyed ? item.key : '';
    const arriving = (list: readonly Item[], scheduler: SchedulerLike): Observable<Item> =>
      from(list).pipe(concatMap((item) => timer(new Date(item.at), scheduler).pipe(map(() => item))));
    const batching = (given: Settings) =>
      batchBy<Item>(given.size, given.maxWaitMs, {
        maxBytes: given.maxBytes,
        bytesOf: ({ bytes }) => bytes,
        keyBy: keyOf(given),
      });

    /** Plays the items, and tells which batches came when; `look` sees what is kept whenever a value comes. */
    function play(given: Settings, look: (kept: readonly Item[], coming: Item) => void = () => undefined) {
      const seen: { batch: Item[]; at: number }[] = [];
      let settled: readonly Item[] = [];
      let failure: unknown;
      runMarbles(({ scheduler, flush }) => {
        const kept = new Set<Item>();
        const source = delivered(arriving(given.items, scheduler), scheduler, { window: given.window });
        source.values
          .pipe(
            tap((item) => {
              look([...kept], item);
              kept.add(item);
            }),
            batching(given),
          )
          .subscribe({
            next: (batch) => {
              seen.push({ batch, at: scheduler.now() });
              batch.forEach((item) => kept.delete(item));
            },
            error: (error: unknown) => (failure = error),
          });
        flush();
        settled = source.settled.map(({ value }) => value);
      });
      if (failure !== undefined) throw failure as Error;
      return { seen, settled };
    }

    it('batches part the source, each key in order, within size and bytes, and all events are settled once', () => {
      fc.assert(
        fc.property(settings, (given) => {
          const { seen, settled } = play(given);
          const key = keyOf(given);
          for (const { batch } of seen) {
            expect(new Set(batch.map(key)).size).to.equal(1);
            expect(batch.length).to.be.at.most(given.size);
            expect(batch.length === 1 || bytesIn(batch) <= given.maxBytes).to.equal(true);
          }
          const all = seen.flatMap(({ batch }) => batch);
          for (const each of new Set(given.items.map(key))) {
            const ofKey = (list: readonly Item[]) => list.filter((item) => key(item) === each);
            expect(ofKey(all)).to.deep.equal(ofKey(given.items));
          }
          expect(settled).to.deep.equal(all);
          expect(settled).to.have.length(given.items.length);
        }),
        { numRuns: 300 },
      );
    });

    it('nothing waits longer than said, and no batch is emitted without a reason', () => {
      fc.assert(
        fc.property(settings, (given) => {
          const { seen } = play({ ...given, window: Infinity });
          const key = keyOf(given);
          const end = given.items.at(-1)?.at;
          for (const { batch, at } of seen) {
            const waited = at - batch[0]!.at;
            expect(waited).to.be.at.most(given.maxWaitMs);
            const next = given.items.find((item) => item.index > batch.at(-1)!.index && key(item) === key(batch[0]!));
            const isFull = batch.length === given.size || bytesIn(batch) >= given.maxBytes;
            const isInTheWay = next?.at === at && bytesIn(batch) + next.bytes > given.maxBytes;
            expect(isFull || isInTheWay || waited === given.maxWaitMs || at === end).to.equal(true);
          }
        }),
        { numRuns: 300 },
      );
    });

    it('no more is kept than said, and no window that is full of it stays so', () => {
      fc.assert(
        fc.property(settings, (given) => {
          const key = keyOf(given);
          let last = -1;
          play(given, (kept, coming) => {
            const ofKey = kept.filter((item) => key(item) === key(coming));
            expect(ofKey.length).to.be.at.most(given.size - 1);
            expect(bytesIn(ofKey)).to.be.below(given.maxBytes);
            if (coming.at > last) expect(kept.length).to.be.below(given.window);
            last = coming.at;
          });
        }),
        { numRuns: 300 },
      );
    });

    it('every event is settled once when its work is done, and none after an error', () => {
      const worked = fc.record({ given: settings, works: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 }) });
      const failing = fc.record({
        work: fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 12 })),
        source: fc.oneof(fc.constant(undefined), fc.integer({ min: 0, max: 50 })),
      });
      fc.assert(
        fc.property(worked, failing, fc.integer({ min: 1, max: 3 }), ({ given, works }, fails, concurrency) => {
          runMarbles(({ scheduler, flush }) => {
            const items$ = arriving(given.items, scheduler);
            const { source: at } = fails;
            const input = at === undefined ? items$ : merge(items$, timer(at, scheduler).pipe(map(broken)));
            const source = delivered(input, scheduler, { window: given.window });
            const done: Item[] = [];
            const failures: unknown[] = [];
            const work = (batch: Item[], index: number) =>
              timer(works[index % works.length]!, scheduler).pipe(
                tap(() => {
                  if (index === fails.work) broken();
                  done.push(...batch);
                }),
              );
            source.values
              .pipe(batching(given), handle(work, { concurrency, keyBy: () => [] }))
              .subscribe({ error: (error: unknown) => failures.push(error) });
            flush();
            expect(source.settled.map(({ value }) => value)).to.deep.equal(done);
            expect(new Set(done).size).to.equal(done.length);
            if (failures.length === 0) expect(done).to.have.length(given.items.length);
          });
        }),
        { numRuns: 300 },
      );
    });
  });
});
