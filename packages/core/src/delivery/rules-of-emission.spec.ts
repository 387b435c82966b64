import { expect } from 'chai';
import {
  connect,
  distinctUntilChanged,
  filter,
  first,
  groupBy,
  map,
  merge,
  mergeAll,
  of,
  share,
  switchMap,
  take,
  takeWhile,
  tap,
  Subscriber,
  type Observable,
} from 'rxjs';
import { keep } from '../../test/support/keep.js';
import { DeliveryFailedError } from '../model/errors.js';
import { delivered, type DeliveredSource } from '../testing/delivered.js';
import { runMarbles } from '../testing/run-marbles.js';
import { hold } from '../delivery.js';
import { after, run, settledIn } from '../../test/support/emission-runs.js';

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
});
