import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  catchError,
  connect,
  delay,
  EMPTY,
  ignoreElements,
  map,
  merge,
  mergeMap,
  NEVER,
  of,
  range,
  Subject,
  take,
  tap,
  throwError,
  timer,
  Observable,
  type SchedulerLike,
} from 'rxjs';
import { hold } from '@rxforce/core/delivery';
import {
  ConfigurationError,
  DeliveryFailedError,
  WorkTimeoutError,
  type ChangeEvent,
  type ChangeType,
} from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { applyChange } from './records/apply-change.js';
import { handle } from './handle.js';
import { latestByRecord, type LatestByRecordOptions } from './latest-by-record.js';

const after =
  (ms: number) =>
  <T>(value: T) =>
    of(value).pipe(delay(ms));

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

  describe('deliveries', () => {
    it('are settled together, when the work that covers them has completed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-abcd---'), scheduler);
        source.values.pipe(latestByRecord(after(3), JOINING)).subscribe();
        flush();
        expect(source.settled).to.deep.equal([
          { value: 'a', at: 4 },
          { value: 'b', at: 7 },
          { value: 'c', at: 7 },
          { value: 'd', at: 7 },
        ]);
      });
    });

    it('are passed on with the results, all that were merged, so that the next operator holds them', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-abc'), scheduler);
        source.values.pipe(latestByRecord(after(2), JOINING), handle(after(9))).subscribe();
        flush();
        expect(source.settled.map(({ value, at }) => [value, at])).to.deep.equal([
          ['a', 12],
          ['b', 21],
          ['c', 21],
        ]);
      });
    });

    it('are settled, many thousands of one record', () => {
      runMarbles(({ scheduler, flush }) => {
        const source = delivered(merge(range(0, 20_000), NEVER), scheduler);
        source.values.pipe(latestByRecord(() => timer(5), { keyBy: () => 'record' })).subscribe();
        flush();
        expect(source.settled).to.have.length(20_000);
      });
    });

    for (const [what, work] of Object.entries<(value: string) => Observable<string>>({
      errors: () => timer(2).pipe(mergeMap(() => throwError(() => new Error('no')))),
      'takes too long': () => NEVER,
      'emits into a subscriber that closes': () => of('last').pipe(delay(2)),
    })) {
      it(`are not settled, none of those that were merged, when the work on them ${what}`, () => {
        runMarbles(({ hot, scheduler, flush, expectSubscriptions }) => {
          const input = hot('-abcd-----');
          const source = delivered<string>(input, scheduler);
          const project = (value: string) => (value === 'a' ? after(4)(value) : work(value));
          source.values
            .pipe(latestByRecord(project, { ...JOINING, timeoutMs: 9 }), take(2))
            .subscribe({ error: () => undefined });
          flush();
          expect(source.settled).to.deep.equal([{ value: 'a', at: 5 }]);
          expect(source.unsettled()).to.deep.equal(['b', 'c', 'd']);
          expectSubscriptions(input.subscriptions).toBe(what === 'takes too long' ? '^ 13ms !' : '^------!');
        });
      });
    }

    it('will never be settled, each of them, when the work is unsubscribed while some wait', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-abcd'), scheduler);
        const outcomes: string[] = [];
        const noted = tap((value: string) => {
          const held = hold(value);
          held.onEnded((outcome) => outcomes.push(`${value} ${outcome}`));
          held.release();
        });
        const subscription = source.values
          .pipe(
            noted,
            latestByRecord(() => NEVER, JOINING),
          )
          .subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 9);
        flush();
        expect(source.unsettled()).to.deep.equal(['a', 'b', 'c', 'd']);
        expect(outcomes).to.have.members(['a unsettled', 'b unsettled', 'c unsettled', 'd unsettled']);
      });
    });

    const stop = new Subject<void>();
    const failures: Record<string, LatestByRecordOptions<string>> = {
      'merge throws': {
        ...JOINING,
        merge: () => {
          throw new Error('no');
        },
      },
      'keyBy throws': {
        keyBy: (value) => {
          if (value === 'b') throw new Error('no');
          return 'record';
        },
      },
      'merge ends the subscription': {
        ...JOINING,
        merge: (older, newer) => {
          stop.next();
          return older + newer;
        },
      },
    };
    for (const [what, options] of Object.entries(failures)) {
      it(`fail the stream, when ${what} in one branch of it`, () => {
        runMarbles(({ hot, scheduler, flush }) => {
          const source = delivered<string>(hot('-ab-c'), scheduler);
          const errors: unknown[] = [];
          const given: string[] = [];
          const project = (value: string) => timer(given.push(value) * 9);
          const branch = (shared: Observable<string>) =>
            new Observable<unknown>((subscriber) => {
              stop.subscribe(() => subscriber.unsubscribe());
              return shared.pipe(latestByRecord(project, { concurrency: 2, ...options })).subscribe(subscriber);
            });
          source.values
            .pipe(
              connect((shared) => merge(branch(shared).pipe(catchError(() => EMPTY)), shared.pipe(ignoreElements()))),
            )
            .subscribe({ error: (error: unknown) => errors.push(error) });
          flush();
          expect(given).to.deep.equal(['a']);
          expect(source.settled).to.deep.equal([]);
          expect(errors).to.have.length(1);
          expect(errors[0]).to.be.instanceOf(DeliveryFailedError);
        });
      });
    }
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

  it('shows each record all its changes in order, whatever comes, takes or fails when', () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 25 }), fc.integer({ min: 1, max: 4 }), (steps, concurrency) => {
        runMarbles(({ scheduler, flush }) => checkRun(steps, concurrency, scheduler, flush));
      }),
      { numRuns: 300 },
    );
  });
});

interface Step {
  readonly at: number;
  readonly ms: number;
  readonly fails: boolean;
  readonly recordIds: string[];
  readonly changeType: ChangeType;
  readonly data: Record<string, number | null>;
}

const VALUE = fc.option(fc.integer({ min: 0, max: 2 }));
const STEP = fc.record<Step>({
  at: fc.integer({ min: 0, max: 40 }),
  ms: fc.integer({ min: 0, max: 9 }),
  fails: fc.boolean().chain((one) => fc.boolean().map((other) => one && other)),
  recordIds: fc.uniqueArray(fc.constantFrom('p', 'q', 'r'), { minLength: 1, maxLength: 2 }),
  changeType: fc.constantFrom('UPDATE', 'UPDATE', 'UPDATE', 'CREATE', 'DELETE', 'GAP_UPDATE'),
  data: fc.record({ A: VALUE, B: VALUE }, { requiredKeys: [], noNullPrototype: true }),
});

const FAILURE = new Error('The work failed.');

function checkRun(steps: readonly Step[], concurrency: number, scheduler: SchedulerLike, flush: () => void): void {
  const sorted = [...steps].sort((one, other) => one.at - other.at);
  const events = sorted.map(({ changeType, recordIds, data }, index) =>
    changeEvent({
      id: String(index),
      changeType,
      recordIds,
      data: changeType === 'UPDATE' ? data : { A: 0, B: 0, ...data },
    }),
  );
  const source = delivered(
    merge(...events.map((event, index) => timer(sorted[index]!.at, scheduler).pipe(map(() => event)))),
    scheduler,
  );
  const started: ChangeEvent[] = [];
  const active: ChangeEvent[] = [];
  const done: ChangeEvent[] = [];
  const project = (event: ChangeEvent) => {
    const { ms, fails } = sorted[Number(event.id)]!;
    expect(active.some((other) => other.header.recordIds.some((id) => event.header.recordIds.includes(id)))).to.equal(
      false,
    );
    started.push(event);
    expect(active.push(event)).to.be.at.most(concurrency);
    return timer(ms, scheduler).pipe(
      map(() => {
        if (fails) throw FAILURE;
        active.splice(active.indexOf(event), 1);
        done.push(event);
      }),
    );
  };
  let error: unknown;
  source.values.pipe(latestByRecord(project, { concurrency })).subscribe({ error: (each: unknown) => (error = each) });
  flush();
  if (error !== undefined && error !== FAILURE) throw error as Error;

  const workOn = ({ id, header }: ChangeEvent) =>
    started.find((work) => keyOf(work) === keyOf({ header }) && Number(work.id) >= Number(id));
  const covered = events.filter((event) => done.includes(workOn(event)!));
  const settled = source.settled.map(({ value }) => value).sort((one, other) => Number(one.id) - Number(other.id));
  expect(settled).to.deep.equal(covered);
  if (error === undefined) expect(settled).to.deep.equal(events);
  for (const record of ['p', 'q', 'r']) {
    const ofRecord = done.filter(({ header }) => header.recordIds.includes(record)).map(({ id }) => Number(id));
    expect(ofRecord).to.deep.equal([...ofRecord].sort((one, other) => one - other));
    expect(stateOf(record, done)).to.deep.equal(stateOf(record, settled));
  }
}

function keyOf({ header }: Pick<ChangeEvent, 'header'>): string {
  return [...header.recordIds].sort().join();
}

/** What a record is after all changes that say what it is. */
function stateOf(record: string, changes: readonly ChangeEvent[]): unknown {
  return changes
    .filter(({ header }) => header.recordIds.includes(record) && header.changeType !== 'GAP_UPDATE')
    .reduce<Record<string, unknown> | undefined>((state, change) => applyChange(state, change).unwrap(), undefined);
}
