import { expect } from 'chai';
import {
  asyncScheduler,
  catchError,
  connect,
  EMPTY,
  ignoreElements,
  merge,
  of,
  queueScheduler,
  Subject,
  takeUntil,
  tap,
  type OperatorFunction,
  type SchedulerLike,
  type Subscriber,
} from 'rxjs';
import { operate } from '@rxforce/core/delivery';
import { DeliveryFailedError } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { Collector, Group } from './collector.js';

interface Hooks<T> {
  readonly size?: number;
  readonly waitMs?: number;
  readonly scheduler?: SchedulerLike;
  readonly prepare?: (value: T) => void;
  readonly placed?: (value: T) => void;
  readonly ringing?: () => void;
  readonly lettingGoOfAll?: () => void;
}

/** The least that a collecting operator can be. */
function collect<T>(hooks: Hooks<T> = {}): OperatorFunction<T, T[]> {
  const { size = 2, waitMs = Infinity, scheduler = asyncScheduler, prepare, placed, ringing, lettingGoOfAll } = hooks;
  return (source) =>
    operate(source, 'keeps', (subscriber: Subscriber<T[]>) => {
      let open = new Group<T>();
      const letGo = () => {
        const group = open;
        open = new Group();
        if (group.values.length > 0) collector.letGo(group, group.values);
      };
      const ring = () => {
        ringing?.();
        letGo();
      };
      const collector = new Collector<T, T[]>(subscriber, () => {
        lettingGoOfAll?.();
        letGo();
      });
      return {
        next: (value) =>
          collector.take(value, () => {
            prepare?.(value);
            return (held) => {
              placed?.(value);
              open.add(value, held);
              if (open.values.length === size) letGo();
              else collector.startClock(open, waitMs, scheduler, ring);
            };
          }),
        complete: () => collector.sourceCompleted(),
      };
    });
}

describe('Collector', () => {
  it('emits what comes during an emission after it, also where there is an operator between', () => {
    const log: unknown[] = [];
    const source = new Subject<number>();
    source
      .pipe(
        collect(),
        tap(([first]) => {
          log.push(`begin ${first}`);
          if (first === 1) [3, 4, 5].forEach((value) => source.next(value));
          log.push(`end ${first}`);
        }),
      )
      .subscribe((pair) => log.push(pair));
    [1, 2, 6].forEach((value) => source.next(value));
    expect(log).to.deep.equal(['begin 1', 'end 1', [1, 2], 'begin 3', 'end 3', [3, 4], 'begin 5', 'end 5', [5, 6]]);
  });

  it('emits the rest and completes after an emission, when the source completes during it', () => {
    const log: unknown[] = [];
    const source = new Subject<number>();
    source
      .pipe(
        collect(),
        tap(([first]) => {
          if (first !== 1) return;
          source.next(3);
          source.complete();
        }),
      )
      .subscribe({ next: (pair) => log.push(pair), complete: () => log.push('complete') });
    source.next(1);
    source.next(2);
    expect(log).to.deep.equal([[1, 2], [3], 'complete']);
  });

  it('settles what it is emitting, when the source completes meanwhile', () => {
    runMarbles(({ hot, scheduler, flush }) => {
      const done = new Subject<void>();
      const source = delivered<string>(hot('-a').pipe(takeUntil(done)), scheduler);
      source.values
        .pipe(
          collect({ waitMs: 3 }),
          tap(() => done.next()),
        )
        .subscribe();
      flush();
      expect(source.settled).to.deep.equal([{ value: 'a', at: 4 }]);
    });
  });

  it('emits inside the call, where the scheduler is one that does not wait', () => {
    const groups: number[][] = [];
    of(1, 2, 3)
      .pipe(collect({ waitMs: 0, scheduler: queueScheduler }))
      .subscribe((group) => groups.push(group));
    expect(groups).to.deep.equal([[1], [2], [3]]);
  });

  it('asks for no timer, when values may wait for ever: none takes as long', () => {
    const scheduler: SchedulerLike = {
      now: () => 0,
      schedule: () => {
        throw new Error('A timer was asked for.');
      },
    };
    const groups: number[][] = [];
    of(1)
      .pipe(collect({ waitMs: Infinity, scheduler }))
      .subscribe((group) => groups.push(group));
    expect(groups).to.deep.equal([[1]]);
  });

  it('stops the clock, when it is unsubscribed', () => {
    runMarbles(({ hot, scheduler, flush }) => {
      const rung: number[] = [];
      const ringing = () => rung.push(scheduler.now());
      const subscription = hot('-a')
        .pipe(collect({ waitMs: 3, ringing }))
        .subscribe();
      scheduler.schedule(() => subscription.unsubscribe(), 2);
      flush();
      expect(rung).to.deep.equal([]);
    });
  });

  it('lets go of all once, when the window is full of what it keeps', () => {
    runMarbles(({ hot, scheduler, flush }) => {
      const source = delivered<string>(hot('-abc'), scheduler, { window: 3 });
      const times: number[] = [];
      source.values.pipe(collect({ size: 10, lettingGoOfAll: () => times.push(scheduler.now()) })).subscribe();
      flush();
      expect(times).to.deep.equal([3]);
      expect(source.settled.map(({ value, at }) => [value, at])).to.deep.equal([
        ['a', 3],
        ['b', 3],
        ['c', 3],
      ]);
    });
  });

  describe('while a branch of the stream lives on', () => {
    const stop = new Subject<void>();
    const reasons: Record<string, (value: string) => void> = {
      throws: () => {
        throw new Error('no');
      },
      'ends the subscription': () => stop.next(),
    };
    for (const [what, prepare] of Object.entries(reasons)) {
      it(`does not place a value, and fails its event, when what prepares it ${what}`, () => {
        runMarbles(({ hot, scheduler, flush }) => {
          const source = delivered<string>(hot('-a---'), scheduler);
          const placed: unknown[] = [];
          const errors: unknown[] = [];
          const collecting = collect<string>({ prepare, placed: (value) => placed.push(value) });
          source.values
            .pipe(
              connect((shared) =>
                merge(
                  shared.pipe(
                    collecting,
                    catchError(() => EMPTY),
                    takeUntil(stop),
                  ),
                  shared.pipe(ignoreElements()),
                ),
              ),
            )
            .subscribe({ error: (error: unknown) => errors.push(error) });
          flush();
          expect(placed).to.deep.equal([]);
          expect(source.settled).to.deep.equal([]);
          expect(errors).to.have.length(1);
          expect(errors[0]).to.be.instanceOf(DeliveryFailedError);
        });
      });
    }
  });

  it('does not place a value, when to hold it ends the subscription, as an early settlement does', () => {
    const placed: unknown[] = [];
    const values = new Subject<object>();
    const subscription = values.pipe(collect({ placed: (value) => placed.push(value) })).subscribe();
    values.next({
      [Symbol.for('@rxforce/core/delivery/3')]: {
        ended: () => true,
        covers: () => false,
        reportEarlySettlement: () => subscription.unsubscribe(),
      },
    });
    expect(subscription.closed).to.equal(true);
    expect(placed).to.deep.equal([]);
  });
});
