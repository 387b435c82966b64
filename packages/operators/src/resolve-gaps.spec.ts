import { expect } from 'chai';
import { concat, map, of, range, Subject, take, throwError, timer, type ObservableInput } from 'rxjs';
import { ConfigurationError, ReplayId, type ChangeType } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { resolveGaps, type ResolveGapsOptions } from './resolve-gaps.js';
import {
  brief,
  clockToleranceMs,
  deletion,
  type Event,
  event,
  G,
  type Lead,
  lead,
  notCalled,
  onOverflow,
  type Read,
  reads,
  S,
  snapshot,
  U,
  V,
  values,
} from '../test/support/gap-events.js';

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
      const mark = Symbol.for('@rxforce/core/delivery/3');
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
});
