import { expect } from 'chai';
import { filter, ignoreElements, NEVER, of, pipe, Subject, take, takeUntil, timer } from 'rxjs';
import { hold } from '@rxforce/core/delivery';
import { DeliveryFailedError } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { handle } from './handle.js';
import { after, inOneBranch } from '../test/support/work-after.js';

describe('handle', () => {
  describe('deliveries', () => {
    it('are settled when their work has completed, not when it has emitted', () => {
      runMarbles(({ hot, cold, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-----'), scheduler);
        source.values.pipe(handle(() => cold('-x--|'))).subscribe();
        flush();
        expect(source.settled).to.deep.equal([{ value: 'a', at: 5 }]);
      });
    });

    it('are passed on with the results, so that the next operator holds them', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a'), scheduler);
        source.values.pipe(handle(after(2)), filter(Boolean), handle(after(3))).subscribe();
        flush();
        expect(source.settled).to.deep.equal([{ value: 'a', at: 6 }]);
      });
    });

    it('are not settled, when what was emitted last left the subscriber closed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b'), scheduler);
        source.values.pipe(handle(after(1)), take(1)).subscribe();
        flush();
        expect(source.settled).to.deep.equal([]);
      });
    });

    it('are not worked on, and fail the stream, when to hold one ends a branch of it, as an early settlement does', () => {
      const worked: unknown[] = [];
      const stop = new Subject<void>();
      const settledEarly = {
        ended: () => true,
        covers: () => false,
        // Of the subscription whose event is in scope.
        parts: () => hold().delivery()?.parts() ?? [],
        reportEarlySettlement: () => stop.next(),
      };
      const { settled, errors } = inOneBranch(
        '-a',
        { a: { [Symbol.for('@rxforce/core/delivery/3')]: settledEarly } },
        pipe(
          handle((value) => of(worked.push(value))),
          takeUntil(stop),
        ),
      );
      expect(worked).to.deep.equal([]);
      expect(settled).to.deep.equal([]);
      expect(errors).to.have.length(1);
      expect(errors[0]).to.be.instanceOf(DeliveryFailedError);
    });

    it('are not worked on, when what ended before them left the subscriber closed', () => {
      const started: string[] = [];
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-(gab)'), scheduler);
        const keys = { g: ['x', 'y'], a: 'x', b: 'y' };
        const project = (value: string) => {
          started.push(value);
          return value === 'g' ? timer(5).pipe(ignoreElements()) : of(value);
        };
        source.values
          .pipe(handle(project, { concurrency: 9, keyBy: (value) => keys[value as 'g'] }), take(1))
          .subscribe();
        flush();
        expect(source.unsettled()).to.deep.equal(['a', 'b']);
      });
      expect(started).to.deep.equal(['g', 'a']);
    });

    it('are not settled, when the work is unsubscribed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b'), scheduler);
        const subscription = source.values.pipe(handle(() => NEVER, { concurrency: 2 })).subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 9);
        flush();
        expect(source.unsettled()).to.deep.equal(['a', 'b']);
      });
    });
  });
});
