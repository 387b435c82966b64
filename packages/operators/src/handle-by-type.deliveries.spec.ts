import { expect } from 'chai';
import {
  catchError,
  connect,
  delay,
  EMPTY,
  ignoreElements,
  merge,
  NEVER,
  of,
  take,
  timer,
  type Observable,
} from 'rxjs';
import { DeliveryFailedError, type ChangeEvent, type ChangeType } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import { handleByType } from './handle-by-type.js';
import { EVENTS, GAPS } from '../test/support/events-of-types.js';

const UNKNOWN = changeEvent({ changeType: 'ARCHIVE' as ChangeType });

describe('handleByType', () => {
  describe('deliveries', () => {
    it('are settled when their work has completed, and at once where they are not wanted', () => {
      runMarbles(({ hot, scheduler, flush, expectSettled }) => {
        const source = delivered(hot('-ucg-d', EVENTS), scheduler);
        const work = () => timer(3);
        source.values.pipe(handleByType({ update: work, gap: work, overflow: work })).subscribe();
        expectSettled(source).toBe('--c-ud-g', EVENTS);
        flush();
      });
    });

    it('are not settled, when what was emitted last left the subscriber closed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-u-c', EVENTS), scheduler);
        source.values.pipe(handleByType({ otherwise: () => of(1).pipe(delay(1)) }), take(1)).subscribe();
        flush();
        expect(source.settled).to.deep.equal([]);
      });
    });

    it('are not settled, when the work is unsubscribed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-u-c', EVENTS), scheduler);
        const subscription = source.values.pipe(handleByType({ otherwise: () => NEVER })).subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 9);
        flush();
        expect(source.unsettled()).to.deep.equal([EVENTS.u, EVENTS.c]);
      });
    });

    it('of a type that is not known fail the stream, when only a branch of it ends', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-u-x', { ...EVENTS, x: UNKNOWN }), scheduler);
        const errors: unknown[] = [];
        const branch = (shared: Observable<ChangeEvent>) =>
          shared.pipe(
            handleByType(GAPS),
            catchError(() => EMPTY),
          );
        source.values
          .pipe(connect((shared) => merge(branch(shared), shared.pipe(ignoreElements()))))
          .subscribe({ error: (error: unknown) => errors.push(error) });
        flush();
        expect(source.unsettled()).to.deep.equal([UNKNOWN]);
        expect(errors).to.have.length(1);
        expect(errors[0]).to.be.instanceOf(DeliveryFailedError);
      });
    });
  });
});
