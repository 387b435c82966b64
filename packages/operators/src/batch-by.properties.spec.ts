import { expect } from 'chai';
import fc from 'fast-check';
import { concatMap, from, map, merge, tap, timer, type Observable, type SchedulerLike } from 'rxjs';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { batchBy } from './batch-by.js';
import { handle } from './handle.js';

describe('batchBy', () => {
  describe('whatever comes when', () => {
    interface Item {
      readonly index: number;
      readonly at: number;
      readonly key: string;
      readonly bytes: number;
    }
    const items = fc
      .array(
        fc.record({
          at: fc.integer({ min: 0, max: 40 }),
          key: fc.constantFrom('p', 'q', 'r'),
          bytes: fc.integer({ min: 0, max: 7 }),
        }),
        { maxLength: 40 },
      )
      .map((list): Item[] => list.sort((a, b) => a.at - b.at).map((item, index) => ({ ...item, index })));
    const settings = fc.record({
      items,
      size: fc.integer({ min: 1, max: 6 }),
      maxWaitMs: fc.oneof(fc.integer({ min: 0, max: 15 }), fc.constant(Infinity)),
      maxBytes: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(Infinity)),
      keyed: fc.boolean(),
      window: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(Infinity)),
    });
    type Settings = typeof settings extends fc.Arbitrary<infer S> ? S : never;

    const broken = (): never => {
      throw new Error('no');
    };
    const bytesIn = (batch: readonly Item[]) => batch.reduce((sum, { bytes }) => sum + bytes, 0);
    const keyOf =
      ({ keyed }: Settings) =>
      (item: Item) =>
        keyed ? item.key : '';
    const arriving = (list: readonly Item[], scheduler: SchedulerLike): Observable<Item> =>
      from(list).pipe(concatMap((item) => timer(new Date(item.at), scheduler).pipe(map(() => item))));
    const batching = (given: Settings) =>
      batchBy<Item>(given.size, given.maxWaitMs, {
        maxBytes: given.maxBytes,
        bytesOf: ({ bytes }) => bytes,
        keyBy: keyOf(given),
      });

    /** Plays the items, and tells which batches came when; `look` sees what is kept whenever a value comes. */
    function play(given: Settings, look: (kept: readonly Item[], coming: Item) => void = () => undefined) {
      const seen: { batch: Item[]; at: number }[] = [];
      let settled: readonly Item[] = [];
      let failure: unknown;
      runMarbles(({ scheduler, flush }) => {
        const kept = new Set<Item>();
        const source = delivered(arriving(given.items, scheduler), scheduler, { window: given.window });
        source.values
          .pipe(
            tap((item) => {
              look([...kept], item);
              kept.add(item);
            }),
            batching(given),
          )
          .subscribe({
            next: (batch) => {
              seen.push({ batch, at: scheduler.now() });
              batch.forEach((item) => kept.delete(item));
            },
            error: (error: unknown) => (failure = error),
          });
        flush();
        settled = source.settled.map(({ value }) => value);
      });
      if (failure !== undefined) throw failure as Error;
      return { seen, settled };
    }

    it('batches part the source, each key in order, within size and bytes, and all events are settled once', () => {
      fc.assert(
        fc.property(settings, (given) => {
          const { seen, settled } = play(given);
          const key = keyOf(given);
          for (const { batch } of seen) {
            expect(new Set(batch.map(key)).size).to.equal(1);
            expect(batch.length).to.be.at.most(given.size);
            expect(batch.length === 1 || bytesIn(batch) <= given.maxBytes).to.equal(true);
          }
          const all = seen.flatMap(({ batch }) => batch);
          for (const each of new Set(given.items.map(key))) {
            const ofKey = (list: readonly Item[]) => list.filter((item) => key(item) === each);
            expect(ofKey(all)).to.deep.equal(ofKey(given.items));
          }
          expect(settled).to.deep.equal(all);
          expect(settled).to.have.length(given.items.length);
        }),
        { numRuns: 300 },
      );
    });

    it('nothing waits longer than said, and no batch is emitted without a reason', () => {
      fc.assert(
        fc.property(settings, (given) => {
          const { seen } = play({ ...given, window: Infinity });
          const key = keyOf(given);
          const end = given.items.at(-1)?.at;
          for (const { batch, at } of seen) {
            const waited = at - batch[0]!.at;
            expect(waited).to.be.at.most(given.maxWaitMs);
            const next = given.items.find((item) => item.index > batch.at(-1)!.index && key(item) === key(batch[0]!));
            const isFull = batch.length === given.size || bytesIn(batch) >= given.maxBytes;
            const isInTheWay = next?.at === at && bytesIn(batch) + next.bytes > given.maxBytes;
            expect(isFull || isInTheWay || waited === given.maxWaitMs || at === end).to.equal(true);
          }
        }),
        { numRuns: 300 },
      );
    });

    it('no more is kept than said, and no window that is full of it stays so', () => {
      fc.assert(
        fc.property(settings, (given) => {
          const key = keyOf(given);
          let last = -1;
          play(given, (kept, coming) => {
            const ofKey = kept.filter((item) => key(item) === key(coming));
            expect(ofKey.length).to.be.at.most(given.size - 1);
            expect(bytesIn(ofKey)).to.be.below(given.maxBytes);
            if (coming.at > last) expect(kept.length).to.be.below(given.window);
            last = coming.at;
          });
        }),
        { numRuns: 300 },
      );
    });

    it('every event is settled once when its work is done, and none after an error', () => {
      const worked = fc.record({ given: settings, works: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 }) });
      const failing = fc.record({
        work: fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 12 })),
        source: fc.oneof(fc.constant(undefined), fc.integer({ min: 0, max: 50 })),
      });
      fc.assert(
        fc.property(worked, failing, fc.integer({ min: 1, max: 3 }), ({ given, works }, fails, concurrency) => {
          runMarbles(({ scheduler, flush }) => {
            const items$ = arriving(given.items, scheduler);
            const { source: at } = fails;
            const input = at === undefined ? items$ : merge(items$, timer(at, scheduler).pipe(map(broken)));
            const source = delivered(input, scheduler, { window: given.window });
            const done: Item[] = [];
            const failures: unknown[] = [];
            const work = (batch: Item[], index: number) =>
              timer(works[index % works.length]!, scheduler).pipe(
                tap(() => {
                  if (index === fails.work) broken();
                  done.push(...batch);
                }),
              );
            source.values
              .pipe(batching(given), handle(work, { concurrency, keyBy: () => [] }))
              .subscribe({ error: (error: unknown) => failures.push(error) });
            flush();
            expect(source.settled.map(({ value }) => value)).to.deep.equal(done);
            expect(new Set(done).size).to.equal(done.length);
            if (failures.length === 0) expect(done).to.have.length(given.items.length);
          });
        }),
        { numRuns: 300 },
      );
    });
  });
});
