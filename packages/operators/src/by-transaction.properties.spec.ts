import { expect } from 'chai';
import fc from 'fast-check';
import { concatMap, from, map, tap, timer, type SchedulerLike } from 'rxjs';
import type { ChangeEvent } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { byTransaction, type ChangeTransaction } from './by-transaction.js';
import { handle } from './handle.js';
import { eventOf } from '../test/support/in-transactions.js';

describe('byTransaction', () => {
  describe('whatever comes when', () => {
    interface Item {
      readonly at: number;
      readonly event: ChangeEvent;
    }
    const items = fc
      .array(fc.record({ wait: fc.integer({ min: 0, max: 4 }), isNew: fc.boolean() }), { maxLength: 40 })
      .map((list): Item[] => {
        let [at, number] = [0, 0];
        return list.map(({ wait, isNew }, index) => {
          at += wait;
          number += Number(isNew);
          return { at, event: eventOf(String(index), number) };
        });
      });
    const settings = fc.record({
      items,
      maxEvents: fc.integer({ min: 1, max: 6 }),
      maxWaitMs: fc.integer({ min: 0, max: 15 }),
      window: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(Infinity)),
    });
    type Settings = typeof settings extends fc.Arbitrary<infer S> ? S : never;
    const arriving = (list: readonly Item[], scheduler: SchedulerLike) =>
      from(list).pipe(concatMap(({ at, event }) => timer(new Date(at), scheduler).pipe(map(() => event))));

    function play(given: Settings, onComing: (kept: number, at: number) => void = () => undefined) {
      const { maxEvents, maxWaitMs, window } = given;
      const seen: { transaction: ChangeTransaction; at: number }[] = [];
      let settled: readonly string[] = [];
      runMarbles(({ scheduler, flush }) => {
        let kept = 0;
        const source = delivered(arriving(given.items, scheduler), scheduler, { window });
        const failures: unknown[] = [];
        source.values
          .pipe(
            tap(() => onComing(kept++, scheduler.now())),
            byTransaction({ maxEvents, maxWaitMs }),
          )
          .subscribe({
            next: (transaction) => {
              kept -= transaction.events.length;
              seen.push({ transaction, at: scheduler.now() });
            },
            error: (error: unknown) => failures.push(error),
          });
        flush();
        if (failures.length > 0) throw failures[0] as Error;
        settled = source.settled.map(({ value }) => value.id);
      });
      return { seen, settled };
    }

    it('parts follow the source, each transaction numbers its own and ends once, and all events are settled once', () => {
      fc.assert(
        fc.property(settings, (given) => {
          const { seen, settled } = play(given);
          const all = given.items.map(({ event }) => event.id);
          expect(seen.flatMap(({ transaction }) => transaction.events.map(({ id }) => id))).to.deep.equal(all);
          expect(settled).to.deep.equal(all);
          seen.forEach(({ transaction }, index) => {
            const { transactionKey, events: list, part } = transaction;
            expect(new Set([transactionKey, ...list.map(({ header }) => header.transactionKey)]).size).to.equal(1);
            expect(list.length).to.be.within(1, given.maxEvents);
            const before = seen[index - 1]?.transaction;
            expect(part).to.equal(before?.transactionKey === transactionKey ? before.part + 1 : 1);
            const after = seen[index + 1]?.transaction;
            if (transaction.complete) expect(after?.transactionKey).to.not.equal(transactionKey);
          });
        }),
        { numRuns: 300 },
      );
    });

    it('nothing waits longer than said, and no part is emitted without a reason', () => {
      fc.assert(
        fc.property(settings, (given) => {
          const arrivals = new Map(given.items.map(({ at, event }) => [event.id, at]));
          const end = given.items.at(-1)?.at;
          const { seen } = play({ ...given, window: Infinity });
          for (const { transaction, at } of seen) {
            const { events: list, complete } = transaction;
            const waited = at - arrivals.get(list[0]!.id)!;
            expect(waited).to.be.at.most(given.maxWaitMs);
            const isDue = list.length === given.maxEvents || waited === given.maxWaitMs || at === end;
            expect(complete || isDue).to.equal(true);
          }
        }),
        { numRuns: 300 },
      );
    });

    it('no more is kept than said, and no window that is full of it stays so', () => {
      fc.assert(
        fc.property(settings, (given) => {
          let last = -1;
          play(given, (kept, at) => {
            expect(kept).to.be.below(given.maxEvents);
            if (at > last) expect(kept).to.be.below(given.window);
            last = at;
          });
        }),
        { numRuns: 300 },
      );
    });

    it('every event is settled once when its work is done, and none after an error', () => {
      const works = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 });
      const failing = fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 12 }));
      fc.assert(
        fc.property(settings, works, failing, ({ items: list, window, ...options }, times, failAt) => {
          runMarbles(({ scheduler, flush }) => {
            const source = delivered(arriving(list, scheduler), scheduler, { window });
            const done: ChangeEvent[] = [];
            const failures: unknown[] = [];
            const work = (transaction: ChangeTransaction, index: number) =>
              timer(times[index % times.length]!, scheduler).pipe(
                tap(() => {
                  if (index === failAt) throw new Error('no');
                  done.push(...transaction.events);
                }),
              );
            source.values
              .pipe(byTransaction(options), handle(work, { concurrency: 3, keyBy: () => [] }))
              .subscribe({ error: (error: unknown) => failures.push(error) });
            flush();
            expect(source.settled.map(({ value }) => value)).to.deep.equal(done);
            expect(new Set(done).size).to.equal(done.length);
            if (failures.length === 0) expect(done).to.have.length(list.length);
          });
        }),
        { numRuns: 300 },
      );
    });
  });
});
