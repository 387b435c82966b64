import { expect } from 'chai';
import { range, Subject, take, tap } from 'rxjs';
import { ConfigurationError } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { throttleByKey, type ThrottleByKeyOptions } from './throttle-by-key.js';

/** Values of two keys: those in small letters, and those in capitals. */
const keyBy = (value: string) => (value === value.toLowerCase() ? 'small' : 'capital');

describe('throttleByKey', () => {
  it('does what its diagram shows', () => {
    const source = {
      a: changeEvent({ recordIds: ['1'] }),
      b: changeEvent({ recordIds: ['1'] }),
      c: changeEvent({ recordIds: ['1'] }),
      x: changeEvent({ recordIds: ['2'] }),
    };
    runDiagram('throttle-by-key.ts', throttleByKey(6), { source, result: source });
  });

  const cases: [string, string, string, string][] = [
    ['never', '-------', '-------', '^'],
    ['an empty source', '--|', '--|', '^-!'],
    ['one', '-a----|', '-a----|', '^-----!'],
    ['a value after the interval', '-a---b|', '-a---b|', '^-----!'],
    ['many', '-abc-d-------|', '-a--c--d-----|', '^------------!'],
    ['many at once', '-(abc)---|', '-a--c----|', '^--------!'],
    ['two keys', '-aAbB-----|', '-aA-bB----|', '^---------!'],
    ['one kept at the completion', '-ab|', '-a-(b|)', '^--!'],
    ['an error', '-a---#', '-a---#', '^----!'],
    ['an error while one is kept', '-ab#', '-a-#', '^--!'],
  ];
  for (const [what, source, result, subscription] of cases) {
    it(`passes on the first, and the newest of each interval, with ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold(source);
        expectObservable(input.pipe(throttleByKey(3, { keyBy }))).toBe(result);
        expectSubscriptions(input.subscriptions).toBe(subscription);
      });
    });
  }

  it('emits no more than one value in an interval, however many come', () => {
    runMarbles(({ cold, expectObservable }) => {
      const result = cold('abcdefghijkl----------m').pipe(throttleByKey(5, { keyBy }));
      expectObservable(result).toBe('a----f----k----l------m');
    });
  });

  it('unsubscribes from its source, when unsubscribed, and emits nothing that was kept', () => {
    runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-ab-c--d');
      expectObservable(source.pipe(throttleByKey(5, { keyBy })), '^---!').toBe('-a---');
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });

  it('shares nothing between two subscriptions', () => {
    runMarbles(({ cold, expectObservable }) => {
      const throttled = cold('-ab---|').pipe(throttleByKey(3, { keyBy }));
      expectObservable(throttled).toBe('-a--b-|');
      expectObservable(throttled, '--^').toBe('---a--b-|');
    });
  });

  it('ends a source that emits without end inside subscribe(), when a taker is full', () => {
    const seen: number[] = [];
    range(0, Infinity)
      .pipe(throttleByKey(5, { keyBy: (value) => `${value}` }), take(3))
      .subscribe((value) => seen.push(value));
    expect(seen).to.deep.equal([0, 1, 2]);
  });

  it('errors with what keyBy throws, and settles neither that event nor one that is kept', () => {
    runMarbles(({ cold, scheduler, flush, expectObservable, expectSubscriptions }) => {
      const input = cold('-ab-c-');
      const source = delivered<string>(input, scheduler);
      const failing = (value: string) => {
        if (value === 'c') throw new Error('no');
        return 'key';
      };
      expectObservable(source.values.pipe(throttleByKey(9, { keyBy: failing }))).toBe(
        '-a--#',
        undefined,
        new Error('no'),
      );
      expectSubscriptions(input.subscriptions).toBe('^---!');
      flush();
      expect(source.settled).to.deep.equal([{ value: 'a', at: 1 }]);
    });
  });

  it('works on what comes while it emits, after that', () => {
    const source = new Subject<string>();
    const log: string[] = [];
    source
      .pipe(
        throttleByKey(1_000, { keyBy }),
        tap((value) => {
          log.push(`begin ${value}`);
          if (value === 'a') ['b', 'A'].forEach((each) => source.next(each));
          log.push(`end ${value}`);
        }),
      )
      .subscribe();
    source.next('a');
    source.complete();
    expect(log).to.deep.equal(['begin a', 'end a', 'begin A', 'end A', 'begin b', 'end b']);
  });

  it('emits what is kept in the order in which it came, when the source completes', () => {
    runMarbles(({ cold, expectObservable }) => {
      expectObservable(cold('-abAB-c|').pipe(throttleByKey(9, { keyBy }))).toBe('-a-A---(Bc|)');
    });
  });

  it('passes on nothing more, when a taker is full while what is kept is emitted', () => {
    runMarbles(({ hot, scheduler, flush, expectObservable }) => {
      const source = delivered<string>(hot('-abAB|'), scheduler);
      expectObservable(source.values.pipe(throttleByKey(9, { keyBy }), take(3))).toBe('-a-A-(b|)');
      flush();
      expect(source.unsettled()).to.deep.equal(['b', 'B']);
    });
  });

  describe('without leading', () => {
    for (const [source, result] of [
      ['-a-------b|', '----a-----(b|)'],
      ['-abc-d---|', '----c--d-|'],
      ['-a-A----b-|', '----a-A---(b|)'],
    ] as const) {
      it(`keeps the value that begins an interval until its end: ${source}`, () => {
        runMarbles(({ cold, expectObservable }) => {
          expectObservable(cold(source).pipe(throttleByKey(3, { keyBy, leading: false }))).toBe(result);
        });
      });
    }
  });

  describe('without trailing', () => {
    it('drops and settles what comes within an interval', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable, expectSettled }) => {
        const source = delivered<string>(hot('-abcAd-eB|'), scheduler);
        expectObservable(source.values.pipe(throttleByKey(3, { keyBy, trailing: false }))).toBe('-a--Ad--B|');
        expectSettled(source).toBe('-abcAd-eB');
        flush();
      });
    });
  });

  describe('keys', () => {
    const passing = <T>(values: readonly T[], options?: ThrottleByKeyOptions<T>): readonly number[] => {
      const passed: number[] = [];
      const source = new Subject<T>();
      const subscription = source
        .pipe(throttleByKey<T>(1_000, options))
        .subscribe((value) => passed.push(values.indexOf(value)));
      values.forEach((value) => source.next(value));
      subscription.unsubscribe();
      return passed;
    };

    it('are the record ids of a change event, all together where it is merged', () => {
      const recordIds = [['1'], ['2'], ['1'], ['1', '2'], ['3', '4'], ['4', '3'], ['3', '4', '5']];
      // The third is kept when the merged one comes, and goes out before it.
      expect(passing(recordIds.map((ids) => changeEvent({ recordIds: ids })))).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
      const without = recordIds.filter((_ids, index) => index !== 2 && index !== 6);
      expect(passing(without.map((ids) => changeEvent({ recordIds: ids })))).to.deep.equal([0, 1, 2, 3]);
    });

    it('tell the overflows of two objects apart, which have the same record id', () => {
      const overflow = (entityName: string) =>
        changeEvent({ changeType: 'GAP_OVERFLOW', entityName, recordIds: ['000000000000000AAA'] });
      expect(passing([overflow('Lead'), overflow('Account'), overflow('Lead')])).to.deep.equal([0, 1]);
    });

    it('are none for other values, which pass', () => {
      expect(passing<unknown>(['x', 1, null, { header: {} }, { data: {} }])).to.deep.equal([0, 1, 2, 3, 4]);
    });

    it('are those of keyBy: one, several in any order, or none', () => {
      // The second is kept, and goes out before the first that shares its key.
      const keys: (string | string[])[] = [
        'x',
        ['x'],
        'y',
        ['x', 'z'],
        ['z', 'x', 'z'],
        [],
        [],
        '',
        '["x","z"]',
        'x,z',
      ];
      expect(passing(keys, { keyBy: (value) => value })).to.deep.equal([0, 2, 1, 3, 5, 6, 7, 8, 9]);
    });
  });

  describe('values that share a key', () => {
    type Keyed = readonly [keys: string, name: string];
    const values: Record<string, Keyed> = {
      m: ['12', 'm'],
      M: ['12', 'M'],
      a: ['1', 'a'],
      A: ['1', 'A'],
      n: ['23', 'n'],
      N: ['23', 'N'],
      x: ['9', 'x'],
      X: ['9', 'X'],
      c: ['3', 'c'],
    };
    const each: ThrottleByKeyOptions<Keyed> = { keyBy: ([keys]) => Array.from(keys) };
    for (const [what, source, result] of [
      ['is kept when a newer one passes', '-mM--a-----------|', '-m---(Ma)--------|'],
      ['is kept when a newer one is let go of', '-amM-A-----------|', '-am-------(MA)---|'],
      ['is newer than one that is let go of', '-amA-M----------|', '-am-------AM----|'],
      ['must go out before one that must', '-mn-MNxXc---------|', '-mn---x-(MNc)--X--|'],
    ] as const) {
      it(`go out in the order in which they came, when one ${what}`, () => {
        runMarbles(({ cold, expectObservable }) => {
          expectObservable(cold(source, values).pipe(throttleByKey(9, each))).toBe(result, values);
        });
      });
    }
  });

  for (const durationMs of [-1, NaN, Infinity, 2 ** 31]) {
    it(`refuses a duration of ${durationMs}`, () => {
      expect(() => throttleByKey(durationMs)).to.throw(ConfigurationError, 'throttleByKey() got durationMs');
    });
  }

  it('refuses to be neither leading nor trailing', () => {
    expect(() => throttleByKey(1, { leading: false, trailing: false })).to.throw(ConfigurationError, 'nothing would');
  });
});
