import { expect } from 'chai';
import { delay, map, merge, of, switchMap, take, timer } from 'rxjs';
import { DeliveryFailedError, type ChangeEvent } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { byTransaction } from './by-transaction.js';
import { handle } from './handle.js';
import { byTransactionShown, events, lettersOf } from '../test/support/in-transactions.js';

describe('byTransaction', () => {
  describe('deliveries', () => {
    const settledIn = (list: readonly { readonly value: ChangeEvent }[]) => list.map(({ value }) => value.id).join('');

    it('are held until the work on their transaction is done', () => {
      runMarbles(({ hot, scheduler, expectSettled }) => {
        const source = delivered(hot('-a-b-p-', events), scheduler);
        source.values
          .pipe(
            byTransaction({ maxWaitMs: 9 }),
            handle((each) => of(each).pipe(delay(3))),
          )
          .subscribe();
        expectSettled(source).toBe('--------(ab)-----p', events);
      });
    });

    it('are emitted at once, as parts, when they fill the window', () => {
      runMarbles(({ cold, scheduler, flush, expectSettled }) => {
        const source = delivered(cold('-a-b-c-d-e-p-q', events), scheduler, { window: 3 });
        const seen: unknown[] = [];
        source.values.pipe(byTransactionShown({ maxWaitMs: 99 })).subscribe((part) => seen.push(part));
        expectSettled(source).toBe('-----(abc)-(de) 95ms (pq)', events);
        flush();
        expect(seen).to.deep.equal(['abc1', 'de2!', 'pq1']);
      });
    });

    it('are not settled, none of the transaction nor the event that ended it, when that left the subscriber closed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-a-p-q-x-', events), scheduler);
        source.values.pipe(byTransaction(), take(2)).subscribe();
        flush();
        expect(settledIn(source.settled)).to.equal('a');
        expect(lettersOf(source.unsettled())).to.equal('pqx');
      });
    });

    it('are not settled, when the source errors', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-a-p-q-#', events), scheduler);
        source.values.pipe(byTransaction()).subscribe({ error: () => undefined });
        flush();
        expect(settledIn(source.settled)).to.equal('a');
        expect(lettersOf(source.unsettled())).to.equal('pq');
      });
    });

    it('are not settled, when unsubscribed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-a-b---x', events), scheduler);
        const subscription = source.values.pipe(byTransaction()).subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 4);
        flush();
        expect(source.settled).to.deep.equal([]);
        expect(lettersOf(source.unsettled())).to.equal('ab');
      });
    });

    it('fail the subscription, when they are dropped while it goes on', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-a-b--', events), scheduler);
        const errors: unknown[] = [];
        source.values
          .pipe(switchMap((event) => merge(of(event), timer(9).pipe(map(() => event))).pipe(byTransaction())))
          .subscribe({ error: (error: unknown) => errors.push(error) });
        flush();
        expect(errors[0]).to.be.instanceOf(DeliveryFailedError);
      });
    });
  });
});
