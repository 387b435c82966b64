import { expect } from 'chai';
import fc from 'fast-check';
import {
  concat,
  concatMap,
  EMPTY,
  ignoreElements,
  map,
  merge,
  NEVER,
  of,
  range,
  Subject,
  take,
  throwError,
  toArray,
  timer,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import {
  ConfigurationError,
  DeliveryFailedError,
  ReplayId,
  type ChangeEvent,
  type ChangeType,
} from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles, type ChangeEventFields } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { ModelOrg, type ModelRecord, type ModelStep } from '../test/support/model-org.js';
import { applyChange } from './records/apply-change.js';
import { handle } from './handle.js';
import type { EntityRead, GapRead, RecordRead } from './gaps/gap-work.js';
import { resolveGaps, type ResolveGapsOptions } from './resolve-gaps.js';

interface Lead {
  Name: string;
  LastModifiedDate?: number | string | Date | null;
}

type Event = ChangeEvent<Lead>;
type Read = GapRead<Lead>;

const SECOND = 1_000;

/** An event of a record, committed in a second. */
const event = (changeType: ChangeType, id: string | string[], second = 0, more: ChangeEventFields<Lead> = {}): Event =>
  changeEvent<Lead>({
    entityName: 'Lead',
    changeType,
    recordIds: typeof id === 'string' ? [id] : id,
    commitTimestamp: second * SECOND,
    data: {},
    ...more,
  });

/** A record that was modified in a second. */
const lead = (Name: string, second = 0): Lead => ({ Name, LastModifiedDate: second * SECOND });

const snapshot = (gap: Event, id: string, data: Lead): Event => ({
  ...gap,
  header: { ...gap.header, changeType: 'SNAPSHOT', recordIds: [id] },
  data,
});
const deletion = (gap: Event, ids: string[]): Event => ({
  ...gap,
  header: { ...gap.header, changeType: 'DELETE', recordIds: ids },
});
const withIds = (whole: Event, ids: string[]): Event => ({ ...whole, header: { ...whole.header, recordIds: ids } });

const onOverflow = () => EMPTY;
/** The times of these tests are seconds apart, and of one clock. */
const clockToleranceMs = 0;
const notCalled = (): never => expect.fail('is called');

/** Reads that take a time and give a record. */
const reads = (ms: number, record: Lead) => () => timer(ms).pipe(map(() => record));

/** In short: what came, of which records. */
const brief = ({ header }: Event) => `${header.changeType} ${header.recordIds.join()}`;

const G = event('GAP_UPDATE', '1');
const U = event('UPDATE', '2');
const V = event('UPDATE', '1');
const S = lead('s');

describe('resolveGaps', () => {
  it('does what its diagram shows', () => {
    runDiagram('resolve-gaps.ts', resolveGaps<Lead>(reads(8, S), { onOverflow, clockToleranceMs }), {
      source: { g: G, u: U, v: V },
      result: { s: snapshot(G, '1', S), u: U, v: V },
    });
  });

  it('drops what a record contains, though another partition of the log is far ahead', () => {
    const origin = ReplayId.fromBytes(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1));
    const logged = (given: Event): Event => ({ ...given, origin });
    const [gap, ahead, contained, after] = [
      event('GAP_UPDATE', '1', 10),
      event('UPDATE', '2', 7_200),
      event('UPDATE', '1', 20),
      event('UPDATE', '1', 40),
    ].map(logged);
    const seen: string[] = [];
    of(gap!, ahead!, contained!, after!)
      .pipe(resolveGaps<Lead>(() => of(lead('s', 30)), { onOverflow, clockToleranceMs }))
      .subscribe((each) => seen.push(brief(each)));
    expect(seen).to.deep.equal(['SNAPSHOT 1', 'UPDATE 2', 'UPDATE 1']);
  });

  const values = { g: G, u: U, v: V, s: snapshot(G, '1', S) };
  const cases: [string, string, string, string][] = [
    ['never', '----', '----', '^'],
    ['an empty source', '--|', '--|', '^-!'],
    ['a change', '-u-|', '-u-|', '^--!'],
    ['a gap', '-g----|', '----s-|', '^-----!'],
    ['changes of its own record and of others', '-guv-----u|', '--u-(sv)-u|', '^---------!'],
    ['many at once', '-(gu)----|', '-u--s----|', '^--------!'],
    ['work left at the completion', '-gv|', '----(sv|)', '^--!'],
    ['an error', '-u--#', '-u--#', '^---!'],
    ['an error while a record is read', '-gv#', '---#', '^--!'],
  ];
  for (const [what, source, result, subscription] of cases) {
    it(`reads the record of a gap, and passes on the rest, with ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold(source, values);
        expectObservable(input.pipe(resolveGaps(reads(3, S), { onOverflow, clockToleranceMs }))).toBe(result, values);
        expectSubscriptions(input.subscriptions).toBe(subscription);
      });
    });
  }

  it('passes on changes of other records, and holds back those of its own, with many more at once', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const input = cold('-(guvu)-------|', values);
      expectObservable(input.pipe(resolveGaps(reads(9, S), { onOverflow, clockToleranceMs }))).toBe(
        '-(uu)-----(sv)|',
        values,
      );
      expectSubscriptions(input.subscriptions).toBe('^-------------!');
    });
  });

  it('unsubscribes from its source and its reads, when unsubscribed', () => {
    runMarbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot('-g-u-v', values);
      const read = cold<Lead>('-----x');
      const stream = source.pipe(resolveGaps<Lead>(() => read, { onOverflow, clockToleranceMs }));
      expectObservable(stream, '^---!').toBe('---u-', values);
      expectSubscriptions(source.subscriptions).toBe('^---!');
      expectSubscriptions(read.subscriptions).toBe('-^--!');
    });
  });

  it('shares nothing between two subscriptions', () => {
    runMarbles(({ cold, expectObservable }) => {
      const resolved = cold('gu|', values).pipe(
        resolveGaps(reads(3, S), { onOverflow, clockToleranceMs, concurrency: 1 }),
      );
      expectObservable(resolved).toBe('-u-(s|)', values);
      expectObservable(resolved, '-^').toBe('--u-(s|)', values);
    });
  });

  it('ends a source that emits without end inside subscribe(), when a taker is full', () => {
    for (const endless of [U, G]) {
      const seen: Event[] = [];
      range(0, Infinity)
        .pipe(
          map(() => endless),
          resolveGaps<Lead>(() => [S], { onOverflow, clockToleranceMs }),
          take(3),
        )
        .subscribe((each) => seen.push(each));
      expect(seen).to.have.length(3);
    }
  });

  it('does 20,000 events that wait for one, without growing the stack', () => {
    const gate = new Subject<Lead>();
    const waiting = range(0, 20_000).pipe(map((index) => (index % 2 === 0 ? V : G)));
    let count = 0;
    let isFirst = true;
    const fetchRecord = () => {
      const wasFirst = isFirst;
      isFirst = false;
      return wasFirst ? gate : of(S);
    };
    concat(of(G), waiting)
      .pipe(resolveGaps<Lead>(fetchRecord, { onOverflow, clockToleranceMs, concurrency: 1 }))
      .subscribe(() => count++);
    expect(count).to.equal(0);
    gate.next(S);
    expect(count).to.equal(20_001);
  });

  for (const options of [
    { concurrency: 0 },
    { maxStaleRetries: -1 },
    { maxStaleRetries: Infinity },
    { staleDelayMs: -1 },
    { staleDelayMs: Infinity },
  ]) {
    it(`refuses ${Object.keys(options).join()} ${Object.values(options).join()}`, () => {
      expect(() => resolveGaps(notCalled, { onOverflow, clockToleranceMs, ...options })).to.throw(
        ConfigurationError,
        'resolveGaps()',
      );
    });
  }

  describe('a gap', () => {
    /** What comes of events that come at once, with reads that are done at once. */
    const resolved = (
      events: readonly Event[],
      fetchRecord: (read: Read) => ObservableInput<Lead | null | undefined>,
      options: Partial<ResolveGapsOptions<Lead>> = {},
    ) => {
      const seen: Event[] = [];
      of(...events)
        .pipe(resolveGaps<Lead>(fetchRecord, { onOverflow, clockToleranceMs, maxStaleRetries: 0, ...options }))
        .subscribe((each) => seen.push(each));
      return seen;
    };

    for (const changeType of ['GAP_CREATE', 'GAP_UPDATE', 'GAP_UNDELETE'] satisfies ChangeType[]) {
      it(`becomes the record as it is read, and keeps the rest of the ${changeType}`, () => {
        const gap = event(changeType, '1', 3, { transactionKey: 'tx', changeOrigin: 'x' });
        const asked: Read[] = [];
        const seen = resolved([gap], (read) => {
          asked.push(read);
          return [S, lead('never')];
        });
        expect(asked).to.deep.equal([{ entityName: 'Lead', recordId: '1', event: gap }]);
        expect(seen).to.deep.equal([snapshot(gap, '1', S)]);
      });
    }

    it('carries what its delivery is known by', () => {
      const mark = Symbol.for('@rxforce/core/delivery/2');
      const [change] = resolved([{ ...G, [mark]: undefined } as Event], () => [S]);
      expect(Object.getOwnPropertySymbols(change)).to.deep.equal([mark]);
    });

    it('becomes an event for each of its records, as each is read', () => {
      runMarbles(({ cold, expectObservable }) => {
        const gap = event('GAP_UPDATE', ['1', '2', '3', '1']);
        const times: Record<string, number> = { 1: 5, 2: 2, 3: 8 };
        const fetchRecord = ({ recordId }: Read) => reads(times[recordId]!, lead(recordId))();
        expectObservable(cold('g|', { g: gap }).pipe(resolveGaps(fetchRecord, { onOverflow, clockToleranceMs }))).toBe(
          '--b--a--(c|)',
          {
            a: snapshot(gap, '1', lead('1')),
            b: snapshot(gap, '2', lead('2')),
            c: snapshot(gap, '3', lead('3')),
          },
        );
      });
    });

    it('becomes a DELETE, where the record is gone', () => {
      const gap = event('GAP_UPDATE', '1', 0, { data: { LastModifiedDate: null } });
      for (const gone of [[], [null], [undefined]]) {
        expect(resolved([gap], () => gone)).to.deep.equal([deletion(gap, ['1'])]);
      }
    });

    it('becomes a DELETE without reading, where it is a GAP_DELETE', () => {
      const gap = event('GAP_DELETE', ['1', '2']);
      expect(resolved([gap], notCalled)).to.deep.equal([deletion(gap, ['1', '2'])]);
    });

    it('takes promises', async () => {
      const seen = await new Promise((resolve) => {
        of(G)
          .pipe(resolveGaps<Lead>(() => Promise.resolve(S), { onOverflow, clockToleranceMs }))
          .subscribe(resolve);
      });
      expect(seen).to.deep.equal(snapshot(G, '1', S));
    });

    it('is read with no more others than said, in order', () => {
      runMarbles(({ cold, expectObservable }) => {
        const gaps = { a: event('GAP_UPDATE', ['1', '2']), b: event('GAP_UPDATE', ['3', '4']) };
        const resolvedBriefly = (options: Partial<ResolveGapsOptions<Lead>>) =>
          cold('(ab)', gaps).pipe(
            resolveGaps<Lead>(reads(6, S), { onOverflow, clockToleranceMs, ...options }),
            map(({ header }) => header.recordIds[0]),
          );
        expectObservable(resolvedBriefly({ concurrency: 1 })).toBe('6ms 1 5ms 2 5ms 3 5ms 4');
        expectObservable(resolvedBriefly({ concurrency: 3 })).toBe('6ms (123)-4');
        expectObservable(resolvedBriefly({ concurrency: Infinity })).toBe('6ms (1234)');
        expectObservable(resolvedBriefly({})).toBe('6ms (1234)');
        const more = cold('g', { g: event('GAP_UPDATE', ['1', '2', '3', '4', '5']) });
        const four = more.pipe(resolveGaps<Lead>(reads(6, S), { onOverflow, clockToleranceMs }));
        expectObservable(four.pipe(map(({ header }) => header.recordIds[0]))).toBe('6ms (1234)5');
      });
    });

    it('errors with what fetchRecord or lastModifiedOf throws or errors with, and settles nothing that waits', () => {
      const failure = new Error('no');
      const throws = (): never => {
        throw failure;
      };
      const failing: [(read: Read) => ObservableInput<Lead>, Partial<ResolveGapsOptions<Lead>>][] = [
        [throws, {}],
        [() => throwError(() => failure), {}],
        [() => timer(1).pipe(map(throws)), {}],
        [() => [S], { lastModifiedOf: throws }],
      ];
      for (const [fetchRecord, options] of failing) {
        let error: unknown;
        runMarbles(({ cold, flush, scheduler, expectSubscriptions }) => {
          const input = cold('(gv)', values);
          const source = delivered(input, scheduler);
          source.values.pipe(resolveGaps(fetchRecord, { onOverflow, clockToleranceMs, ...options })).subscribe({
            error: (thrown: unknown) => (error = thrown),
          });
          flush();
          expect(source.settled).to.deep.equal([]);
          expectSubscriptions(input.subscriptions).toBe(fetchRecord === failing[2]![0] ? '^!' : '(^!)');
        });
        expect(error).to.equal(failure);
      }
    });
  });

  describe('a dirty record', () => {
    it('has an event dropped only where clocks cannot have made it seem older, by default', () => {
      const seen: string[] = [];
      const events = [event('GAP_UPDATE', '1', 1), event('UPDATE', '1', 21), event('UPDATE', '1', 22)];
      runMarbles(({ cold, flush }) => {
        cold('a')
          .pipe(
            concatMap(() => events),
            resolveGaps<Lead>(() => timer(9).pipe(map(() => lead('s', 30))), { onOverflow }),
          )
          .subscribe((each) => seen.push(`${brief(each)} ${each.header.commitTimestamp}`));
        flush();
      });
      expect(seen).to.deep.equal(['SNAPSHOT 1 1000', 'UPDATE 1 22000']);
    });

    /** What comes once all was read, of events that come at once. */
    const after = (events: readonly Event[], record: Lead | null, options: Partial<ResolveGapsOptions<Lead>> = {}) => {
      const seen: Event[] = [];
      runMarbles(({ cold, flush }) => {
        const source = cold('a').pipe(concatMap(() => events));
        source
          .pipe(
            resolveGaps<Lead>(() => timer(9).pipe(map(() => record)), {
              onOverflow,
              clockToleranceMs,
              maxStaleRetries: 0,
              ...options,
            }),
          )
          .subscribe((each) => seen.push(each));
        flush();
      });
      return seen;
    };

    it('has the events dropped that it contains: those committed in an earlier second than it was modified', () => {
      const [one, two, three] = [2, 3, 4].map((second) => event('UPDATE', '1', second));
      const seen = after([event('GAP_UPDATE', '1', 1), one!, two!, three!], lead('s', 3));
      expect(seen).to.have.length(3);
      expect(seen[1]).to.equal(two);
      expect(seen[2]).to.equal(three);
    });

    for (const changeType of [
      'CREATE',
      'UPDATE',
      'DELETE',
      'UNDELETE',
      'GAP_DELETE',
      'GAP_UPDATE',
    ] satisfies ChangeType[]) {
      it(`contains a ${changeType}, too, and it is not read again`, () => {
        let count = 0;
        const lastModifiedOf = (record: Partial<Lead>) => (count++, record.LastModifiedDate as number);
        const seen = after([event('GAP_UPDATE', '1', 1), event(changeType, '1', 2)], lead('s', 3), { lastModifiedOf });
        expect(seen.map(brief)).to.deep.equal(['SNAPSHOT 1']);
        expect(count).to.equal(1);
      });
    }

    for (const [how, LastModifiedDate] of [
      ['milliseconds', 3 * SECOND],
      ['an ISO text', '1970-01-01T00:00:03Z'],
      ['the text of the REST API', '1970-01-01T00:00:03.000+0000'],
      ['a Date', new Date(3 * SECOND)],
    ] as const) {
      it(`says in ${how} when it was modified`, () => {
        const events = [event('GAP_UPDATE', '1', 1), event('UPDATE', '1', 2), event('UPDATE', '1', 3)];
        expect(after(events, { Name: 's', LastModifiedDate }).slice(1)).to.deep.equal([events[2]]);
      });
    }

    it('says in another field when it was modified', () => {
      const events = [event('GAP_UPDATE', '1', 1), event('UPDATE', '1', 2), event('UPDATE', '1', 3)];
      const lastModifiedOf = ({ Name }: Partial<Lead>) => Name;
      expect(after(events, { Name: '1970-01-01T00:00:03Z' }, { lastModifiedOf }).slice(1)).to.deep.equal([events[2]]);
    });

    for (const LastModifiedDate of [undefined, null, 'soon']) {
      it(`has all events passed on, when it was modified at "${String(LastModifiedDate)}"`, () => {
        const events = [event('GAP_UPDATE', '1', 1), event('UPDATE', '1', 2)];
        const record = LastModifiedDate === undefined ? { Name: 's' } : { Name: 's', LastModifiedDate };
        expect(after(events, record).slice(1)).to.deep.equal([events[1]]);
      });
    }

    it('has all events passed on, when it is gone', () => {
      const events = [event('UPDATE', '1', 2), event('DELETE', '1', 3), event('UNDELETE', '1', 4)];
      expect(after([event('GAP_UPDATE', '1', 1), ...events], null).slice(1)).to.deep.equal(events);
    });

    it('is read again for a second gap, unless the first read contains it', () => {
      for (const [second, count] of [
        [2, 1],
        [3, 2],
        [4, 2],
      ] as const) {
        const seen = after([event('GAP_UPDATE', '1', 1), event('GAP_UPDATE', '1', second)], lead('s', 3));
        expect(seen.map(brief)).to.deep.equal(Array.from({ length: count }, () => 'SNAPSHOT 1'));
      }
    });

    it('lets a merged event wait as a whole, which comes without the records that contain it', () => {
      const merged = event('UPDATE', ['1', '2', '3'], 2);
      const gaps = [event('GAP_UPDATE', '1', 1), event('GAP_UPDATE', '2', 1)];
      const fetchRecord = ({ recordId }: Read) =>
        recordId === '1' ? reads(4, lead('1', 3))() : reads(8, lead('2', 2))();
      runMarbles(({ cold, expectObservable }) => {
        const input = cold('(ghmx)', { g: gaps[0]!, h: gaps[1]!, m: merged, x: event('UPDATE', '3', 2) });
        const resolved = input.pipe(resolveGaps<Lead>(fetchRecord, { onOverflow, clockToleranceMs }), map(brief));
        expectObservable(resolved).toBe('4ms a 3ms (bmx)', {
          a: 'SNAPSHOT 1',
          b: 'SNAPSHOT 2',
          m: 'UPDATE 2,3',
          x: 'UPDATE 3',
        });
      });
    });

    it('contains a merged event as a whole, when each of its records does', () => {
      const merged = event('UPDATE', ['1', '2'], 2);
      expect(after([event('GAP_UPDATE', ['1', '2'], 1), merged], lead('s', 3)).map(brief)).to.deep.equal([
        'SNAPSHOT 1',
        'SNAPSHOT 2',
      ]);
    });

    it('contains what comes later and is older, and what is newer not', () => {
      const events = {
        g: event('GAP_UPDATE', '1', 1),
        a: event('UPDATE', '1', 2),
        b: event('UPDATE', ['1', '2'], 3),
        c: event('UPDATE', '1', 4),
        d: event('UPDATE', '1', 5),
      };
      runMarbles(({ cold, expectObservable }) => {
        const resolved = cold('g-a-b-c-d', events).pipe(
          resolveGaps<Lead>(() => [lead('s', 4)], { onOverflow, clockToleranceMs }),
        );
        expectObservable(resolved).toBe('s---b-c-d', {
          ...events,
          s: snapshot(events.g, '1', lead('s', 4)),
          b: withIds(events.b, ['2']),
        });
      });
    });

    it('is forgotten once the stream has come to when it was modified: what is older comes no more', () => {
      const events = {
        g: event('GAP_UPDATE', '1', 1),
        o: event('UPDATE', '2', 4),
        late: event('UPDATE', '1', 2),
      };
      runMarbles(({ cold, expectObservable }) => {
        const input = cold('gol', { g: events.g, o: events.o, l: events.late });
        expectObservable(
          input.pipe(
            resolveGaps<Lead>(() => [lead('s', 4)], { onOverflow, clockToleranceMs }),
            map(brief),
          ),
        ).toBe('sol', {
          s: 'SNAPSHOT 1',
          o: 'UPDATE 2',
          l: 'UPDATE 1',
        });
      });
    });

    it('contains what waits and is older, also when others brought the stream to its time', () => {
      const slow = event('GAP_UPDATE', '2', 1);
      const merged = event('UPDATE', ['1', '2'], 2);
      const fetchRecord = ({ recordId }: Read) => reads(recordId === '2' ? 9 : 0, lead(recordId, 3))();
      runMarbles(({ cold, expectObservable }) => {
        const input = cold('(gs)m-u', {
          g: event('GAP_UPDATE', '1', 1),
          s: slow,
          m: merged,
          u: event('UPDATE', '3', 7),
        });
        expectObservable(input.pipe(resolveGaps<Lead>(fetchRecord, { onOverflow, clockToleranceMs }), map(brief))).toBe(
          'a-----u--b',
          {
            a: 'SNAPSHOT 1',
            u: 'UPDATE 3',
            b: 'SNAPSHOT 2',
          },
        );
      });
    });

    it('is told apart from one of the same id in another object', () => {
      const other = event('UPDATE', '1', 0, { entityName: 'Account' });
      expect(after([G, other, V], S)).to.deep.equal([other, snapshot(G, '1', S), V]);
    });
  });

  describe('a stale read', () => {
    const gap = event('GAP_UPDATE', '1', 5);
    const options = { onOverflow, clockToleranceMs, staleDelayMs: 10 };
    /** Reads that take 2 and give one record after the other. */
    const inTurn = (...records: (Lead | null)[]) => {
      let count = 0;
      return () => timer(2).pipe(map(() => records[Math.min(count++, records.length - 1)]));
    };

    for (const [what, stale] of [
      ['older than the gap', lead('old', 4)],
      ['gone', null],
    ] as const) {
      it(`is made again, as often as said: a record that is ${what}`, () => {
        runMarbles(({ cold, expectObservable }) => {
          const resolved = (maxStaleRetries: number, ...records: (Lead | null)[]) =>
            cold('g|', { g: gap }).pipe(resolveGaps<Lead>(inTurn(...records), { ...options, maxStaleRetries }));
          const result = {
            f: snapshot(gap, '1', lead('new', 5)),
            s: stale ? snapshot(gap, '1', stale) : deletion(gap, ['1']),
          };
          expectObservable(resolved(2, stale, stale, lead('new', 5))).toBe('26ms (f|)', result);
          expectObservable(resolved(1, stale, stale, lead('new', 5))).toBe('14ms (s|)', result);
          expectObservable(resolved(0, stale)).toBe('--(s|)', result);
        });
      });
    }

    it('is made again twice after a second each, unless told otherwise', () => {
      runMarbles(({ cold, expectObservable }) => {
        const resolved = cold('g|', { g: gap }).pipe(
          resolveGaps<Lead>(inTurn(null), { onOverflow, clockToleranceMs }),
          map(brief),
        );
        expectObservable(resolved).toBe('2006ms (d|)', { d: 'DELETE 1' });
      });
    });

    it('is none, when it is of the second of the gap, or does not say', () => {
      for (const record of [lead('s', 5), lead('s', 6), { Name: 's' }]) {
        runMarbles(({ cold, expectObservable }) => {
          const resolved = cold('g|', { g: gap }).pipe(resolveGaps<Lead>(inTurn(record), options));
          expectObservable(resolved).toBe('--(s|)', { s: snapshot(gap, '1', record) });
        });
      }
    });

    it('keeps no other read waiting while it waits itself', () => {
      runMarbles(({ cold, expectObservable }) => {
        const fetchRecord = ({ recordId }: Read) => reads(2, lead(recordId, recordId === '1' ? 4 : 5))();
        const input = cold('g|', { g: event('GAP_UPDATE', ['1', '2'], 5) });
        const resolved = input.pipe(resolveGaps<Lead>(fetchRecord, { ...options, concurrency: 1, maxStaleRetries: 1 }));
        expectObservable(resolved.pipe(map(brief))).toBe('----b 9ms (a|)', { a: 'SNAPSHOT 1', b: 'SNAPSHOT 2' });
      });
    });

    it('waits no longer, when unsubscribed', () => {
      runMarbles(({ cold, expectObservable, flush, scheduler }) => {
        let count = 0;
        const fetchRecord = () => (count++, of(null));
        expectObservable(cold('g', { g: gap }).pipe(resolveGaps<Lead>(fetchRecord, options)), '^---!').toBe('');
        flush();
        expect([count, scheduler.now() < 10]).to.deep.equal([1, true]);
      });
    });
  });

  describe('what is about all records of an object', () => {
    const overflow = event('GAP_OVERFLOW', '000000000000000AAA', 7);
    const wildcard = event('UPDATE', '00Q*', 7, { changedFields: ['Name'], nulledFields: ['Name'] });
    const gapOfAll = event('GAP_UPDATE', '00Q*', 7);

    for (const [what, about] of [
      ['an overflow', overflow],
      ['a wildcard', wildcard],
      ['a gap with a wildcard', gapOfAll],
    ] as const) {
      it(`is handed to onOverflow, and its object's events wait for it: ${what}`, () => {
        const asked: EntityRead<Lead>[] = [];
        runMarbles(({ cold, expectObservable }) => {
          const other = event('UPDATE', '1', 0, { entityName: 'Account' });
          const input = cold('(xuav)', { ...values, x: about, a: other });
          const reload = (read: EntityRead<Lead>) => {
            asked.push(read);
            return cold<never>('-----|');
          };
          expectObservable(input.pipe(resolveGaps<Lead>(notCalled, { onOverflow: reload, clockToleranceMs }))).toBe(
            'a----(uv)',
            {
              ...values,
              a: other,
            },
          );
        });
        const { replayId } = about;
        expect(asked).to.deep.equal([{ entityName: 'Lead', since: 7 * SECOND, replayId, event: about }]);
      });
    }

    it('waits for what is under way for its object, and what waits for that', () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const account = event('GAP_UPDATE', '9', 0, { entityName: 'Account' });
        const reload = cold<never>('----|');
        const fetchRecord = ({ recordId }: Read) => reads(recordId === '9' ? 20 : 4, S)();
        const input = cold('(agvxu)', { ...values, a: account, x: overflow });
        const resolved = input.pipe(resolveGaps<Lead>(fetchRecord, { onOverflow: () => reload }));
        expectObservable(resolved.pipe(map(brief))).toBe('4ms (sv)u 11ms a', {
          s: 'SNAPSHOT 1',
          v: 'UPDATE 1',
          u: 'UPDATE 2',
          a: 'SNAPSHOT 9',
        });
        expectSubscriptions(reload.subscriptions).toBe('----^---!');
      });
    });

    it('has the records that are read passed on, and what they contain dropped', () => {
      runMarbles(({ cold, expectObservable }) => {
        const events = {
          x: overflow,
          o: event('UPDATE', ['1', '2'], 8),
          u: event('UPDATE', '3', 8),
          l: event('UPDATE', '1', 8),
          n: event('UPDATE', '1', 9),
        };
        const reload = () =>
          cold<RecordRead<Lead>>('-a-b-c|', {
            a: { recordId: '1', record: lead('1', 9) },
            b: { recordId: '2', record: null },
            c: { recordId: '3', record: undefined },
          });
        const resolved = cold('(xou)-l---n', events).pipe(
          resolveGaps<Lead>(notCalled, { onOverflow: reload, clockToleranceMs }),
        );
        expectObservable(resolved).toBe('-a-b-c(ou)n', {
          a: snapshot(overflow, '1', lead('1', 9)),
          b: deletion(overflow, ['2']),
          c: deletion(overflow, ['3']),
          o: withIds(events.o, ['2']),
          u: events.u,
          n: events.n,
        });
      });
    });

    it('is done with, when a promise without a value is', async () => {
      const seen = await new Promise((resolve) => {
        of(overflow, V)
          .pipe(resolveGaps<Lead>(notCalled, { onOverflow: async () => Promise.resolve() }), toArray())
          .subscribe(resolve);
      });
      expect(seen).to.deep.equal([V]);
    });

    it('is read one after the other, where there are several', () => {
      runMarbles(({ cold, expectSubscriptions, expectObservable }) => {
        const works = [cold<never>('---|'), cold<never>('--|')];
        const left = [...works];
        const input = cold('(xw)u|', { ...values, x: overflow, w: wildcard });
        expectObservable(input.pipe(resolveGaps<Lead>(notCalled, { onOverflow: () => left.shift()! }))).toBe(
          '-----(u|)',
          values,
        );
        expectSubscriptions(works[0]!.subscriptions).toBe('^--!');
        expectSubscriptions(works[1]!.subscriptions).toBe('---^-!');
      });
    });

    it('errors with what onOverflow throws or errors with, and settles nothing that waits', () => {
      const failure = new Error('no');
      const throws = (): never => {
        throw failure;
      };
      for (const reload of [throws, () => throwError(() => failure)]) {
        let error: unknown;
        runMarbles(({ cold, flush, scheduler }) => {
          const source = delivered(cold('(xv)', { ...values, x: overflow }), scheduler);
          source.values
            .pipe(resolveGaps<Lead>(notCalled, { onOverflow: reload, clockToleranceMs }))
            .subscribe({ error: (thrown: unknown) => (error = thrown) });
          flush();
          expect(source.settled).to.deep.equal([]);
        });
        expect(error).to.equal(failure);
      }
    });

    it('is read no longer, when unsubscribed', () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const reload = cold<never>('-----|');
        expectObservable(
          cold('x', { x: overflow }).pipe(resolveGaps<Lead>(notCalled, { onOverflow: () => reload })),
          '^--!',
        ).toBe('');
        expectSubscriptions(reload.subscriptions).toBe('^--!');
      });
    });
  });

  describe('deliveries', () => {
    const settlements = (
      marbles: string,
      events: Record<string, Event>,
      fetchRecord: (read: Read) => ObservableInput<Lead | null>,
      onOverflowGiven: () => ObservableInput<RecordRead<Lead>> = onOverflow,
      downstream: (source: Observable<Event>) => Observable<unknown> = (source) => source,
    ) => {
      const at: Record<string, number> = {};
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot(marbles, events), scheduler);
        downstream(
          source.values.pipe(resolveGaps<Lead>(fetchRecord, { onOverflow: onOverflowGiven, maxStaleRetries: 0 })),
        ).subscribe();
        flush();
        for (const { value, at: time } of source.settled) {
          const [name] = Object.entries(events).find(([, each]) => each === value)!;
          at[name] = time;
        }
      });
      return at;
    };

    it('are settled when they were passed on or dropped, a gap when all its records were', () => {
      const events = {
        g: event('GAP_UPDATE', ['1', '2'], 1),
        o: event('UPDATE', '1', 2),
        n: event('UPDATE', '1', 4),
        u: event('UPDATE', '9', 2),
      };
      const fetchRecord = ({ recordId }: Read) => reads(recordId === '1' ? 4 : 8, lead('s', 3))();
      expect(settlements('gonu', events, fetchRecord)).to.deep.equal({ u: 3, g: 8, o: 8, n: 8 });
    });

    it('are settled when onOverflow completes, or a later event is dropped', () => {
      const events = {
        x: event('GAP_OVERFLOW', '000000000000000AAA', 1),
        v: V,
        g: event('GAP_UPDATE', '1', 1),
        o: event('UPDATE', '1', 2),
      };
      const reload = () => timer(5).pipe(ignoreElements());
      expect(settlements('xv-----go', events, () => [lead('s', 3)], reload)).to.deep.equal({ x: 5, v: 5, g: 7, o: 8 });
    });

    it('go with what is emitted, so that the next operator holds them', () => {
      const keep = (source: Observable<Event>) =>
        source.pipe(
          map(brief),
          handle(() => timer(10)),
        );
      expect(settlements('gv', { g: G, v: V }, reads(4, S), onOverflow, keep)).to.deep.equal({ g: 14, v: 24 });
    });

    it('are not settled, when the subscriber is closed by what is emitted', () => {
      for (const marbles of ['g', 'u', 'gv']) {
        const full = (source: Observable<Event>) => source.pipe(take(marbles.length));
        const settled = settlements(marbles, { g: G, u: U, v: V }, reads(4, S), onOverflow, full);
        expect(settled).to.deep.equal(marbles === 'gv' ? { g: 4 } : {});
      }
    });

    it('of a gap of several records are not settled, when one of them closes the subscriber', () => {
      const g = event('GAP_UPDATE', ['1', '2']);
      for (const fetchRecord of [reads(4, S), () => [S]]) {
        expect(settlements('g', { g }, fetchRecord, onOverflow, (source) => source.pipe(take(1)))).to.deep.equal({});
      }
    });

    it('are not settled, when the work is unsubscribed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('gv', values), scheduler);
        const subscription = source.values
          .pipe(resolveGaps<Lead>(() => NEVER, { onOverflow, clockToleranceMs }))
          .subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 9);
        flush();
        expect(source.unsettled()).to.deep.equal([G, V]);
      });
    });

    it('fail their subscription, when the work is unsubscribed and the subscription goes on', () => {
      let error: unknown;
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('gv', values), scheduler);
        const shared = new Subject<Event>();
        source.values.subscribe({ next: (each) => shared.next(each), error: (thrown: unknown) => (error = thrown) });
        const subscription = shared.pipe(resolveGaps<Lead>(() => NEVER, { onOverflow, clockToleranceMs })).subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 9);
        flush();
      });
      expect(error).to.be.instanceOf(DeliveryFailedError);
    });

    it('are not worked on, when to hold one ends the subscription, as an early settlement does', () => {
      const source = new Subject<Event>();
      const subscription = source.pipe(resolveGaps<Lead>(notCalled, { onOverflow: notCalled })).subscribe();
      const settledEarly = {
        ended: () => true,
        covers: () => false,
        reportEarlySettlement: () => subscription.unsubscribe(),
      };
      source.next({ ...G, [Symbol.for('@rxforce/core/delivery/2')]: settledEarly });
      expect(subscription.closed).to.equal(true);
    });
  });

  describe('with any changes, gaps, overflows and delays', () => {
    const IDS = ['1', '2', '3'];
    const step = (at: fc.Arbitrary<number>): fc.Arbitrary<ModelStep> =>
      fc.record({
        at,
        ids: fc.uniqueArray(fc.constantFrom(...IDS), { minLength: 1 }),
        change: fc.constantFrom('update', 'update', 'update', 'delete', 'undelete'),
        field: fc.constantFrom('A', 'B'),
        told: fc.constantFrom('as it is', 'as it is', 'as it is', 'as a gap', 'as a gap', 'as an overflow'),
      });
    const delays = fc.array(fc.nat(4_000), { minLength: 1, maxLength: 8 });
    const world = (steps: fc.Arbitrary<ModelStep[]>, replicaLagMs: fc.Arbitrary<number>) =>
      fc.record({
        steps,
        replicaLagMs,
        /** How long each event is on its way. */
        streamDelays: delays,
        /** How long each read takes, and when within that time the record is looked up. */
        readDelays: fc.array(fc.tuple(fc.nat(3_000), fc.nat(3_000)), { minLength: 1, maxLength: 8 }),
        concurrency: fc.constantFrom(1, 2, Infinity),
        /** Whether what is read for an overflow is passed on, or put into the table. */
        passesOn: fc.boolean(),
      });

    type World = typeof world extends (...args: never[]) => fc.Arbitrary<infer W> ? W : never;

    /** Runs the stream through `resolveGaps` into a table, and compares the table with the org. */
    const check = ({ steps, replicaLagMs, streamDelays, readDelays, concurrency, passesOn }: World) =>
      runMarbles(({ scheduler, flush }) => {
        const org = new ModelOrg('Lead', IDS);
        [...steps].sort((a, b) => a.at - b.at).forEach((each) => org.do(each));
        let reading = 0;
        const read = <R>(look: (time: number) => R) => {
          const [before, behind] = readDelays[reading++ % readDelays.length]!;
          const looked = timer(before).pipe(map(() => look(scheduler.now() - replicaLagMs)));
          return looked.pipe(concatMap((found) => timer(behind).pipe(map(() => found))));
        };
        let time = 0;
        const arrivals = org.events.map(({ at, event: each }, index) => {
          time = Math.max(time, at + streamDelays[index % streamDelays.length]!);
          return timer(time).pipe(map(() => each));
        });
        const source = delivered(merge(...arrivals), scheduler);
        const table = new Map<string, Partial<ModelRecord>>();
        const put = (id: string, record: Partial<ModelRecord> | undefined) => {
          if (record) table.set(id, record);
          else table.delete(id);
        };
        const seen: ChangeEvent<ModelRecord>[] = [];
        const resolved = source.values.pipe(
          resolveGaps<ModelRecord>(({ recordId }) => read((at) => org.recordAt(recordId, at)), {
            concurrency,
            staleDelayMs: 2_500,
            onOverflow: () => {
              const found = read((at) => IDS.map((recordId) => ({ recordId, record: org.recordAt(recordId, at) })));
              if (passesOn) return found.pipe(concatMap((records) => records));
              return found.pipe(map((records) => records.forEach(({ recordId, record }) => put(recordId, record))));
            },
          }),
        );
        let end: unknown;
        resolved.subscribe({
          next: (each) => {
            seen.push(each);
            for (const id of each.header.recordIds) {
              const record = applyChange(table.get(id), each);
              if (record.err) throw record.val;
              put(id, record.val);
            }
          },
          error: (error: unknown) => (end = error),
          complete: () => (end = 'complete'),
        });
        flush();
        expect(end).to.equal('complete');
        const events = org.events.map(({ event: each }) => each);
        expect(source.settled).to.have.length(events.length);
        expect(source.unsettled()).to.deep.equal([]);
        for (const id of IDS) {
          expect(table.get(id)).to.deep.equal(org.recordAt(id, Infinity));
          const order = seen
            .filter(({ header }) => header.recordIds.includes(id))
            .map((each) => events.findIndex((other) => other.id === each.id));
          expect(order).to.deep.equal([...new Set(order)].sort((a, b) => a - b));
        }
      });

    it('gives the true records in the end, settles each event once, and keeps the order of each record', () => {
      const steps = fc.array(step(fc.integer({ min: 1, max: 12_000 })), { maxLength: 25 });
      fc.assert(fc.property(world(steps, fc.constant(0)), check), { numRuns: 500 });
    });

    it('does so where reads lag, as long as the retries outlast the lag', () => {
      // One change a second: what a read of the same second lacks cannot be told.
      const times = fc.uniqueArray(fc.integer({ min: 1, max: 25 }), { maxLength: 20 });
      const steps = times.chain((seconds) =>
        fc.tuple(...seconds.map((second) => step(fc.constant(second * SECOND)))).map((all) =>
          // An overflow is read once: how far back is for its reader to know.
          all.map((each) => (each.told === 'as an overflow' ? { ...each, told: 'as a gap' as const } : each)),
        ),
      );
      fc.assert(fc.property(world(steps, fc.nat(5_000)), check), { numRuns: 500 });
    });
  });
});
