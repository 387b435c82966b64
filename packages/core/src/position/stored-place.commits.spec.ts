import { expect } from 'chai';
import { BUSY, CORRUPTED, deferred, idOf, nameOf } from '../../test/support/fake-store.js';
import { Ok, type Result } from '../model/result.js';
import type { StoreError } from '../ports/replay-store.js';
import type { ReplayOptions } from './replay-options.js';
import { checkedStore } from '../../test/support/store-suite.js';
import { type Bench, opened } from '../../test/support/place-bench.js';

describe('StoredPlace', () => {
  const suite = checkedStore();
  const withStore = (replay: ReplayOptions = {}) => opened({ store: suite.store, commitIntervalMs: 100, ...replay });

  describe('commits', () => {
    it('and counts what is settled and not durable', async () => {
      const save = deferred<Result<void, StoreError>>();
      suite.store.onSave = () => save.promise;
      const bench = await withStore({ from: 'earliest' });
      bench.settle('a');
      bench.settle('b');
      expect(bench.place.uncommitted()).to.equal(2);
      bench.place.moved(10, 1);
      await bench.time.pass(0);
      expect(bench.place.uncommitted()).to.equal(2);
      save.resolve(Ok(undefined));
      await bench.time.pass(0);
      expect([bench.place.uncommitted(), nameOf(bench.place.lastCommitted)]).to.deep.equal([0, 'b']);
      expect(bench.told).to.deep.equal(['committed']);
      expect(bench.statuses).to.deep.equal([{ type: 'committed', position: idOf('b'), events: 2, tookMs: 0 }]);
    });

    it('counts nothing, while no position is known that could be durable', async () => {
      const bench = await withStore({ from: 'earliest' });
      bench.watermark.settle(bench.watermark.open(undefined));
      expect(bench.place.uncommitted()).to.equal(0);
    });

    const urgent: readonly [what: string, outstanding: number, settled: number, isUrgent: boolean][] = [
      ['half of the window waits', 1, 5, true],
      ['less than half of it waits', 1, 4, false],
      ['nothing is outstanding', 0, 1, true],
    ];
    for (const [what, outstanding, settled, isUrgent] of urgent) {
      it(`${isUrgent ? 'at once' : 'after the interval'}, when ${what}`, async () => {
        const bench = await withStore({ from: 'earliest' });
        bench.settle('first');
        bench.place.moved(10, 10);
        await bench.time.pass(0);
        for (let index = 0; index < settled; index++) bench.settle(`e${index}`);
        bench.place.moved(10, outstanding);
        await bench.time.pass(1);
        expect(suite.store.saved).to.have.length(isUrgent ? 2 : 1);
        await bench.time.pass(100);
        expect(suite.store.saved).to.have.length(2);
      });
    }

    it('tells each failure, and that it is over when the store can never take it', async () => {
      suite.store.onSave = () => BUSY;
      const bench = await withStore({ from: 'earliest' });
      bench.settle('a');
      bench.place.moved(10, 1);
      await bench.time.pass(0);
      expect(bench.told).to.deep.equal(['commit failed 1 500']);
      const failed = { type: 'commitFailed', attempt: 1, delayMs: 500, cause: BUSY.val, tookMs: 0 };
      expect(bench.statuses).to.deep.equal([failed]);
      suite.store.onSave = () => CORRUPTED;
      await bench.time.pass(500);
      expect(bench.told.at(-1)).to.equal('failed position-corrupted');
    });

    it('and is adrift no more: another one starts there, and not at a newer tip', async () => {
      const bench = await withStore({ from: 'latest' });
      bench.watermark.advance(idOf('k'));
      expect(bench.place.beginning.isAdrift).to.equal(true);
      bench.place.moved(10, 0);
      await bench.time.pass(0);
      expect([suite.store.saved, bench.place.beginning.isAdrift]).to.deep.equal([['k'], false]);
    });

    it('the time of the first event, when it is taken back to before that', async () => {
      const bench = await withStore({ from: 'latest' });
      bench.place.beginning.anchorAt(new Date(5_000)).subscribe();
      await bench.time.pass(0);
      bench.settle('a');
      bench.place.moved(10, 0);
      await bench.time.pass(0);
      const done: unknown[] = [];
      bench.place.setBack({ index: 0, before: undefined, replayId: idOf('a') }, (ahead) => done.push(ahead));
      await bench.time.pass(0);
      expect([suite.store.saved, done, bench.current]).to.deep.equal([['@5000', 'a', '@5000'], [undefined], '@5000']);
    });

    it('no position that is only where it started from', async () => {
      const bench = await withStore({ from: 'earliest' });
      bench.place.moved(10, 0);
      await bench.time.pass(1_000);
      expect(suite.store.saved).to.deep.equal([]);
    });

    it('where it was told to start, when nothing was stored: a crash goes on there', async () => {
      const bench = await withStore({ from: idOf('x') });
      bench.place.moved(10, 0);
      await bench.time.pass(1_000);
      expect(suite.store.saved).to.deep.equal(['x']);
    });
  });

  describe('passing over', () => {
    it('ends with the first event that is not before the time, and then commits at once', async () => {
      const bench = await withStore({ from: new Date(5_000), commitIntervalMs: 60_000 });
      const { place } = bench;
      for (const [name, time] of [
        ['a', 4_999],
        ['b', 0],
      ] as const) {
        expect(place.beginning.skips(() => time)).to.equal(true);
        bench.settle(name);
      }
      place.moved(2, 0);
      await bench.time.pass(1_000);
      expect([suite.store.saved, place.uncommitted(), bench.current]).to.deep.equal([[], 0, '@5000']);
      // Nor when it is drained: the next process would give what came before that time.
      let isFlushed = false;
      place.flush(() => (isFlushed = true));
      await bench.time.pass(1_000);
      expect([suite.store.saved, isFlushed]).to.deep.equal([[], true]);
      expect(place.beginning.skips(() => 5_000)).to.equal(false);
      expect(place.beginning.skips(() => 0)).to.equal(false);
      expect([place.beginning.isSkipping, place.uncommitted(), bench.current]).to.deep.equal([false, 2, 'b']);
      await bench.time.pass(0);
      expect(suite.store.saved).to.deep.equal(['b']);
    });

    it('does not take an event whose time cannot be read, and goes on', async () => {
      const { place } = await opened({ from: new Date(5_000) });
      expect(place.beginning.skips(() => undefined)).to.equal(false);
      expect(place.beginning.isSkipping).to.equal(true);
    });

    it('does not look at times, where nothing is passed over', async () => {
      const { place } = await opened({ from: 'earliest' });
      const look = () => {
        throw new Error('looked');
      };
      expect(place.beginning.skips(look)).to.equal(false);
    });
  });

  describe('the anchor', () => {
    /** Sets it, and notes when it is durable. */
    function anchored({ place }: Bench): { done: boolean; error: unknown } {
      const state: { done: boolean; error: unknown } = { done: false, error: undefined };
      place.beginning.anchorAt(new Date(7_000)).subscribe({
        complete: () => (state.done = true),
        error: (error: unknown) => (state.error = error),
      });
      return state;
    }

    it('is where another one starts, until the first event is settled', async () => {
      const bench = await opened({ from: 'latest' });
      const a = bench.watermark.open(idOf('a'));
      expect(anchored(bench).done).to.equal(true);
      expect(bench.current).to.equal('@7000');
      bench.watermark.settle(a);
      expect(bench.current).to.equal('a');
    });

    it('is there once it is durable, and is told', async () => {
      const save = deferred<Result<void, StoreError>>();
      suite.store.onSave = () => save.promise;
      const bench = await withStore();
      const state = anchored(bench);
      await bench.time.pass(1_000);
      expect([state.done, suite.store.log.at(-1)]).to.deep.equal([false, 'save @7000']);
      save.resolve(Ok(undefined));
      await bench.time.pass(0);
      expect(state.done).to.equal(true);
      expect(bench.statuses).to.deep.equal([
        { type: 'committed', position: new Date(7_000), events: 0, tookMs: 1_000 },
      ]);
      expect(bench.place.lastCommitted).to.equal(undefined);
    });

    it('is tried again and told, when it cannot be saved for now', async () => {
      suite.store.onSave = () => BUSY;
      const bench = await withStore();
      const state = anchored(bench);
      await bench.time.pass(400);
      expect(bench.told).to.deep.equal(['commit failed 1 500']);
      suite.store.onSave = () => Ok(undefined);
      await bench.time.pass(100);
      expect([state.done, suite.store.saved]).to.deep.equal([true, ['@7000']]);
    });

    it('errors, when it can never be saved', async () => {
      suite.store.onSave = () => CORRUPTED;
      const bench = await withStore();
      const state = anchored(bench);
      await bench.time.pass(0);
      expect([state.done, state.error]).to.deep.equal([false, CORRUPTED.val]);
    });
  });
});
