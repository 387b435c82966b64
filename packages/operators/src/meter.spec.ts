import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import {
  concatMap,
  connect,
  delay,
  ignoreElements,
  map,
  merge,
  NEVER,
  of,
  range,
  Subject,
  Subscription,
  take,
  takeUntil,
  tap,
  throwError,
  timer,
  VirtualTimeScheduler,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { hold } from '@rxforce/core/delivery';
import { ConfigurationError, DeliveryFailedError, type ChangeEvent } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles, type MarbleHelpers } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { handle } from './handle.js';
import { meter, type MeterSnapshot } from './meter.js';

const NOTHING = { received: 0, settled: 0, unsettled: 0, errors: 0 };

describe('meter', () => {
  it('does what its diagram shows', () => runDiagram('meter.ts', meter().measure));

  const cases: [string, string, string][] = [
    ['never', '-----', '^'],
    ['an empty source', '--|', '^-!'],
    ['one', '-a-|', '^--!'],
    ['many', '-a-b-c-', '^'],
    ['many at once', '-(abc)-|', '^------!'],
    ['an error', '-a-#', '^--!'],
  ];
  for (const [what, source, subscription] of cases) {
    it(`passes everything on at once, with ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold(source);
        expectObservable(input.pipe(meter().measure)).toBe(source);
        expectSubscriptions(input.subscriptions).toBe(subscription);
      });
    });
  }

  it('unsubscribes from its source, when unsubscribed', () => {
    runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c');
      expectObservable(source.pipe(meter().measure), '^--!').toBe('-a--');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  it('ends a source that emits without end inside subscribe(), when a taker is full', () => {
    const seen: number[] = [];
    range(0, Infinity)
      .pipe(meter().measure, take(2))
      .subscribe((value) => seen.push(value));
    expect(seen).to.deep.equal([0, 1]);
  });

  it('keeps the type of what it measures', () => {
    const { measure } = meter<ChangeEvent>();
    const events: ChangeEvent<{ readonly Age: number }>[] = [];
    of(changeEvent<{ readonly Age: number }>())
      .pipe(measure)
      .subscribe((event) => events.push(event));
    expect(events).to.have.length(1);
  });

  describe('snapshots$', () => {
    it('emits once in an interval, while it is subscribed to, whether anything is measured or not', () => {
      runMarbles(({ expectObservable }) => {
        const { snapshots$ } = meter({ intervalMs: 3 });
        const at = snapshots$.pipe(map((snapshot) => snapshot.at));
        expectObservable(at, '^-------!').toBe('---a--b--', { a: 3, b: 6 });
        expectObservable(at, '-^------!').toBe('----a--b-', { a: 4, b: 7 });
      });
    });

    it('tells what was counted in each interval, and in all', () => {
      runMarbles(({ hot, expectObservable, scheduler }) => {
        const { measure, snapshots$ } = meter({ intervalMs: 10 });
        const source = delivered(hot('-ab 10ms c 8ms #'), scheduler);
        source.values
          .pipe(
            measure,
            handle(() => timer(4)),
          )
          .subscribe({ error: () => undefined });
        const lagMs = undefined;
        const first = {
          at: 10,
          ...NOTHING,
          received: 2,
          settled: 2,
          receivedPerSecond: 200,
          settledPerSecond: 200,
          lagMs,
          inWork: 0,
        };
        const second = {
          at: 20,
          ...NOTHING,
          received: 1,
          settled: 1,
          receivedPerSecond: 100,
          settledPerSecond: 100,
          lagMs,
          inWork: 0,
        };
        const third = { at: 30, ...NOTHING, errors: 1, receivedPerSecond: 0, settledPerSecond: 0, lagMs, inWork: 0 };
        expectObservable(snapshots$, '^ 35ms !').toBe('10ms a 9ms b 9ms c', {
          a: { ...first, totals: { ...NOTHING, received: 2, settled: 2 } },
          b: { ...second, totals: { ...NOTHING, received: 3, settled: 3 } },
          c: { ...third, totals: { received: 3, settled: 3, unsettled: 0, errors: 1 } },
        });
      });
    });

    it('begins to count when it is subscribed to, but for the totals', () => {
      runMarbles(({ hot, expectObservable }) => {
        const { measure, snapshots$ } = meter({ intervalMs: 4 });
        hot('-a-b-c').pipe(measure).subscribe();
        const counts = snapshots$.pipe(map(({ received, totals }) => [received, totals.received]));
        expectObservable(counts, '--^----!').toBe('------a-', { a: [2, 3] });
        expectObservable(counts, '^--------!').toBe('----a---b', { a: [2, 2], b: [1, 3] });
      });
    });

    it('tells rates of an interval that was no time, as where the clock was set back', () => {
      const scheduler = new VirtualTimeScheduler();
      const snapshots: MeterSnapshot[] = [];
      const { measure, snapshots$ } = meter({ intervalMs: 10, scheduler });
      snapshots$.pipe(take(1)).subscribe((snapshot) => snapshots.push(snapshot));
      of(1, 2).pipe(measure).subscribe();
      scheduler.now = () => -5;
      scheduler.flush();
      expect(snapshots[0]).to.include({ at: -5, receivedPerSecond: 2_000, settledPerSecond: 2_000 });
    });

    it('keeps nothing of intervals that are over, nor of who has left', () => {
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc') as () => void;
      const heapUsed = () => {
        collect();
        return process.memoryUsage().heapUsed;
      };
      const { snapshots$ } = meter({ intervalMs: 1 });
      const before = heapUsed();
      runMarbles(({ flush }) => {
        snapshots$.pipe(take(30_000)).subscribe();
        flush();
      });
      expect(heapUsed() - before).to.be.at.most(1_500_000);
      for (let count = 0; count < 30_000; count++) snapshots$.subscribe().unsubscribe();
      expect(heapUsed() - before).to.be.at.most(1_500_000);
    });

    it('leaves no timer behind, when it is unsubscribed', () => {
      runMarbles(({ scheduler, flush }) => {
        const subscription = meter({ intervalMs: 3 }).snapshots$.subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 4);
        flush();
        expect(scheduler.now()).to.equal(4);
      });
    });
  });

  /** What a meter tells after `ms`. */
  function snapshotAfter(
    ms: number,
    start: (measure: <T>(source: Observable<T>) => Observable<T>, helpers: MarbleHelpers) => void,
  ): MeterSnapshot {
    let snapshot: MeterSnapshot | undefined;
    runMarbles((helpers) => {
      const { measure, snapshots$ } = meter({ intervalMs: ms });
      snapshots$.pipe(take(1)).subscribe((each) => (snapshot = each));
      start(measure, helpers);
      helpers.flush();
    });
    return snapshot!;
  }

  it('counts an event as settled when its work is done, not before', () => {
    const snapshot = snapshotAfter(9, (measure, { hot, scheduler }) => {
      delivered(hot('-ab'), scheduler)
        .values.pipe(
          measure,
          handle(() => timer(6)),
        )
        .subscribe();
    });
    expect(snapshot).to.deep.include({ ...NOTHING, received: 2, settled: 1, inWork: 1 });
  });

  it('counts an event as unsettled when it never will be settled', () => {
    const starts: Record<string, (events: Observable<ChangeEvent>) => Observable<unknown>> = {
      'work that fails': (events) => events.pipe(handle(() => throwError(() => new Error('no')))),
      'a taker that is full': (events) =>
        events.pipe(
          handle((value) => of(value)),
          take(1),
        ),
      'an unsubscribe': (events) =>
        events.pipe(
          handle(() => NEVER),
          takeUntil(timer(4)),
        ),
    };
    for (const [what, start] of Object.entries(starts)) {
      const snapshot = snapshotAfter(9, (measure, { hot, scheduler }) => {
        start(delivered(hot('-a', { a: changeEvent() }), scheduler).values.pipe(measure)).subscribe({
          error: () => undefined,
        });
      });
      expect(snapshot, what).to.deep.include({ ...NOTHING, received: 1, unsettled: 1, inWork: 0, lagMs: undefined });
    }
  });

  it('counts an event as settled once it was passed on, on a source without deliveries', () => {
    const snapshot = snapshotAfter(9, (measure, { hot }) => {
      hot('-ab')
        .pipe(
          measure,
          concatMap(() => timer(6)),
        )
        .subscribe();
    });
    expect(snapshot).to.deep.include({ ...NOTHING, received: 2, settled: 2, inWork: 0 });
  });

  it('counts the errors of its sources, and adds up what it counts in several pipelines', () => {
    const snapshot = snapshotAfter(9, (measure, { hot, scheduler }) => {
      for (const marbles of ['-a#', '-ab-#', '-c-d']) {
        delivered(hot(marbles), scheduler)
          .values.pipe(measure)
          .subscribe({ error: () => undefined });
      }
    });
    expect(snapshot).to.deep.include({ received: 5, settled: 5, unsettled: 0, errors: 2 });
  });

  it('tells how long it took from the commit to the settlement', () => {
    const snapshot = snapshotAfter(50, (measure, { hot, scheduler }) => {
      const values = {
        a: changeEvent({ commitTimestamp: 0, recordIds: ['1'] }),
        b: changeEvent({ commitTimestamp: 10, recordIds: ['2'] }),
        c: changeEvent({ commitTimestamp: 5, recordIds: ['3'] }),
        x: 'no event',
      };
      // Settled at 21 with a lag of 21, at 22 with 12, at 23 with 18; x at 24.
      delivered(hot<unknown>('-abcx', values), scheduler)
        .values.pipe(
          measure,
          handle((value) => of(value).pipe(delay(20)), { concurrency: 9 }),
        )
        .subscribe();
    });
    expect(snapshot).to.deep.include({ settled: 4, lagMs: { last: 18, mean: 17, max: 21 } });
  });

  it('tells lags below 0, where the clocks differ', () => {
    const snapshot = snapshotAfter(9, (measure) =>
      of(changeEvent({ commitTimestamp: 100 }))
        .pipe(measure)
        .subscribe(),
    );
    expect(snapshot.lagMs).to.deep.equal({ last: -100, mean: -100, max: -100 });
  });

  describe('hooks', () => {
    function told(marbles: string, values?: Record<string, unknown>, error?: unknown): unknown[][] {
      const log: unknown[][] = [];
      runMarbles(({ hot, scheduler, flush }) => {
        const note = (name: string) => (reading: unknown) => log.push([name, scheduler.now(), reading]);
        const { measure } = meter({
          onReceived: note('received'),
          onSettled: note('settled'),
          onUnsettled: note('unsettled'),
          onError: note('error'),
        });
        const work = (value: unknown) => (value === 'f' ? throwError(() => new Error('no')) : timer(3));
        delivered(hot(marbles, values, error), scheduler)
          .values.pipe(
            measure,
            tap((value) => log.push(['passed on', scheduler.now(), value])),
            handle(work, { concurrency: 9 }),
          )
          .subscribe({ error: (failure: unknown) => log.push(['failed', scheduler.now(), String(failure)]) });
        flush();
      });
      return log;
    }

    it('are told of each event that comes, before it is passed on, and when it is settled', () => {
      const event = changeEvent({ commitTimestamp: -1_000 });
      expect(told('-a-x', { a: event, x: 'x' })).to.deep.equal([
        ['received', 1, { event, lagMs: 1_001 }],
        ['passed on', 1, event],
        ['received', 3, { event: 'x' }],
        ['passed on', 3, 'x'],
        ['settled', 4, { event, lagMs: 1_004 }],
        ['settled', 6, { event: 'x' }],
      ]);
    });

    it('are told of each event that never will be settled', () => {
      expect(told('-af')).to.deep.equal([
        ['received', 1, { event: 'a' }],
        ['passed on', 1, 'a'],
        ['received', 2, { event: 'f' }],
        ['passed on', 2, 'f'],
        ['failed', 2, 'Error: no'],
        ['unsettled', 2, { event: 'a' }],
        ['unsettled', 2, { event: 'f' }],
      ]);
    });

    it('are told of an error of the source, before it is passed on', () => {
      const failure = new Error('gone');
      expect(told('--#', undefined, failure)).to.deep.equal([
        ['error', 2, failure],
        ['failed', 2, 'Error: gone'],
      ]);
    });

    it('that throw break nothing, and what they throw is thrown again from the scheduler', () => {
      const scheduled: (() => void)[] = [];
      const scheduler = { now: () => 0, schedule: (work: () => void) => (scheduled.push(work), new Subscription()) };
      const throws = (name: string) => () => {
        throw new Error(name);
      };
      const { measure } = meter({
        onReceived: throws('onReceived'),
        onSettled: throws('onSettled'),
        onUnsettled: throws('onUnsettled'),
        onError: throws('onError'),
        scheduler: scheduler as SchedulerLike,
      });
      const log: unknown[] = [];
      runMarbles((helpers) => {
        const source = delivered<string>(helpers.hot('-ab-#', undefined, 'gone'), helpers.scheduler);
        source.values
          .pipe(
            measure,
            handle((value) => (value === 'a' ? of(value) : NEVER)),
          )
          .subscribe({ next: (value) => log.push(value), error: (error: unknown) => log.push(error) });
        helpers.flush();
        expect(source.settled).to.deep.equal([{ value: 'a', at: 1 }]);
      });
      expect(log).to.deep.equal(['a', 'gone']);
      const names = ['onReceived', 'onSettled', 'onReceived', 'onError', 'onUnsettled'];
      expect(scheduled).to.have.length(names.length);
      scheduled.forEach((work, index) => expect(work).to.throw(Error, names[index]));
    });
  });

  it('does not pass on, nor count, and fails an event that ends the subscription when it is held', () => {
    const stop = new Subject<void>();
    const settledEarly = {
      ended: () => true,
      covers: () => false,
      // Of the subscription whose event is in scope.
      parts: () => hold().delivery()?.parts() ?? [],
      reportEarlySettlement: () => stop.next(),
    };
    const values = { a: { [Symbol.for('@rxforce/core/delivery/2')]: settledEarly } };
    const seen: unknown[] = [];
    const received: unknown[] = [];
    const errors: unknown[] = [];
    runMarbles(({ hot, scheduler, flush }) => {
      const { measure } = meter({ onReceived: ({ event }) => received.push(event) });
      const source = delivered<object>(hot('-a', values), scheduler);
      const branch = (shared: Observable<object>) => shared.pipe(measure, takeUntil(stop));
      source.values
        .pipe(connect((shared) => merge(branch(shared), shared.pipe(ignoreElements()))))
        .subscribe({ next: (value) => seen.push(value), error: (error: unknown) => errors.push(error) });
      flush();
      expect(source.settled).to.deep.equal([]);
    });
    expect([seen, received]).to.deep.equal([[], []]);
    expect(errors).to.have.length(1);
    expect(errors[0]).to.be.instanceOf(DeliveryFailedError);
  });

  it('settles what it passes on, at once, and holds nothing back', () => {
    runMarbles(({ hot, scheduler, expectSettled }) => {
      const source = delivered(hot('-a-(bc)'), scheduler);
      source.values.pipe(meter().measure).subscribe();
      expectSettled(source).toBe('-a-(bc)');
    });
  });

  for (const intervalMs of [0, -1, NaN, Infinity]) {
    it(`refuses an intervalMs of ${intervalMs}`, () => {
      expect(() => meter({ intervalMs })).to.throw(ConfigurationError, `meter() got intervalMs ${intervalMs}`);
    });
  }

  for (const name of ['onReceived', 'onSettled', 'onUnsettled', 'onError']) {
    it(`refuses an ${name} that is no function`, () => {
      expect(() => meter({ [name]: 'log' })).to.throw(ConfigurationError, `meter() got ${name}`);
    });
  }
});
