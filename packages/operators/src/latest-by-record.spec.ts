import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { mergeMap, NEVER, of, range, Subject, take, timer } from 'rxjs';
import { ConfigurationError, WorkTimeoutError, type ChangeEvent, type ChangeType } from '@rxforce/core/model';
import { changeEvent, runMarbles } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { latestByRecord, type LatestByRecordOptions } from './latest-by-record.js';
import { after } from '../test/support/work-after.js';

/** All of one record, and a merged value has the names of all it was made of. */
const JOINING: LatestByRecordOptions<string> = { keyBy: () => 'record', merge: (older, newer) => `${older}${newer}` };
/** Of the record that the first letter names. */
const BY_LETTER: LatestByRecordOptions<string> = { ...JOINING, keyBy: (value) => value.charAt(0) };

function update(data: Record<string, unknown>, ...recordIds: string[]): ChangeEvent {
  return changeEvent({ changeType: 'UPDATE', data, recordIds });
}

describe('latestByRecord', () => {
  it('does what its diagram shows', () =>
    runDiagram('latest-by-record.ts', latestByRecord(after(7), JOINING), { result: { a: 'a', x: 'bcd' } }));

  const cases: [string, string, string, string][] = [
    ['never', '----', '----', '^'],
    ['an empty source', '--|', '--|', '^-!'],
    ['one', '-a-----|', '---a---|', '^------!'],
    ['many that are done before the next', '-a--b--|', '---a--b|', '^------!'],
    ['many of which some wait', '-abc---|', '---a-x-|', '^------!'],
    ['work left at the completion', '-ab|', '---a-(b|)', '^--!'],
    ['many at once', '-(abc)--|', '---a-x--|', '^-------!'],
    ['an error', '-a----#', '---a--#', '^-----!'],
    ['an error while work is done and waits', '-ab#', '---#', '^--!'],
  ];
  for (const [what, source, result, subscription] of cases) {
    it(`merges what waits, with ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold(source);
        expectObservable(input.pipe(latestByRecord(after(2), JOINING))).toBe(result, { a: 'a', b: 'b', x: 'bc' });
        expectSubscriptions(input.subscriptions).toBe(subscription);
      });
    });
  }

  it('emits all results of work, and none where work completes without one', () => {
    runMarbles(({ cold, expectObservable }) => {
      const result = cold('-a-b-|').pipe(latestByRecord((value) => (value === 'a' ? ['x', 'y'] : []), JOINING));
      expectObservable(result).toBe('-(xy)|');
    });
  });

  it('gives project the value alone: an index would say nothing of what was merged', () => {
    const given: unknown[][] = [];
    of('a')
      .pipe(latestByRecord((...all: unknown[]) => of(given.push(all)), JOINING))
      .subscribe();
    expect(given).to.deep.equal([['a']]);
  });

  it('unsubscribes from its source and its work, when unsubscribed', () => {
    runMarbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c');
      const work = cold('-----x|');
      expectObservable(source.pipe(latestByRecord(() => work, JOINING)), '^--!').toBe('---');
      expectSubscriptions(source.subscriptions).toBe('^--!');
      expectSubscriptions(work.subscriptions).toBe('-^-!');
    });
  });

  it('ends a source that emits without end inside subscribe(), when a taker is full', () => {
    const values: number[] = [];
    range(0, Infinity)
      .pipe(
        latestByRecord((value) => of(value), { keyBy: () => 'record' }),
        take(3),
      )
      .subscribe((value) => values.push(value));
    expect(values).to.deep.equal([0, 1, 2]);
  });

  it('shares nothing between two subscriptions', () => {
    runMarbles(({ cold, expectObservable }) => {
      const handled = cold('(abc|)').pipe(latestByRecord(after(2), JOINING));
      expectObservable(handled).toBe('--a-(x|)', { a: 'a', x: 'bc' });
      expectObservable(handled, '-^').toBe('---a-(x|)', { a: 'a', x: 'bc' });
    });
  });

  it('starts no more at a time than concurrency says, and merges what waits for a slot', () => {
    runMarbles(({ cold, expectObservable }) => {
      const values = { a: 'a1', b: 'b1', c: 'c1', d: 'c2', e: 'c3' };
      const source = cold('(abcde|)', values);
      const result = { ...values, x: 'c1c2c3' };
      expectObservable(source.pipe(latestByRecord(after(6), { ...BY_LETTER, concurrency: 2 }))).toBe(
        '6ms (ab) 2ms (x|)',
        result,
      );
      expectObservable(source.pipe(latestByRecord(after(6), { ...BY_LETTER, concurrency: Infinity }))).toBe(
        '6ms (abc)-(x|)',
        { ...values, x: 'c2c3' },
      );
    });
  });

  describe('merges', () => {
    /** What project was given, in order, of all that comes while work on the first takes long. */
    function worked<T>(values: readonly T[], options: LatestByRecordOptions<T> = {}): T[] {
      const given: T[] = [];
      runMarbles(({ cold, flush }) => {
        const source = cold('(s|)').pipe(mergeMap(() => values));
        source
          .pipe(
            latestByRecord((value) => {
              given.push(value);
              return timer(given.length === 1 ? 5 : 0);
            }, options),
          )
          .subscribe();
        flush();
      });
      return given;
    }

    it('the changes of a record, as mergeChanges does', () => {
      const [, second] = worked([update({ A: 1 }, '1'), update({ A: 2, B: null }, '1'), update({ A: 3 }, '1')]);
      expect(second?.data).to.deep.equal({ A: 3, B: null });
      expect(second?.header.changedFields).to.have.members(['A', 'B']);
      expect(second?.header.nulledFields).to.deep.equal(['B']);
    });

    it('not those of another record, nor of some of its records only', () => {
      for (const other of [['2'], ['1', '2'], []]) {
        const events = [update({ A: 1 }, '1'), update({ A: 2 }, '1'), update({ A: 3 }, ...other)];
        expect(worked(events), other.join()).to.have.members(events);
      }
    });

    it('those of several records, where they are the same', () => {
      const given = worked([update({ A: 1 }, '1', '2'), update({ A: 2 }, '2', '1'), update({ A: 3 }, '1', '2', '1')]);
      expect(given.map(({ data }) => data)).to.deep.equal([{ A: 1 }, { A: 3 }]);
    });

    it('nothing across an event that shares a record with both, so none goes back in time', () => {
      const events = [
        update({ A: 1 }, '1'),
        update({ A: 2 }, '1'),
        update({ A: 3 }, '1', '2'),
        update({ A: 4 }, '1'),
        update({ A: 5 }, '2'),
        update({ A: 6 }, '1', '2'),
      ];
      expect(worked(events, { concurrency: 9 })).to.deep.equal(events);
    });

    it('nothing that cannot be: that waits in order, and the next is merged with the last that waits', () => {
      const gap = changeEvent({ changeType: 'GAP_UPDATE', recordIds: ['1'] });
      const events = [
        update({ A: 1 }, '1'),
        update({ A: 2 }, '1'),
        gap,
        gap,
        update({ A: 3 }, '1'),
        update({ A: 4 }, '1'),
      ];
      expect(worked(events).map(({ header, data }) => [header.changeType, data])).to.deep.equal([
        ['UPDATE', { A: 1 }],
        ['UPDATE', { A: 2 }],
        ['GAP_UPDATE', {}],
        ['GAP_UPDATE', {}],
        ['UPDATE', { A: 4 }],
      ]);
    });

    it('no events of a type that is not known', () => {
      const events = [1, 2, 3].map(() => changeEvent({ changeType: 'ARCHIVE' as ChangeType }));
      expect(worked(events)).to.deep.equal(events);
    });

    it('other values into the newest, where they have keys', () => {
      const values = [1, 2, 3].map((size) => ({ size }));
      expect(worked(values, { keyBy: () => 'all' })).to.deep.equal([{ size: 1 }, { size: 3 }]);
      expect(worked(values)).to.deep.equal(values);
      expect(worked([0, 1, 0, 0], { keyBy: () => 'all' })).to.deep.equal([0, 0]);
    });

    it('no transactions', () => {
      const transactions = [1, 2, 3].map((A) => ({ events: [update({ A }, '1')] }));
      expect(worked(transactions)).to.deep.equal(transactions);
    });

    it('no arrays, and no change with what is none', () => {
      const batches = [1, 2, 3].map((A) => [update({ A }, '1')]);
      expect(worked(batches)).to.deep.equal(batches);
      const mixed = [{ A: 1 }, update({ A: 2 }, '1'), { A: 3 }, [{ A: 4 }], { A: 5 }];
      expect(worked<unknown>(mixed, { keyBy: () => 'all' })).to.deep.equal(mixed);
    });

    it('as merge says', () => {
      const merge = (older: string, newer: string) => (newer === 'd' ? undefined : older + newer);
      expect(worked(['a', 'b', 'c', 'd', 'e'], { ...JOINING, merge })).to.deep.equal(['a', 'bc', 'de']);
    });

    it('nothing into what is worked on already', () => {
      const subject = new Subject<string>();
      const given: string[] = [];
      subject
        .pipe(
          latestByRecord((value) => {
            given.push(value);
            if (value === 'a') ['b', 'c'].forEach((next) => subject.next(next));
            return of(value);
          }, JOINING),
        )
        .subscribe();
      subject.next('a');
      expect(given).to.deep.equal(['a', 'bc']);
    });
  });

  it('keeps nothing of what was merged, on a source without deliveries', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const values = new Subject<object>();
    values.pipe(latestByRecord(() => NEVER, { keyBy: () => 'record' })).subscribe();
    const seen: WeakRef<object>[] = [];
    const send = (value: object) => {
      values.next(value);
      return value;
    };
    for (let index = 0; index < 1_000; index++) seen.push(new WeakRef(send({ index })));
    // A WeakRef keeps its target for the turn in which it was made.
    await new Promise(setImmediate);
    collect();
    expect(seen.filter((each) => each.deref() !== undefined)).to.have.length.at.most(3);

    const { heapUsed } = process.memoryUsage();
    for (let index = 0; index < 500_000; index++) send({});
    collect();
    expect(process.memoryUsage().heapUsed - heapUsed).to.be.at.most(2_000_000);
    values.complete();
  });

  describe('timeoutMs', () => {
    it('counts from the start of the work, and names its operator', () => {
      const errors: unknown[] = [];
      runMarbles(({ cold, scheduler, flush }) => {
        const source = cold('a-b').pipe(
          latestByRecord((value) => (value === 'a' ? timer(4) : NEVER), { ...JOINING, timeoutMs: 5 }),
        );
        source.subscribe({ error: (error: unknown) => errors.push(error, scheduler.now()) });
        flush();
      });
      expect(errors[0]).to.be.instanceOf(WorkTimeoutError);
      expect(String(errors[0])).to.include('after 5 ms, the timeoutMs of latestByRecord()');
      expect(errors[1]).to.equal(9);
    });
  });

  for (const options of [{ concurrency: 0 }, { timeoutMs: 0 }]) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => latestByRecord(after(1), options)).to.throw(ConfigurationError, 'latestByRecord() got');
    });
  }
});
