import { expect } from 'chai';
import { delay, map, merge, of, switchMap, take, timer } from 'rxjs';
import { DeliveryFailedError } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { batchBy } from './batch-by.js';
import { handle } from './handle.js';

/** What a batch of one-letter values looks like in marbles: its letters joined. */
const joined = map((batch: string[]) => batch.join(''));

describe('batchBy', () => {
  describe('deliveries', () => {
    it('are held in their batch, and all settled when the work on it is done', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b-c'), scheduler);
        source.values
          .pipe(
            batchBy(2, 4),
            handle((batch) => of(batch).pipe(delay(3))),
          )
          .subscribe();
        flush();
        expect(source.settled).to.deep.equal([
          { value: 'a', at: 6 },
          { value: 'b', at: 6 },
          { value: 'c', at: 12 },
        ]);
        expect(source.settledEarly).to.deep.equal([]);
      });
    });

    it('are settled by a batch that is dropped downstream', () => {
      runMarbles(({ hot, scheduler, expectSettled }) => {
        const source = delivered<string>(hot('-a-b-c'), scheduler);
        source.values.pipe(batchBy(2, 4)).subscribe();
        expectSettled(source).toBe('---(ab)--c');
      });
    });

    it('are settled at the completion, when that emits them', () => {
      runMarbles(({ hot, scheduler, expectSettled }) => {
        const source = delivered<string>(hot('-a-b-c--|'), scheduler);
        source.values.pipe(batchBy(2, 9)).subscribe();
        expectSettled(source).toBe('---(ab)-c');
      });
    });

    it('are emitted at once, when they fill a window that is smaller than a batch', () => {
      runMarbles(({ cold, scheduler, flush }) => {
        const source = delivered<string>(cold('-a-b-c-d-e-f-g'), scheduler, { window: 3 });
        const seen: unknown[] = [];
        source.values
          .pipe(batchBy(10, Infinity), joined)
          .subscribe((batch) => seen.push({ batch, at: scheduler.now() }));
        flush();
        expect(seen).to.deep.equal([
          { batch: 'abc', at: 5 },
          { batch: 'def', at: 11 },
        ]);
        expect(source.unsettled()).to.deep.equal(['g']);
      });
    });

    it('are emitted at once, when they fill the window in batches of several keys, or in batches of batches', () => {
      runMarbles(({ cold, scheduler, expectSettled }) => {
        const source = delivered<string>(cold('-a-b-c'), scheduler, { window: 3 });
        source.values.pipe(batchBy(10, Infinity, { keyBy: (value) => value }), batchBy(10, Infinity)).subscribe();
        expectSettled(source).toBe('-----(abc)');
      });
    });

    it('are not emitted, when the window is full of others that are worked on', () => {
      runMarbles(({ cold, scheduler, expectSettled }) => {
        const source = delivered<string>(cold('-ab-c'), scheduler, { window: 3 });
        source.values
          .pipe(
            batchBy(2, 99),
            handle((batch) => of(batch).pipe(delay(6))),
          )
          .subscribe();
        expectSettled(source).toBe('--------(ab) 97ms c');
      });
    });

    it('are not settled, none of the batch, when what was emitted left the subscriber closed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b-c-d-e'), scheduler);
        source.values.pipe(batchBy(2, 9), take(2)).subscribe();
        flush();
        expect(source.settled.map(({ value }) => value)).to.deep.equal(['a', 'b']);
        expect(source.unsettled()).to.deep.equal(['c', 'd']);
      });
    });

    it('are not settled, when several batches are emitted together, from the one on that left the subscriber closed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b-c-|'), scheduler);
        source.values.pipe(batchBy(2, 9, { keyBy: (value) => value }), take(2)).subscribe();
        flush();
        expect(source.settled.map(({ value }) => value)).to.deep.equal(['a']);
        expect(source.unsettled()).to.deep.equal(['b', 'c']);
      });
    });

    it('are not settled, when the source errors', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b-c-#'), scheduler);
        source.values.pipe(batchBy(2, 9)).subscribe({ error: () => undefined });
        flush();
        expect(source.unsettled()).to.deep.equal(['c']);
      });
    });

    it('are not settled, when unsubscribed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b-c-d'), scheduler);
        const subscription = source.values.pipe(batchBy(3, 9)).subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 4);
        flush();
        expect(source.settled).to.deep.equal([]);
        expect(source.unsettled()).to.deep.equal(['a', 'b']);
      });
    });

    it('fail the subscription, when they are dropped while it goes on', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b--'), scheduler);
        const errors: unknown[] = [];
        source.values
          .pipe(switchMap((value) => merge(of(value), timer(9)).pipe(batchBy(5, 9))))
          .subscribe({ error: (error: unknown) => errors.push(error) });
        flush();
        expect(errors[0]).to.be.instanceOf(DeliveryFailedError);
      });
    });
  });
});
