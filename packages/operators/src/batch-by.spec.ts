import { expect } from 'chai';
import { from, map, NEVER, of, range, startWith, Subject, take, tap, VirtualTimeScheduler } from 'rxjs';
import { ConfigurationError, ReplayId } from '@rxforce/core/model';
import { changeEvent, delivered, platformEvent, runMarbles } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { batchBy, type BatchByOptions } from './batch-by.js';

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
});
