import { expect } from 'chai';
import { asyncScheduler, config, connect, map, merge, of, Subject, take, tap } from 'rxjs';
import { keep } from '../../test/support/keep.js';
import { DeliveryFailedError, RxforceError } from '../model/errors.js';
import { delivered } from '../testing/delivered.js';
import { runMarbles } from '../testing/run-marbles.js';
import { DELIVERY } from './delivery.js';
import { hold, joinHolds, type Hold } from '../delivery.js';
import { after, run, settledIn, virtual } from '../../test/support/emission-runs.js';

/** The same module again, as a second copy of the package would bring it. */
const COPY = './hold.js?copy=2';

describe('Rules of emission', () => {
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
