import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { map, of, take, timer, VirtualTimeScheduler } from 'rxjs';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { handle } from './handle.js';
import { meter, type MeterSnapshot } from './meter.js';
import { NOTHING } from '../test/support/metered.js';

describe('meter', () => {
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
});
