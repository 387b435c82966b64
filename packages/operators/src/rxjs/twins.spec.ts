import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import {
  asyncScheduler,
  debounceTime as rxDebounceTime,
  delay as rxDelay,
  filter,
  identity,
  map,
  merge,
  mergeMap as rxMergeMap,
  NEVER,
  of,
  ReplaySubject,
  switchMap as rxSwitchMap,
  take,
  timer,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import { DeliveryFailedError } from '@rxforce/core/model';
import { delivered, runMarbles, type MarbleHelpers } from '@rxforce/core/testing';
import { runDiagram } from '../../test/support/marble-doc.js';
import { handle } from '../handle.js';
import * as twins from './index.js';

const after = (ms: number) => () => timer(ms);
const at = (...times: number[]) => merge(...times.map((ms) => timer(ms).pipe(map(() => ms))));
const save = <T>(value: T) => of(value).pipe(rxDelay(3));
const append = (state: string, value: string) => state + value;
const appendLater = (state: string, value: string) => save(state + value);
const arrays = rxMergeMap((part: Observable<string>) => part.pipe(twins.toArray()));
const numbered: OperatorFunction<string, Observable<number>> = map((value) => save('abc'.indexOf(value) + 1));
const of2 = { x: ['a', 'b'], y: ['c', 'd'], z: ['e'] };
const timed = { x: ['a', 'b'], y: [], z: ['c'] };
const toggled = { x: ['b', 'c'], y: ['e', 'f'] };
const states = { x: 'a', y: 'ab', z: 'abc' };

/** What the diagrams show, by the files that they are in. */
const DIAGRAMS: Readonly<Record<string, readonly [OperatorFunction<string, unknown>, Record<string, unknown>?]>> = {
  'merge-map': [twins.mergeMap(save)],
  'concat-map': [twins.concatMap(save)],
  'switch-map': [twins.switchMap(save)],
  'exhaust-map': [twins.exhaustMap(save)],
  'merge-all': [(source) => source.pipe(numbered, twins.mergeAll()), { 1: 1, 2: 2 }],
  'concat-all': [(source) => source.pipe(numbered, twins.concatAll()), { 1: 1, 2: 2 }],
  'switch-all': [(source) => source.pipe(numbered, twins.switchAll()), { 1: 1, 3: 3 }],
  'exhaust-all': [(source) => source.pipe(numbered, twins.exhaustAll()), { 1: 1, 3: 3 }],
  expand: [
    twins.expand((value) =>
      timer(1).pipe(
        filter(() => value === 'a'),
        map(() => 'b'),
      ),
    ),
  ],
  'merge-scan': [twins.mergeScan(appendLater, ''), states],
  'switch-scan': [twins.switchScan(appendLater, ''), { x: 'a', y: 'ac' }],
  'buffer-count': [twins.bufferCount(2), of2],
  'buffer-time': [twins.bufferTime(4), timed],
  buffer: [twins.buffer(at(4, 8)), of2],
  'buffer-toggle': [twins.bufferToggle(at(2, 11), after(4)), toggled],
  'buffer-when': [twins.bufferWhen(after(4)), of2],
  'to-array': [twins.toArray(), { x: ['a', 'b', 'c'] }],
  delay: [twins.delay(4)],
  'delay-when': [twins.delayWhen(after(4))],
  'observe-on': [twins.observeOn(asyncScheduler, 2)],
  'debounce-time': [twins.debounceTime(4)],
  debounce: [twins.debounce(after(4))],
  'audit-time': [twins.auditTime(3)],
  audit: [twins.audit(after(3))],
  'sample-time': [twins.sampleTime(4)],
  sample: [twins.sample(at(4, 8))],
  'throttle-time': [twins.throttleTime(5)],
  throttle: [twins.throttle(after(5))],
  scan: [twins.scan(append, ''), states],
  reduce: [twins.reduce(append, ''), { x: 'abc' }],
  count: [twins.count(), { x: 3 }],
  min: [twins.min()],
  max: [twins.max()],
  'take-last': [twins.takeLast(2)],
  last: [twins.last()],
  pairwise: [twins.pairwise(), { x: ['a', 'b'], y: ['b', 'c'] }],
  'zip-with': [twins.zipWith(at(4, 6)), { x: ['a', 4], y: ['b', 6] }],
  'combine-latest-with': [twins.combineLatestWith(at(4, 10)), { x: ['b', 4], y: ['c', 4], z: ['c', 10] }],
  'group-by': [
    (source) =>
      source.pipe(
        twins.groupBy((value) => 'ac'.includes(value)),
        twins.concatMap((group) => group.pipe(twins.toArray())),
      ),
    { x: ['a', 'c'], y: ['b', 'd'] },
  ],
  window: [(source) => source.pipe(twins.window(at(4, 8)), arrays), of2],
  'window-count': [(source) => source.pipe(twins.windowCount(2), arrays), of2],
  'window-time': [(source) => source.pipe(twins.windowTime(4), arrays), timed],
  'window-toggle': [(source) => source.pipe(twins.windowToggle(at(2, 11), after(4)), arrays), toggled],
  'window-when': [(source) => source.pipe(twins.windowWhen(after(4)), arrays), of2],
};

/** A pipeline over marbles, and what became of its events. */
interface Life {
  readonly marbles: string;
  readonly through: OperatorFunction<string, unknown>;
  readonly window?: number;
  readonly unsubscribeAt?: number;
}

/** Lives it, and tells what was emitted and settled when, as `a5`, and what was left. */
function live({ marbles, through, window = Infinity, unsubscribeAt }: Life, look?: (helpers: MarbleHelpers) => void) {
  const emitted: string[] = [];
  const errors: unknown[] = [];
  let settled: readonly string[] = [];
  let left: readonly string[] = [];
  runMarbles((helpers) => {
    const { cold, scheduler, flush } = helpers;
    const source = delivered<string>(cold(marbles), scheduler, { window });
    const subscription = source.values.pipe(through).subscribe({
      next: (value) => emitted.push(`${[value].flat(9).join('')}${scheduler.now()}`),
      error: (error: unknown) => errors.push(error),
    });
    if (unsubscribeAt !== undefined) scheduler.schedule(() => subscription.unsubscribe(), unsubscribeAt);
    look?.(helpers);
    flush();
    settled = source.settled.map(({ value, at: time }) => `${value}${time}`);
    left = source.unsettled();
  });
  return { emitted, settled, left, errors };
}

const slowly = handle(<T>(value: T) => of(value).pipe(rxDelay(3)));

describe('The twins of RxJS operators', () => {
  it('do what their diagrams show', () => {
    const files = readdirSync(new URL('.', import.meta.url)).filter((name) => /^[a-z-]+\.ts$/.test(name));
    expect(Object.keys(DIAGRAMS).sort()).to.deep.equal(
      files
        .map((name) => name.replace('.ts', ''))
        .filter((name) => name !== 'index')
        .sort(),
    );
    for (const [name, [operator, result]] of Object.entries(DIAGRAMS)) {
      const values = result && { result };
      expect(() => runDiagram(`rxjs/${name}.ts`, operator, values), name).not.to.throw();
    }
  });

  describe('that do work', () => {
    it('settle an event when its work has completed, and not when it has emitted', () => {
      const work = (value: string) => merge(of(value), timer(4).pipe(map(() => value)));
      const { emitted, settled } = live({ marbles: '-a-b-|', through: twins.mergeMap(work) });
      expect(emitted).to.deep.equal(['a1', 'b3', 'a5', 'b7']);
      expect(settled).to.deep.equal(['a5', 'b7']);
    });

    it('settle an event whose results are held downstream, when these are released', () => {
      const { settled } = live({ marbles: '-ab-|', through: (s) => s.pipe(twins.concatMap(save), slowly) });
      expect(settled).to.deep.equal(['a7', 'b10']);
    });

    it('settle an event whose work was cut off together with the one that did it (switchMap)', () => {
      const { settled } = live({ marbles: '-a-b-c---d-|', through: twins.switchMap(save) });
      expect(settled).to.deep.equal(['a8', 'b8', 'c8', 'd12']);
    });

    it('settle an event that was dropped together with the one under work (exhaustMap)', () => {
      const { emitted, settled } = live({ marbles: '-a-b-c---|', through: twins.exhaustMap(save) });
      expect(emitted).to.deep.equal(['a4', 'c8']);
      expect(settled).to.deep.equal(['a4', 'b4', 'c8']);
    });

    it('settle an event when all that came of it has ended (expand)', () => {
      const next = (value: string) => (value.length < 3 ? of(`${value}+`).pipe(rxDelay(2)) : NEVER.pipe(take(0)));
      const { emitted, settled } = live({ marbles: '-a-|', through: twins.expand(next) });
      expect(emitted).to.deep.equal(['a1', 'a+3', 'a++5']);
      expect(settled).to.deep.equal(['a5']);
    });

    it('leave what waits or is worked on unsettled, when unsubscribed', () => {
      const { settled, left } = live({ marbles: '-abc-', through: twins.concatMap(save), unsubscribeAt: 5 });
      expect(settled).to.deep.equal(['a4']);
      expect(left).to.deep.equal(['b', 'c']);
    });

    it('emit what comes of another stream inside the work in the scope of both', () => {
      runMarbles(({ cold, scheduler, flush }) => {
        const inner = delivered<string>(cold('--x|'), scheduler);
        const outer = delivered<string>(cold('-a|'), scheduler);
        outer.values
          .pipe(
            twins.mergeMap(() => inner.values),
            slowly,
          )
          .subscribe();
        flush();
        expect(inner.settled).to.deep.equal([{ value: 'x', at: 6 }]);
        expect(outer.settled).to.deep.equal([{ value: 'a', at: 6 }]);
      });
    });
  });

  describe('that pass on some values', () => {
    it('settle what was superseded together with what took its place', () => {
      const { settled } = live({ marbles: '-a-b-----c-|', through: (s) => s.pipe(twins.debounceTime(4), slowly) });
      expect(settled).to.deep.equal(['a10', 'b10', 'c14']);
    });

    it('settle what is superseded early, when it fills the window', () => {
      const { emitted, settled, left } = live({ marbles: '-a-b-c-d-', through: twins.sample(NEVER), window: 3 });
      expect(emitted).to.deep.equal([]);
      expect(settled).to.deep.equal(['a5', 'b5']);
      expect(left).to.deep.equal(['c', 'd']);
    });

    it('settle what is dropped within an interval at once, when none is kept for its end (throttle)', () => {
      const { settled } = live({ marbles: '-a-b-c---|', through: (s) => s.pipe(twins.throttleTime(3), slowly) });
      expect(settled).to.deep.equal(['b3', 'a4', 'c8']);
    });

    it('settle what is dropped within an interval with what ends it, when that is kept (throttle)', () => {
      const throttled = twins.throttleTime<string>(5, asyncScheduler, { leading: true, trailing: true });
      const { emitted, settled } = live({ marbles: '-a-b-c----|', through: throttled });
      expect(emitted).to.deep.equal(['a1', 'c6']);
      expect(settled).to.deep.equal(['a1', 'b6', 'c6']);
    });

    it('settle what never is emitted at the completion', () => {
      const { settled } = live({ marbles: '-a-b-|', through: twins.sample(NEVER) });
      expect(settled).to.deep.equal(['a5', 'b5']);
    });

    it('leave what they keep unsettled, when unsubscribed', () => {
      const { left } = live({ marbles: '-a-b-', through: twins.debounceTime(9), unsubscribeAt: 5 });
      expect(left).to.deep.equal(['a', 'b']);
    });

    it('settle a value whose delay ends without a notification, and emit none (delayWhen)', () => {
      const { emitted, settled } = live({ marbles: '-a-|', through: twins.delayWhen(() => timer(3).pipe(take(0))) });
      expect(emitted).to.deep.equal([]);
      expect(settled).to.deep.equal(['a1']);
    });
  });

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
