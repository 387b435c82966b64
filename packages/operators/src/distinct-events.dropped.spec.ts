import { expect } from 'chai';
import { deliverySource, type DeliverySink } from '@rxforce/core/delivery-source';
import {
  catchError,
  defer,
  EMPTY,
  merge,
  mergeMap,
  retry,
  Subject,
  tap,
  timer,
  type MonoTypeOperatorFunction,
} from 'rxjs';
import { hold, type Hold } from '@rxforce/core/delivery';
import { delivered, runMarbles, type DeliveredSource } from '@rxforce/core/testing';
import { batchBy } from './batch-by.js';
import { distinctEvents } from './distinct-events.js';
import { SteppedTime } from '../../core/test/support/stepped-time.js';
import { handle } from './handle.js';
import { type Event, values, working } from '../test/support/told-apart.js';

const times = (source: DeliveredSource<unknown>) => source.settled.map(({ at }) => at);

describe('distinctEvents', () => {
  describe('an event that is dropped', () => {
    it('is settled, as what is passed on is', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-a-b-a-(aa)', values), scheduler);
        source.values.pipe(distinctEvents()).subscribe();
        flush();
        expect(times(source)).to.deep.equal([1, 3, 5, 7, 7]);
      });
    });

    it('is settled after the first, where it carries no delivery of its own', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-a-b-a', { a: 'a', b: 'b' }), scheduler);
        source.values
          .pipe(
            distinctEvents({ keyBy: String }),
            handle(() => timer(9), { concurrency: 9 }),
          )
          .subscribe();
        flush();
        expect(source.settled).to.deep.equal([
          { value: 'a', at: 10 },
          { value: 'a', at: 10 },
          { value: 'b', at: 12 },
        ]);
      });
    });

    it('is passed on, where a message that carries no delivery comes again after its work failed', async () => {
      const time = new SteppedTime();
      const handled: string[] = [];
      let sink: DeliverySink<{ readonly key: string }, string> | undefined;
      const settled: string[] = [];
      deliverySource<{ readonly key: string }, string>((given) => void (sink = given), {
        ...{ name: 'a queue', onFailure: 'unsettled', settled: (place) => settled.push(place), scheduler: time },
      })
        .pipe(distinctEvents({ keyBy: ({ key }) => key }))
        .subscribe(({ key }) => {
          handled.push(key);
          return (handled.length === 1 ? Promise.reject(new Error('no')) : Promise.resolve()) as never;
        });
      sink?.deliver({ key: 'm' }, 'first');
      await time.pass(5);
      sink?.deliver({ key: 'm' }, 'second');
      await time.pass(5);
      expect([handled, settled]).to.deep.equal([['m', 'm'], ['second']]);
    });

    it('is not settled before the work on the first is done', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const one = delivered(hot('-a-----', values), scheduler);
        const other = delivered(hot('---a-a-', values), scheduler);
        const result = merge(one.values, other.values).pipe(distinctEvents(), working(5));
        expectObservable(result).toBe('------a', values);
        flush();
        expect([times(one), times(other)]).to.deep.equal([[6], [6, 6]]);
      });
    });

    it('is not settled at all, when the work on the first never is, because all was unsubscribed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const one = delivered(hot('-a-----', values), scheduler);
        const other = delivered(hot('---a---', values), scheduler);
        const subscription = merge(one.values, other.values).pipe(distinctEvents(), working(9)).subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 5);
        flush();
        expect([one.unsettled(), other.unsettled()]).to.deep.equal([[values.a], [values.a]]);
      });
    });

    it('is settled with the first, when that is after the completion', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const one = delivered(hot('-a-|', values), scheduler);
        const other = delivered(hot('--a|', values), scheduler);
        expectObservable(merge(one.values, other.values).pipe(distinctEvents(), working(9))).toBe(
          '----------(a|)',
          values,
        );
        flush();
        expect([times(one), times(other)]).to.deep.equal([[10], [10]]);
      });
    });

    /** Keeps the holds that it takes for the test. */
    const holding = (holds: Hold[]): MonoTypeOperatorFunction<Event> => tap((event) => holds.push(hold(event)));

    it('is passed on after all, once, when the first will never be settled', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const holds: Hold[] = [];
        const one = delivered(hot('-a-----', values), scheduler);
        const other = delivered(hot('---aa--', values), scheduler);
        const failing = one.values.pipe(catchError(() => EMPTY));
        expectObservable(merge(failing, other.values).pipe(distinctEvents(), holding(holds))).toBe('-a----a', values);
        scheduler.schedule(() => holds[0]!.abandon(), 6);
        scheduler.schedule(() => expect(times(other)).to.deep.equal([]), 8);
        scheduler.schedule(() => holds[1]!.release(), 9);
        flush();
        expect(one.unsettled()).to.deep.equal([values.a]);
        expect(holds).to.have.length(2);
        expect(times(other)).to.deep.equal([9, 9]);
      });
    });

    it('is passed on, when it comes again after the first failed, and was settled by neither', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const holds: Hold[] = [];
        const one = delivered(hot('-a-----', values), scheduler);
        const other = delivered(hot('-----a-', values), scheduler);
        const failing = one.values.pipe(catchError(() => EMPTY));
        expectObservable(merge(failing, other.values).pipe(distinctEvents(), holding(holds))).toBe('-a---a', values);
        scheduler.schedule(() => holds[0]!.abandon(), 3);
        flush();
        expect(other.unsettled()).to.deep.equal([values.a]);
      });
    });

    it('is not passed on to a subscriber that is gone, nor settled then', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const holds: Hold[] = [];
        const one = delivered(hot('-a-----', values), scheduler);
        const other = delivered(hot('---a---', values), scheduler);
        const failing = one.values.pipe(catchError(() => EMPTY));
        const subscription = merge(failing, other.values).pipe(distinctEvents(), holding(holds)).subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 5);
        scheduler.schedule(() => holds[0]!.abandon(), 6);
        flush();
        expect(holds).to.have.length(1);
        expect(other.unsettled()).to.deep.equal([values.a]);
      });
    });

    it('is passed on, when its stream cannot go on before it is let go of', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const one = delivered(hot('-a-------', values), scheduler);
        const other = delivered(hot('---a-b--', values), scheduler, { window: 2 });
        const batches = merge(one.values, other.values).pipe(distinctEvents(), batchBy(3, Infinity));
        expectObservable(batches).toBe('-----x', { x: [values.a, values.b, values.a] });
        flush();
        expect([times(one), times(other)]).to.deep.equal([[5], [5, 5]]);
      });
    });

    it('is passed on so once, also when the first then fails, and the stream stops again', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const holds: Hold[] = [];
        const one = delivered(hot('-a-------', values), scheduler);
        const other = delivered(hot('---a-a---', values), scheduler, { window: 1 });
        const failing = one.values.pipe(catchError(() => EMPTY));
        expectObservable(merge(failing, other.values).pipe(distinctEvents(), holding(holds))).toBe('-a-a-a', values);
        scheduler.schedule(() => holds[1]!.release(), 4);
        scheduler.schedule(() => holds[0]!.abandon(), 7);
        flush();
        expect(times(other)).to.deep.equal([4]);
        expect(other.unsettled()).to.deep.equal([values.a]);
      });
    });

    it('is no reason to wait for itself, when one delivery comes in several values', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const source = delivered(hot('-a-b', values), scheduler);
        const result = source.values.pipe(
          mergeMap((event) => [event, event]),
          distinctEvents(),
          working(3),
        );
        expectObservable(result).toBe('----a-b', values);
        flush();
        expect(times(source)).to.deep.equal([4, 6]);
      });
    });

    it('is no reason to wait for itself, when it comes in the same batch', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const source = delivered(hot('-ab-a|', values), scheduler);
        const result = source.values.pipe(
          batchBy(3, 9),
          mergeMap((batch) => batch),
          distinctEvents(),
          working(3),
        );
        expectObservable(result).toBe('-------(ab|)', values);
        flush();
        expect(times(source)).to.deep.equal([7, 7, 7]);
      });
    });
  });

  it('loses nothing and does nothing twice, when a retry() before it brings back what is in work', () => {
    runMarbles(({ cold, scheduler, flush, expectObservable }) => {
      const runs = [cold('-ab-#', values), cold('-ab-c|', values)].map((run) => delivered(run, scheduler));
      let next = 0;
      const source$ = defer(() => runs[next++]!.values).pipe(retry());
      expectObservable(source$.pipe(distinctEvents(), working(6))).toBe('-------ab-----(c|)', values);
      flush();
      expect(runs.map(times)).to.deep.equal([
        [7, 8],
        [7, 8, 14],
      ]);
    });
  });

  it('takes an event that comes again inside the call for one that came before', () => {
    const seen: Event[] = [];
    const source = new Subject<Event>();
    source.pipe(distinctEvents()).subscribe((event) => {
      seen.push(event);
      source.next(event);
    });
    source.next(values.a);
    expect(seen).to.deep.equal([values.a]);
  });
});
