import { expect } from 'chai';
import { ignoreElements, map, NEVER, Subject, take, timer, type Observable, type ObservableInput } from 'rxjs';
import { DeliveryFailedError } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { handle } from './handle.js';
import type { RecordRead } from './gaps/gap-work.js';
import { resolveGaps } from './resolve-gaps.js';
import {
  brief,
  clockToleranceMs,
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
  U,
  V,
  values,
} from '../test/support/gap-events.js';

describe('resolveGaps', () => {
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
      source.next({ ...G, [Symbol.for('@rxforce/core/delivery/3')]: settledEarly });
      expect(subscription.closed).to.equal(true);
    });
  });
});
