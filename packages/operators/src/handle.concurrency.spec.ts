import { expect } from 'chai';
import { delay, NEVER, of, VirtualTimeScheduler } from 'rxjs';
import { ConfigurationError, DeliveryFailedError, WorkTimeoutError } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import { handle } from './handle.js';
import { after, inOneBranch } from '../test/support/work-after.js';

describe('handle', () => {
  describe('concurrency', () => {
    it('starts no more than it says', () => {
      runMarbles(({ cold, expectObservable }) => {
        expectObservable(cold('(abcd|)').pipe(handle(after(6), { concurrency: 2 }))).toBe('6ms (ab) 2ms (cd|)');
      });
    });

    it('gives results as they are made', () => {
      runMarbles(({ cold, expectObservable }) => {
        const work = { a: 5, b: 2 };
        const project = (value: string) => of(value).pipe(delay(work[value as 'a']));
        expectObservable(cold('(ab|)').pipe(handle(project, { concurrency: Infinity }))).toBe('--b--(a|)');
      });
    });

    for (const concurrency of [0, -1, 1.5, NaN]) {
      it(`refuses ${concurrency}`, () => {
        expect(() => handle(after(1), { concurrency })).to.throw(ConfigurationError);
      });
    }
  });

  describe('keys', () => {
    it('keep the order of values that share one', () => {
      runMarbles(({ cold, expectObservable }) => {
        const values = { a: 'x1', b: 'x2', c: 'y1' };
        const project = (value: string) => of(value).pipe(delay(value === 'x1' ? 5 : 1));
        const result = cold('(abc|)', values).pipe(
          handle(project, { concurrency: 9, keyBy: (value) => value.charAt(0) }),
        );
        expectObservable(result).toBe('-c---a(b|)', values);
      });
    });

    it('are the record ids of a change event, all of them where it is merged', () => {
      const events = {
        a: changeEvent({ recordIds: ['1'] }),
        b: changeEvent({ recordIds: ['1', '2'] }),
        c: changeEvent({ recordIds: ['2'] }),
        d: changeEvent({ recordIds: ['3'] }),
      };
      runMarbles(({ cold, expectObservable }) => {
        const project = (event: (typeof events)['a']) => of(event).pipe(delay(6));
        expectObservable(cold('(abcd|)', events).pipe(handle(project, { concurrency: 9 }))).toBe(
          '6ms (ad) 2ms b-----(c|)',
          events,
        );
      });
    });

    it('are the record ids of all members of a batch', () => {
      const [x, y, z] = ['1', '2', '3'].map((id) => changeEvent({ recordIds: [id] }));
      const batches = { a: [x, y], b: [y], c: [z] };
      runMarbles(({ cold, expectObservable }) => {
        expectObservable(cold('(abc|)', batches).pipe(handle(after(6), { concurrency: 9 }))).toBe(
          '6ms (ac)--(b|)',
          batches,
        );
      });
    });

    it('are not asked for, when values are worked on one after the other anyway', () => {
      const asked: string[] = [];
      const keyBy = (value: string) => asked[asked.push(value) - 1]!;
      of('a', 'b')
        .pipe(handle((value) => of(value), { keyBy }))
        .subscribe();
      expect(asked).to.deep.equal([]);
      of('a', 'b')
        .pipe(handle((value) => of(value), { keyBy, concurrency: 2 }))
        .subscribe();
      expect(asked).to.deep.equal(['a', 'b']);
    });

    it('that throw fail the stream, when only a branch of it ends', () => {
      const keyBy = (value: string) => {
        if (value === 'b') throw new Error('no');
        return value;
      };
      const { settled, errors } = inOneBranch(
        '-ab-c',
        undefined,
        handle((value) => of(value), { keyBy, concurrency: 2 }),
      );
      expect(settled).to.deep.equal([{ value: 'a', at: 1 }]);
      expect(errors).to.have.length(1);
      expect(errors[0]).to.be.instanceOf(DeliveryFailedError);
    });
  });

  describe('timeoutMs', () => {
    it('ends work that has not completed, though it has emitted, and counts from its start', () => {
      const errors: unknown[] = [];
      runMarbles(({ hot, cold, scheduler, flush, expectSubscriptions }) => {
        const input = hot('-ab-----c');
        const source = delivered<string>(input, scheduler);
        const work = { a: cold('----|'), b: cold('x-y-z-x-y-z') };
        source.values
          .pipe(handle((value) => work[value as 'a'], { timeoutMs: 5 }))
          .subscribe({ error: (error: unknown) => errors.push(error) });
        flush();
        expect(source.settled).to.deep.equal([{ value: 'a', at: 5 }]);
        expect(source.unsettled()).to.deep.equal(['b', 'c']);
        expectSubscriptions(input.subscriptions).toBe('^---------!');
        expectSubscriptions(work.b.subscriptions).toBe('-----^----!');
      });
      expect(errors).to.have.length(1);
      expect(errors[0]).to.be.instanceOf(WorkTimeoutError);
    });

    it('says which work took too long, how long it may take, and what to do', () => {
      const event = changeEvent({ topic: '/data/LeadChangeEvent' });
      const messageOf = (value: unknown) => {
        let failure: unknown;
        runMarbles(({ flush }) => {
          of(value)
            .pipe(handle(() => NEVER, { timeoutMs: 7 }))
            .subscribe({ error: (error: unknown) => (failure = error) });
          flush();
        });
        return failure as WorkTimeoutError;
      };
      const ofEvent = messageOf(event);
      expect(ofEvent).to.include({ topic: event.topic, replayId: event.replayId.toString(), retriable: true });
      expect(ofEvent.message).to.include(
        `The work on the event of /data/LeadChangeEvent at replay id ${event.replayId.toString()} had not completed after 7 ms, ` +
          'the timeoutMs of handle(),',
      );
      expect(ofEvent.message).to.include('Raise timeoutMs');
      for (const other of ['value', undefined, { topic: 'x' }]) {
        expect(messageOf(other).message).to.match(/^The work had not completed after 7 ms/);
        expect(messageOf(other)).not.to.have.property('topic');
      }
    });

    it('lets work that completes in time be, and leaves no timer behind', () => {
      runMarbles(({ cold, scheduler, flush, expectObservable }) => {
        const source = cold('a-b|').pipe(handle(after(4), { timeoutMs: 5 }));
        expectObservable(source).toBe('----a---(b|)');
        flush();
        expect(scheduler.now()).to.equal(8);
      });
    });

    it('leaves no timer behind, when it is unsubscribed', () => {
      runMarbles(({ cold, scheduler, flush }) => {
        const subscription = cold('a')
          .pipe(handle(() => NEVER, { timeoutMs: 5 }))
          .subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 2);
        flush();
        expect(scheduler.now()).to.equal(2);
      });
    });

    it('goes by the scheduler that it is given', () => {
      const scheduler = new VirtualTimeScheduler();
      const errors: unknown[] = [];
      of(0)
        .pipe(handle(() => NEVER, { timeoutMs: 5, scheduler }))
        .subscribe({ error: (error: unknown) => errors.push(error) });
      scheduler.flush();
      expect(scheduler.now()).to.equal(5);
      expect(errors).to.have.length(1);
    });

    for (const timeoutMs of [0, -1, NaN, 0x7fffffff + 1]) {
      it(`refuses ${timeoutMs}`, () => {
        expect(() => handle(after(1), { timeoutMs })).to.throw(
          ConfigurationError,
          `handle() got timeoutMs ${timeoutMs}`,
        );
      });
    }
  });
});
