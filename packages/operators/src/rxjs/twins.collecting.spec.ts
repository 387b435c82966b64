import { expect } from 'chai';
import {
  debounceTime as rxDebounceTime,
  delay as rxDelay,
  identity,
  map,
  merge,
  mergeMap as rxMergeMap,
  NEVER,
  of,
  ReplaySubject,
  switchMap as rxSwitchMap,
  take,
  type OperatorFunction,
} from 'rxjs';
import { DeliveryFailedError } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import * as twins from './index.js';
import { after, append, at, live, save, slowly } from '../../test/support/twin-values.js';

describe('The twins of RxJS operators', () => {
  describe('that collect', () => {
    it('settle what is in several buffers, when the last of them is done', () => {
      const { emitted, settled } = live({ marbles: '-a-b-c|', through: (s) => s.pipe(twins.bufferCount(2, 1)) });
      expect(emitted).to.deep.equal(['ab3', 'bc5', 'c6']);
      expect(settled).to.deep.equal(['a3', 'b5', 'c6']);
    });

    it('settle what is in no buffer at once', () => {
      const { emitted, settled } = live({ marbles: '-a-b-c-d-|', through: twins.bufferToggle(at(2), after(4)) });
      expect(emitted).to.deep.equal(['bc6']);
      expect(settled).to.deep.equal(['a1', 'b6', 'c6', 'd7']);
    });

    const early: [string, OperatorFunction<string, unknown>, string[]][] = [
      ['bufferCount', twins.bufferCount(5), ['abc5', 'de9', 'f12']],
      ['bufferTime', twins.bufferTime(10), ['abc5', 'de10', 'f12']],
      ['buffer', twins.buffer(at(10)), ['abc5', 'de10', 'f12']],
      ['bufferWhen', twins.bufferWhen(after(10)), ['abc5', 'de10', 'f12']],
      ['bufferToggle', twins.bufferToggle(of(1), after(10)), ['abc5', 'de10']],
      ['toArray', twins.toArray(), ['abc5', 'def11']],
    ];
    for (const [name, operator, emissions] of early) {
      it(`emit what they have early, when it fills the window, and the rest at its time (${name})`, () => {
        const { emitted, left } = live({ marbles: '-a-b-c-d-e-f|', through: operator, window: 3 });
        expect(emitted).to.deep.equal(emissions);
        expect(left).to.deep.equal([]);
      });
    }

    it('emit no empty array, when all that was in it went out early', () => {
      const { emitted } = live({ marbles: '-a-b------|', through: twins.bufferTime(8), window: 2 });
      expect(emitted).to.deep.equal(['ab3', '10']);
    });

    it('leave all unsettled, when unsubscribed before the completion (reduce)', () => {
      const { left } = live({ marbles: '-a-b-', through: twins.reduce(append, ''), unsubscribeAt: 9 });
      expect(left).to.deep.equal(['a', 'b']);
    });

    it('leave all unsettled, when the source errors', () => {
      for (const twin of [twins.toArray(), twins.bufferCount<string>(9), twins.reduce(append, '')]) {
        expect(live({ marbles: '-a-b-#', through: twin }).left).to.deep.equal(['a', 'b']);
      }
    });
  });

  describe('that combine', () => {
    it('keep the last event unsettled, until the pair with its successor is done (pairwise)', () => {
      const { settled, left } = live({ marbles: '-a-b-c-', through: (s) => s.pipe(twins.pairwise(), slowly) });
      expect(settled).to.deep.equal(['a6', 'b9']);
      expect(left).to.deep.equal(['c']);
    });

    it('let go of the last event, when it fills the window (pairwise)', () => {
      const { emitted, settled } = live({ marbles: '-a-b-', through: twins.pairwise(), window: 1 });
      expect(settled).to.deep.equal(['a1', 'b3']);
      expect(emitted).to.deep.equal(['ab3']);
    });

    it('hold events of both streams until their pair is done (zipWith)', () => {
      runMarbles(({ cold, scheduler, flush }) => {
        const one = delivered<string>(cold('-a-b---'), scheduler);
        const other = delivered<string>(cold('---x---'), scheduler);
        one.values.pipe(twins.zipWith(other.values), slowly).subscribe();
        flush();
        expect(one.settled).to.deep.equal([{ value: 'a', at: 6 }]);
        expect(other.settled).to.deep.equal([{ value: 'x', at: 6 }]);
        expect(one.unsettled()).to.deep.equal(['b']);
      });
    });

    it('hold what waits for the first value of another input, and what was superseded meanwhile (combineLatestWith)', () => {
      const twin: OperatorFunction<string, unknown> = (s) => s.pipe(twins.combineLatestWith(at(5, 9)), slowly);
      const { settled } = live({ marbles: '-a-b-----|', through: twin });
      expect(settled).to.deep.equal(['a8', 'b8']);
    });
  });

  describe('that part', () => {
    it('do not hold the first event of a group for as long as the group is worked on', () => {
      const grouped: OperatorFunction<string, unknown> = (s) =>
        s.pipe(
          twins.groupBy((value) => 'b'.includes(value)),
          twins.mergeMap((group) => group.pipe(twins.concatMap(save))),
        );
      expect(live({ marbles: '-ab-a--', through: grouped }).settled).to.deep.equal(['a4', 'b5', 'a7']);
    });

    it('keep what comes for a group that waits, and give it to the first subscriber, event by event', () => {
      const grouped: OperatorFunction<string, unknown> = (s) =>
        s.pipe(
          twins.groupBy(identity<string>, { duration: after(5) }),
          twins.concatMap((group) => group.pipe(twins.concatMap(save))),
        );
      const { emitted, settled } = live({ marbles: '-ab-ab-|', through: grouped });
      expect(emitted).to.deep.equal(['a4', 'a7', 'b10', 'b13']);
      expect(settled).to.deep.equal(['a4', 'a7', 'b10', 'b13']);
    });

    it('let the duration of a group see what comes, and leave what waits to its first subscriber', () => {
      const grouped: OperatorFunction<string, unknown> = (s) =>
        s.pipe(
          twins.groupBy(identity<string>, { duration: (group) => group.pipe(rxDebounceTime(3)) }),
          twins.concatMap((group) => group.pipe(twins.toArray(), rxDelay(6))),
        );
      expect(live({ marbles: '-abba------|', through: grouped }).emitted).to.deep.equal(['aa13', 'bb19']);
    });

    it('keep what comes for a window that waits', () => {
      const windows: OperatorFunction<string, unknown> = (s) =>
        s.pipe(
          twins.windowCount(2),
          twins.concatMap((window) => window.pipe(twins.concatMap(save))),
        );
      const { emitted, settled } = live({ marbles: '-abcd-|', through: windows });
      expect(emitted).to.deep.equal(['a4', 'b7', 'c10', 'd13']);
      expect(settled).to.deep.equal(emitted);
    });

    it('leave what waits unsettled, when unsubscribed', () => {
      const grouped: OperatorFunction<string, unknown> = (s) =>
        s.pipe(twins.groupBy(identity<string>), twins.concatAll());
      const { settled, left } = live({ marbles: '-abb-', through: grouped, unsubscribeAt: 9 });
      expect(settled).to.deep.equal(['a1']);
      expect(left).to.deep.equal(['b', 'b']);
    });

    it('leave the event unsettled whose replay ends all, and what waits behind it', () => {
      const grouped: OperatorFunction<string, unknown> = (s) =>
        s.pipe(
          twins.groupBy(identity<string>),
          twins.concatMap((group) => group.pipe(map((value) => check(value)))),
        );
      const check = (value: string) => {
        if (value === 'b') throw new Error('no');
        return value;
      };
      const { settled, left, errors } = live({ marbles: '-abb-|', through: grouped });
      expect(errors).to.have.length(1);
      expect(settled).to.deep.equal(['a1']);
      expect(left).to.deep.equal(['b', 'b']);
    });

    it('settle what comes for a group whose only subscriber has left', () => {
      const grouped: OperatorFunction<string, unknown> = (s) =>
        s.pipe(
          twins.groupBy(identity<string>),
          twins.concatMap((group) => group.pipe(take(1))),
        );
      const { emitted, left } = live({ marbles: '-abba-', through: grouped });
      expect(emitted).to.deep.equal(['a1', 'b2']);
      expect(left).to.deep.equal([]);
    });

    it('stay with the source, as RxJS does, while a group is subscribed to', () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-a-b-a-|');
        const grouped = source.pipe(twins.groupBy(identity<string>), take(1), rxMergeMap(identity));
        expectObservable(grouped).toBe('-a---a-|');
        expectSubscriptions(source.subscriptions).toBe('^------!');
      });
    });

    it('take the connector given', () => {
      const grouped = twins.groupBy(identity<string>, { connector: () => new ReplaySubject<string>(9) });
      const late: OperatorFunction<string, unknown> = (s) => s.pipe(grouped, rxDelay(9), rxMergeMap(identity));
      expect(live({ marbles: '-a-a-|', through: late }).emitted).to.deep.equal(['a10', 'a10']);
    });
  });

  it('fail the subscription, when what they hold is dropped while it goes on', () => {
    const dropped: OperatorFunction<string, unknown> = rxSwitchMap((value) =>
      merge(of(value), NEVER).pipe(twins.delay(9)),
    );
    const { errors } = live({ marbles: '-a-b-', through: dropped });
    expect(errors[0]).to.be.instanceOf(DeliveryFailedError);
  });
});
