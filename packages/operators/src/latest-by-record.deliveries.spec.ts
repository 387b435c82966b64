import { expect } from 'chai';
import {
  catchError,
  connect,
  delay,
  EMPTY,
  ignoreElements,
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
} from 'rxjs';
import { hold } from '@rxforce/core/delivery';
import { DeliveryFailedError } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { handle } from './handle.js';
import { latestByRecord, type LatestByRecordOptions } from './latest-by-record.js';
import { after } from '../test/support/work-after.js';

/** All of one record, and a merged value has the names of all it was made of. */
const JOINING: LatestByRecordOptions<string> = { keyBy: () => 'record', merge: (older, newer) => `${older}${newer}` };

describe('latestByRecord', () => {
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
});
