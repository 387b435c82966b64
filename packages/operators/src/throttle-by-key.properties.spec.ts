import { expect } from 'chai';
import fc from 'fast-check';
import { concat, delay, EMPTY, map, of, take, tap, throwError, timer } from 'rxjs';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { handle } from './handle.js';
import { throttleByKey, type ThrottleByKeyOptions } from './throttle-by-key.js';

describe('throttleByKey', () => {
  describe('whatever comes when, and however it ends', () => {
    interface Item {
      readonly index: number;
      readonly keys: readonly string[];
      readonly at: number;
    }
    interface Emission {
      readonly item: Item;
      readonly at: number;
    }
    const nameOf = ({ keys }: Item) => [...keys].sort().join();
    const indices = (items: readonly Item[]) => items.map(({ index }) => index);

    const scenario = fc.record({
      items: fc.array(
        fc.record({ keys: fc.uniqueArray(fc.constantFrom('p', 'q', 'r'), { maxLength: 2 }), ms: fc.nat(4) }),
        { maxLength: 40 },
      ),
      /** Whether each has one key. */
      single: fc.boolean(),
      durationMs: fc.nat(9),
      emit: fc.constantFrom<ThrottleByKeyOptions<Item>>({}, { leading: false }, { trailing: false }),
      window: fc.constantFrom(1, 2, 4, Infinity),
      workMs: fc.constantFrom(undefined, 0, 3),
      end: fc.constantFrom('complete', 'error', 'unsubscribe', 'take'),
      endAfter: fc.nat(60),
    });

    type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;

    /** Throttles as the scenario says. */
    function run({ items, single, durationMs, emit, window, workMs, end, endAfter }: Scenario) {
      let at = 0;
      const sent = items.map(({ keys, ms }, index): Item => {
        return { keys: single ? [keys[0] ?? 'p'] : keys, index, at: (at += ms) };
      });
      const passed: Emission[] = [];
      let settled: readonly Item[] = [];
      let unsettled: readonly Item[] = [];
      runMarbles(({ scheduler, flush }) => {
        const last = end === 'error' ? throwError(() => new Error('no')) : EMPTY;
        const input = concat(...sent.map((item, index) => of(item).pipe(delay(items[index]!.ms))), last);
        const source = delivered<Item>(input, scheduler, { window });
        const subscription = source.values
          .pipe(
            throttleByKey(durationMs, { ...emit, keyBy: ({ keys }) => keys }),
            take(end === 'take' ? endAfter % 7 : Infinity),
            tap((item) => passed.push({ item, at: scheduler.now() })),
            workMs === undefined ? map((item) => item) : handle((item) => timer(workMs).pipe(map(() => item))),
          )
          .subscribe({ error: () => undefined });
        if (end === 'unsubscribe') scheduler.schedule(() => subscription.unsubscribe(), endAfter);
        flush();
        settled = source.settled.map(({ value }) => value);
        unsettled = source.unsettled();
      });
      return { sent, passed, settled, unsettled, doneAt: at };
    }

    it('each event is settled once, or not at all where it did not end well', () => {
      fc.assert(
        fc.property(scenario, (given) => {
          const { sent, settled, unsettled } = run(given);
          expect([...new Set(settled)]).to.have.length(settled.length);
          expect(settled.some((item) => unsettled.includes(item))).to.equal(false);
          if (given.end === 'complete') expect(settled).to.have.members(sent);
        }),
        { numRuns: 300 },
      );
    });

    it('the newest of a key is not lost: what is settled and did not pass gave way to one that passed, or comes again', () => {
      fc.assert(
        fc.property(scenario, (given) => {
          const { passed, settled, unsettled } = run(given);
          const seen = [...passed.map(({ item }) => item), ...unsettled];
          for (const item of settled.filter((each) => !seen.includes(each))) {
            const others = seen.filter((each) => nameOf(each) === nameOf(item));
            const gaveWay =
              given.emit.trailing === false
                ? others.some(({ index, at }) => index < item.index && item.at - at <= given.durationMs)
                : others.some(({ index }) => index > item.index);
            expect(item.keys.length > 0 && gaveWay).to.equal(true);
          }
        }),
        { numRuns: 300 },
      );
    });

    it('no key goes back in time, nothing passes twice, and nothing waits for longer than an interval', () => {
      fc.assert(
        fc.property(scenario, (given) => {
          const { passed } = run(given);
          for (const { item, at } of passed) expect(at - item.at).to.be.within(0, given.durationMs);
          for (const key of ['p', 'q', 'r']) {
            const ofKey = indices(passed.map(({ item }) => item).filter(({ keys }) => keys.includes(key)));
            expect(ofKey).to.deep.equal([...new Set(ofKey)].sort((one, other) => one - other));
          }
        }),
        { numRuns: 300 },
      );
    });

    it('a key has one value in an interval, but for what goes out early', () => {
      fc.assert(
        fc.property(scenario, (given) => {
          const { passed, doneAt } = run({ ...given, single: true, window: Infinity });
          // The completion lets go of what is kept.
          const onTime = passed.filter(({ at }) => at < doneAt);
          for (const [index, { item, at }] of onTime.entries()) {
            const before = onTime.slice(0, index).findLast((each) => nameOf(each.item) === nameOf(item));
            if (before) expect(at - before.at).to.be.at.least(given.durationMs);
          }
        }),
        { numRuns: 300 },
      );
    });
  });
});
