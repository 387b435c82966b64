import { expect } from 'chai';
import { asyncScheduler, map, merge, take, takeUntil, timer, type SchedulerLike, type Subscription } from 'rxjs';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { handle } from './handle.js';
import { throttleByKey } from './throttle-by-key.js';

/** Values of two keys: those in small letters, and those in capitals. */
const keyBy = (value: string) => (value === value.toLowerCase() ? 'small' : 'capital');

describe('throttleByKey', () => {
  describe('deliveries', () => {
    it('are settled when a newer one takes their place, or when what is done with them is', () => {
      runMarbles(({ hot, scheduler, flush, expectSettled }) => {
        const source = delivered<string>(hot('-abc-----'), scheduler);
        source.values
          .pipe(
            throttleByKey(5, { keyBy }),
            handle(() => timer(2)),
          )
          .subscribe();
        expectSettled(source).toBe('---(ba)-c');
        flush();
      });
    });

    it('are not settled while they are kept, nor when all is unsubscribed then', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-abAB--'), scheduler);
        const subscription = source.values.pipe(throttleByKey(99, { keyBy })).subscribe();
        scheduler.schedule(() => expect(source.unsettled()).to.deep.equal(['b', 'B']), 5);
        scheduler.schedule(() => subscription.unsubscribe(), 9);
        flush();
        expect(source.unsettled()).to.deep.equal(['b', 'B']);
      });
    });

    it('are not settled, when the source errors while they are kept', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-ab#'), scheduler);
        source.values.pipe(throttleByKey(9, { keyBy })).subscribe({ error: () => undefined });
        flush();
        expect(source.unsettled()).to.deep.equal(['b']);
      });
    });

    it('are let go of early, when the whole window is kept, and the interval begins anew', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable, expectSettled }) => {
        const source = delivered<string>(hot('-abAB-c'), scheduler, { window: 2 });
        expectObservable(source.values.pipe(throttleByKey(9, { keyBy }))).toBe('-a-A(bB)-----c');
        expectSettled(source).toBe('-a-A(bB)-----c');
        flush();
      });
    });
  });

  describe('timers', () => {
    /** Counts those that run. */
    class Clock implements SchedulerLike {
      running = 0;
      most = 0;

      now(): number {
        return asyncScheduler.now();
      }

      schedule(...[work, delayMs, state]: Parameters<SchedulerLike['schedule']>): Subscription {
        this.most = Math.max(this.most, ++this.running);
        const timer = asyncScheduler.schedule(
          function (given) {
            timer.unsubscribe();
            work.call(this, given);
          },
          delayMs,
          state,
        );
        timer.add(() => this.running--);
        return timer;
      }
    }

    it('are only those of the keys that had a value not long ago, though new keys come without end', () => {
      runMarbles(({ cold, flush, scheduler }) => {
        const clock = new Clock();
        const keys = Array.from({ length: 500 }, (_, index) => timer(index).pipe(map(() => String(index))));
        const seen: string[] = [];
        merge(...keys, cold('-'))
          .pipe(throttleByKey(5, { keyBy: (value) => value, scheduler: clock }))
          .subscribe((value) => seen.push(value));
        flush();
        expect(seen).to.have.length(500);
        expect(scheduler.now()).to.equal(504);
        expect(clock.most).to.be.within(5, 6);
        expect(clock.running).to.equal(0);
      });
    });

    for (const [what, source] of [
      ['completed', '-aAbB|'],
      ['failed', '-aAbB#'],
      ['was unsubscribed', '-aAbB-'],
      ['was full downstream', '-aAbBcC'],
    ] as const) {
      it(`are all ended, when the source has ${what}`.replace('has was', 'was'), () => {
        runMarbles(({ cold, flush, scheduler }) => {
          const clock = new Clock();
          cold(source)
            .pipe(
              throttleByKey(what.includes('full') ? 4 : 1_000, { keyBy, scheduler: clock }),
              take(what.includes('full') ? 3 : Infinity),
              takeUntil(timer(7)),
            )
            .subscribe({ error: () => undefined });
          scheduler.schedule(() => expect(clock.running).to.equal(2), 4);
          scheduler.schedule(() => expect(clock.running).to.equal(0), 8);
          flush();
        });
      });
    }
  });
});
