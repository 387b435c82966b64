import { expect } from 'chai';
import {
  concatMap,
  connect,
  delay,
  ignoreElements,
  merge,
  NEVER,
  of,
  range,
  Subject,
  take,
  takeUntil,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { hold } from '@rxforce/core/delivery';
import { ConfigurationError, DeliveryFailedError, type ChangeEvent } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles, type MarbleHelpers } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { handle } from './handle.js';
import { meter, type MeterSnapshot } from './meter.js';
import { NOTHING } from '../test/support/metered.js';

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

  it('does not pass on, nor count, and fails an event that ends the subscription when it is held', () => {
    const stop = new Subject<void>();
    const settledEarly = {
      ended: () => true,
      covers: () => false,
      // Of the subscription whose event is in scope.
      parts: () => hold().delivery()?.parts() ?? [],
      reportEarlySettlement: () => stop.next(),
    };
    const values = { a: { [Symbol.for('@rxforce/core/delivery/3')]: settledEarly } };
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
