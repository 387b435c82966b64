import { expect } from 'chai';
import {
  asyncScheduler,
  concatMap,
  config,
  connect,
  delay,
  distinctUntilChanged,
  filter,
  first,
  groupBy,
  map,
  merge,
  mergeAll,
  of,
  share,
  Subject,
  switchMap,
  take,
  takeWhile,
  tap,
  bufferCount,
  withLatestFrom,
  Subscriber,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import { keep } from '../../test/support/keep.js';
import { DeliveryFailedError, RxforceError } from '../model/errors.js';
import { delivered, type DeliveredSource } from '../testing/delivered.js';
import { runMarbles } from '../testing/run-marbles.js';
import { DELIVERY } from './delivery.js';
import { hold, joinHolds, type Hold } from '../delivery.js';

/** Holds each value for some virtual milliseconds, then emits it. */
function after(ms: number): OperatorFunction<string, string> {
  return keep((value, held, emit) =>
    virtual.time.schedule(() => {
      emit(value);
      held.release();
    }, ms),
  );
}

/** What `after` waits by: the virtual time of a test that runs. */
const virtual: { time: Pick<typeof asyncScheduler, 'schedule'> } = { time: asyncScheduler };

interface Run {
  readonly errors: unknown[];
  readonly values: unknown[];
}

/** Runs a pipeline over delivered marbles, to the end of virtual time. */
function run(
  marbles: string,
  build: (values: Observable<string>) => Observable<unknown>,
): { source: DeliveredSource<string>; result: Run } {
  let source: DeliveredSource<string> | undefined;
  const result: Run = { errors: [], values: [] };
  runMarbles(({ hot, scheduler, flush }) => {
    virtual.time = scheduler;
    source = delivered<string>(hot(marbles), scheduler);
    build(source.values).subscribe({
      next: (value) => result.values.push(value),
      error: (error: unknown) => result.errors.push(error),
    });
    flush();
  });
  return { source: source!, result };
}

const settledIn = (source: DeliveredSource<string>) => source.settled.map(({ value }) => value);

/** The same module again, as a second copy of the package would bring it. */
const COPY = './hold.js?copy=2';

describe('Rules of emission', () => {
  describe('an event is settled when its call returns, unless it is held', () => {
    const plain: [string, (values: Observable<string>) => Observable<unknown>][] = [
      ['filter', (values) => values.pipe(filter((value) => value !== 'b'))],
      ['map', (values) => values.pipe(map((value) => ({ value })))],
      ['tap', (values) => values.pipe(tap())],
      ['distinctUntilChanged', (values) => values.pipe(distinctUntilChanged(() => true))],
      [
        'groupBy',
        (values) =>
          values.pipe(
            groupBy((value) => value),
            mergeAll(),
          ),
      ],
      ['merge', (values) => merge(values, of('x'))],
      ['connect', (values) => values.pipe(connect((shared) => merge(shared, shared.pipe(filter(() => false)))))],
      ['share', (values) => values.pipe(share())],
    ];
    for (const [name, build] of plain) {
      it(`settles every event, with ${name}`, () => {
        const { source } = run('-a-b-c', build);
        expect(settledIn(source)).to.deep.equal(['a', 'b', 'c']);
      });
    }

    it('settles at the release, with an operator that holds', () => {
      const { source } = run('-a', (values) => values.pipe(after(5)));
      expect(source.settled).to.deep.equal([{ value: 'a', at: 6 }]);
    });

    it('settles after the last of several holds, with several branches', () => {
      const { source } = run('-a', (values) =>
        values.pipe(connect((shared) => merge(shared.pipe(after(5)), shared.pipe(after(9)), shared))),
      );
      expect(source.settled).to.deep.equal([{ value: 'a', at: 10 }]);
    });

    it('follows the call and not the value, so that a hold downstream of map holds the event', () => {
      const { source } = run('-a', (values) =>
        values.pipe(
          map((value) => value.toUpperCase()),
          after(5),
        ),
      );
      expect(source.settled).to.deep.equal([{ value: 'a', at: 6 }]);
    });

    it('passes the hold on, with operators that hold one after the other', () => {
      const { source } = run('-a', (values) => values.pipe(after(5), after(4)));
      expect(source.settled).to.deep.equal([{ value: 'a', at: 10 }]);
    });

    it('moves the watermark over the settled prefix only', () => {
      const { source } = run('-ab', (values) => values.pipe(keep((value, held) => value === 'b' && held.release())));
      expect(settledIn(source)).to.deep.equal(['b']);
      expect(source.watermark()).to.equal(undefined);
    });
  });

  describe('1: what leaves its subscriber closed is never settled', () => {
    const closing: [string, (values: Observable<string>) => Observable<unknown>][] = [
      ['take', (values) => values.pipe(take(2))],
      ['first', (values) => values.pipe(first((value) => value === 'b'))],
      ['takeWhile, which refuses it', (values) => values.pipe(takeWhile((value) => value !== 'b'))],
      [
        'a throwing map',
        (values) =>
          values.pipe(
            map((value) => {
              if (value === 'b') throw new Error('map');
              return value;
            }),
          ),
      ],
    ];
    for (const [name, build] of closing) {
      it(`leaves the last event unsettled, with ${name}`, () => {
        const { source } = run('-a-b-c', build);
        expect(settledIn(source)).to.deep.equal(['a']);
        expect(source.unsettled()).to.deep.equal(['b']);
      });

      it(`leaves the last event unsettled, with ${name} after a hold`, () => {
        const { source } = run('-a---b---c', (values) => build(values.pipe(after(2))));
        expect(settledIn(source)).to.deep.equal(['a']);
        expect(source.watermark()).to.equal('a');
      });
    }

    it('leaves an event unsettled, when the subscriber unsubscribes inside next', () => {
      const log: DeliveredSource<string>[] = [];
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered<string>(hot('-a-b'), scheduler);
        log.push(source);
        const subscription = source.values.subscribe(() => subscription.unsubscribe());
        flush();
      });
      expect(settledIn(log[0]!)).to.deep.equal([]);
    });

    it('leaves an event unsettled, when an operator emits to a closed subscriber and releases', () => {
      const { source, result } = run('-a', (values) =>
        values.pipe(
          tap(() => {
            const held = hold();
            held.emit({ next: () => undefined, closed: true } as never, 'x');
            held.release();
          }),
        ),
      );
      expect(settledIn(source)).to.deep.equal([]);
      expect(result.errors[0]).to.be.instanceOf(DeliveryFailedError);
    });

    it('settles what a live branch took, when another branch is full', () => {
      const { source } = run('-a-b-c', (values) =>
        values.pipe(connect((shared) => merge(shared.pipe(take(1)), shared.pipe(after(1))))),
      );
      expect(settledIn(source)).to.deep.equal(['a', 'b', 'c']);
    });

    it('leaves it unsettled and fails, when a raw subscriber throws', () => {
      const errors: unknown[] = [];
      class Throwing extends Subscriber<string> {
        override next(): void {
          throw new Error('raw');
        }
        override error(error: unknown): void {
          errors.push(error);
          this.unsubscribe();
        }
      }
      runMarbles(({ cold, scheduler, flush }) => {
        const source = delivered<string>(cold('-a'), scheduler);
        // The only way to a subscriber that RxJS does not guard.
        // eslint-disable-next-line @typescript-eslint/no-deprecated
        source.values.subscribe(new Throwing());
        expect(flush).to.throw('raw');
        expect(settledIn(source)).to.deep.equal([]);
        expect(hold().state()).to.equal('none');
        flush();
      });
      expect(errors[0]).to.be.instanceOf(DeliveryFailedError);
    });
  });

  describe('3: work that is dropped or fails is told, never a silent stall', () => {
    it('fails the subscription, when switchMap drops a held event', () => {
      const { source, result } = run('-a-b------', (values) =>
        values.pipe(switchMap((value) => of(value).pipe(after(5)))),
      );
      expect(result.errors).to.have.length(1);
      expect(result.errors[0]).to.be.instanceOf(DeliveryFailedError).and.have.property('code', 'delivery-failed');
      expect(settledIn(source)).to.deep.equal([]);
    });

    it('says nothing, when the whole subscription was unsubscribed', () => {
      const { source, result } = run('-(ab)-----', (values) => values.pipe(after(5), take(1)));
      expect(result).to.deep.equal({ errors: [], values: ['a'] });
      expect(settledIn(source)).to.deep.equal([]);
    });

    it('errors the subscription with the cause, when a hold fails', () => {
      const cause = new Error('no');
      const { result } = run('-a', (values) => values.pipe(keep((_value, held) => held.fail(cause))));
      expect(result.errors[0]).to.be.instanceOf(DeliveryFailedError).and.have.property('cause', cause);
    });

    it('keeps the events before and after from being lost, when one in the middle fails', () => {
      const { source } = run('-a-b-c', (values) =>
        values.pipe(keep((value, held) => (value === 'b' ? held.fail(new Error('no')) : held.release()))),
      );
      expect(source.watermark()).to.equal('a');
    });
  });

  describe('4: holds', () => {
    const takeOne = (use: (held: Hold) => void) =>
      run('-a', (values) => values.pipe(keep((_value, held) => use(held))));

    it('are idempotent', () => {
      const { source } = run('-a', (values) =>
        values.pipe(
          connect((shared) =>
            merge(
              shared.pipe(
                keep((_value, held) => {
                  held.release();
                  held.release();
                  held.abandon();
                }),
              ),
              shared.pipe(after(5)),
            ),
          ),
        ),
      );
      expect(source.settled).to.deep.equal([{ value: 'a', at: 6 }]);
    });

    it('throw at emit, after the release', () => {
      let thrown: unknown;
      takeOne((held) => {
        held.release();
        try {
          held.emit(new Subject<string>() as never, 'x');
        } catch (error) {
          thrown = error;
        }
      });
      expect(RxforceError.is(thrown)).to.equal(true);
    });

    it('say that they are dead, when taken after the delivery ended', () => {
      const states: string[] = [];
      run('-a', (values) =>
        values.pipe(
          tap(() => {
            const first = hold();
            first.abandon();
            states.push(first.state(), hold().state());
          }),
        ),
      );
      expect(states).to.deep.equal(['dropped', 'dead']);
    });

    it('do nothing, where no delivery is in scope', () => {
      const held = hold();
      expect(held.state()).to.equal('none');
      expect(() => {
        held.release();
        held.abandon();
        held.fail(new Error('no'));
      }).not.to.throw();
    });

    it('join to one, which releases all and whose scope is all of theirs', () => {
      const holds: Hold[] = [];
      const downstream = new Subject<string>();
      downstream.pipe(after(5)).subscribe();
      const { source } = run('-a-b-----', (values) =>
        values.pipe(
          keep<string, string>((value, held) => {
            holds.push(held);
            if (value !== 'b') return;
            const joint = joinHolds(holds);
            joint.emit(downstream as never, 'ab');
            joint.release();
          }),
        ),
      );
      expect(source.settled).to.deep.equal([
        { value: 'a', at: 8 },
        { value: 'b', at: 8 },
      ]);
    });

    it('join to one that knows its events, so that an array of them is not taken for late', () => {
      const holds: Hold[] = [];
      const joined: object[] = [];
      const states: string[] = [];
      const { source } = run('-a-b---', (values) =>
        values.pipe(
          keep<string, string>((value, held) => {
            holds.push(held);
            joined.push({ value, [DELIVERY]: held.delivery() });
            if (value !== 'b') return;
            const joint = joinHolds(holds);
            const next = () => {
              const downstream = hold(joined);
              states.push(downstream.state());
              downstream.onEnded((outcome) => states.push(outcome));
              joint.release();
              states.push(String(joint.delivery()?.ended()));
              downstream.release();
              states.push(String(joint.delivery()?.ended()));
              joint.delivery()?.reportEarlySettlement('alone');
            };
            joint.emit({ next, closed: false } as never, joined);
          }),
        ),
      );
      // The source itself holds b until its call returns.
      expect(states).to.deep.equal(['open', 'false', 'false', 'settled']);
      expect(source.settledEarly).to.deep.equal([]);
    });

    it('join to a released one, when they were released before', () => {
      run('-a', (values) =>
        values.pipe(
          tap(() => {
            const parts = [hold(), hold()];
            parts.forEach((held) => held.release());
            const joint = joinHolds(parts);
            expect(joint.state()).to.equal('released');
            expect(() => joint.emit(new Subject<string>() as never, 'x')).to.throw('after its release()');
          }),
        ),
      );
    });

    it('never settle any, when a joint emission leaves its subscriber closed', () => {
      const holds: Hold[] = [];
      const { source, result } = run('-a-b-----', (values) =>
        values.pipe(
          keep<string, string>((value, held) => {
            holds.push(held);
            if (value !== 'b') return;
            const joint = joinHolds(holds);
            const closed = new Subject<string>();
            joint.emit({ next: () => undefined, closed: true } as never, 'ab');
            joint.release();
            closed.complete();
          }),
        ),
      );
      expect(settledIn(source)).to.deep.equal([]);
      expect(result.errors[0]).to.be.instanceOf(DeliveryFailedError);
    });
  });

  describe('5: the end of an event is told in a later turn', () => {
    it('comes after the error of a last handler that throws', (done) => {
      const order: string[] = [];
      config.onUnhandledError = (error: unknown) => order.push(`rethrown ${(error as Error).message}`);
      const source = delivered(of('a', 'b'), asyncScheduler);
      source.values
        .pipe(
          tap((value) => {
            const held = hold();
            held.onEnded((outcome) => {
              order.push(`${value} ${outcome}`);
              if (order.length < 4) return;
              config.onUnhandledError = null;
              expect(order).to.deep.equal(['rethrown a', 'a settled', 'rethrown b', 'b settled']);
              done();
            });
            held.release();
          }),
        )
        .subscribe((value) => {
          throw new Error(value);
        });
    });

    it('is told to all who listen, also when one of them throws', () => {
      const told: string[] = [];
      runMarbles(({ hot, scheduler, flush }) => {
        delivered<string>(hot('-a'), scheduler).values.subscribe(() => {
          const held = hold();
          held.onEnded(() => {
            throw new Error('listener');
          });
          held.onEnded(() => told.push('second'));
          held.release();
        });
        expect(flush).to.throw('listener');
        flush();
      });
      expect(told).to.deep.equal(['second']);
    });

    it('is told as unsettled, when the event never will be', () => {
      const outcomes: string[] = [];
      run('-a', (values) =>
        values.pipe(
          tap(() => {
            const held = hold();
            held.onEnded((outcome) => outcomes.push(outcome));
            held.release();
          }),
          take(1),
        ),
      );
      expect(outcomes).to.deep.equal(['unsettled']);
    });
  });

  describe('scope', () => {
    it('nests, when one stream emits inside the delivery of another', () => {
      const states: string[] = [];
      runMarbles(({ hot, scheduler, flush }) => {
        const inner = new Subject<string>();
        const outerSource = delivered<string>(hot('-a'), scheduler);
        const innerSource = delivered(inner, scheduler);
        innerSource.values.pipe(keep(() => undefined)).subscribe();
        outerSource.values
          .pipe(
            tap(() => inner.next('x')),
            after(5),
          )
          .subscribe();
        virtual.time = scheduler;
        flush();
        states.push(...outerSource.settled.map(({ value, at }) => `${value} at ${at}`), ...innerSource.unsettled());
      });
      expect(states).to.deep.equal(['a at 6', 'x']);
    });

    it('is restored, when a subscriber throws', () => {
      run('-a', (values) =>
        values.pipe(
          map(() => {
            throw new Error('no');
          }),
        ),
      );
      expect(hold().state()).to.equal('none');
    });

    it('is one for two copies of the package', async () => {
      const copy = (await import(COPY)) as { hold: typeof hold };
      expect(copy.hold).not.to.equal(hold);
      const states: string[] = [];
      const { source } = run('-a', (values) =>
        values.pipe(
          tap(() => {
            const held = copy.hold();
            states.push(held.state());
            virtual.time.schedule(() => held.release(), 5);
          }),
        ),
      );
      expect(states).to.deep.equal(['open']);
      expect(source.settled).to.deep.equal([{ value: 'a', at: 6 }]);
    });
  });
});

describe('Early settlement', () => {
  /** Values of their own that carry their delivery, as events do. */
  function runEvents(marbles: string, build: (values: Observable<object>) => Observable<unknown>) {
    const reports: string[] = [];
    runMarbles(({ hot, scheduler, flush }) => {
      virtual.time = scheduler;
      const source = delivered<string>(hot(marbles), scheduler);
      build(source.values.pipe(map(carrying))).subscribe({ error: () => undefined });
      flush();
      reports.push(...source.settledEarly.map(({ value, beside }) => `${value} ${beside}`));
    });
    return reports;
  }
  const carrying = (value: string) => {
    const held = hold();
    held.release();
    return { value, [DELIVERY]: held.delivery() };
  };
  const holding = () => keep<unknown>((_value, held) => held.release());

  it('is not told, when the event comes in its scope', () => {
    expect(runEvents('-a-b', (values) => values.pipe(holding()))).to.deep.equal([]);
  });

  it('is told for an event alone, with delay', () => {
    expect(runEvents('-a', (values) => values.pipe(delay(3), holding()))).to.deep.equal(['a alone']);
  });

  it('is told for an event alone, with a concatMap that keeps it waiting', () => {
    const reports = runEvents('-(ab)', (values) =>
      values.pipe(
        concatMap((event) => of(event).pipe(delay(2))),
        holding(),
      ),
    );
    expect(reports).to.deep.equal(['a alone', 'b alone']);
  });

  it('is told for the others, with bufferCount', () => {
    const reports = runEvents('-a-b-c', (values) => values.pipe(bufferCount(3), holding()));
    expect(reports).to.deep.equal(['a among-others', 'b among-others']);
  });

  it('is told for the other, with withLatestFrom', () => {
    const reports = runEvents('-a--b', (values) =>
      values.pipe(connect((shared) => shared.pipe(withLatestFrom(shared.pipe(take(1))), holding()))),
    );
    expect(reports).to.deep.equal(['a among-others']);
  });

  it('is not told and the event is held, when another hold still keeps it open', () => {
    const settledAt: number[] = [];
    runMarbles(({ hot, scheduler, flush }) => {
      virtual.time = scheduler;
      const source = delivered<string>(hot('-a'), scheduler);
      source.values
        .pipe(
          map(carrying),
          connect((shared) =>
            merge(
              shared.pipe(keep((_value, held) => scheduler.schedule(() => held.release(), 3))),
              shared.pipe(
                delay(2),
                keep<unknown>((_value, held) => scheduler.schedule(() => held.release(), 7)),
              ),
            ),
          ),
        )
        .subscribe();
      flush();
      settledAt.push(...source.settled.map(({ at }) => at));
      expect(source.settledEarly).to.deep.equal([]);
    });
    expect(settledAt).to.deep.equal([10]);
  });

  it('is not told for an event that will never be settled', () => {
    const reports = runEvents('-a-b', (values) =>
      values.pipe(
        tap(() => hold().abandon()),
        delay(1),
        holding(),
      ),
    );
    expect(reports).to.deep.equal([]);
  });
});
