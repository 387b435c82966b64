import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import {
  asyncScheduler,
  delay as rxDelay,
  filter,
  map,
  merge,
  mergeMap as rxMergeMap,
  NEVER,
  of,
  take,
  timer,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { runDiagram } from '../../test/support/marble-doc.js';
import * as twins from './index.js';
import { after, append, at, live, save, slowly } from '../../test/support/twin-values.js';

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
});
