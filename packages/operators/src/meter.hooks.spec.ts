import { expect } from 'chai';
import { NEVER, of, Subscription, tap, throwError, timer, type SchedulerLike } from 'rxjs';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import { handle } from './handle.js';
import { meter } from './meter.js';

describe('meter', () => {
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
});
