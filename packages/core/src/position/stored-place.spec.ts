import { expect } from 'chai';
import { NEVER, of, throwError } from 'rxjs';
import { BUSY, CORRUPTED, idOf, nameOf } from '../../test/support/fake-store.js';
import { ConnectionError } from '../model/errors.js';
import { Ok } from '../model/result.js';
import { silentLogin } from '../stream-life/attended-login.js';
import { silentStore } from '../stream-life/tell-silence.js';
import type { ReplayOptions } from './replay-options.js';
import { checkedStore } from '../../test/support/store-suite.js';
import { Bench, opened } from '../../test/support/place-bench.js';

const offline = new ConnectionError('offline');

describe('StoredPlace', () => {
  const suite = checkedStore();
  const withStore = (replay: ReplayOptions = {}) => opened({ store: suite.store, commitIntervalMs: 100, ...replay });

  describe('open, without a store', () => {
    for (const from of ['latest', 'earliest'] as const) {
      it(`starts from '${from}', and knows no position`, async () => {
        const bench = await opened({ from });
        expect([bench.opened, bench.from, bench.current]).to.deep.equal([true, from, undefined]);
        expect(bench.place.beginning.isAdrift).to.equal(from === 'latest');
      });
    }

    it('starts after a replay id', async () => {
      const bench = await opened({ from: idOf('x') });
      expect([bench.from, bench.current, bench.place.beginning.isAdrift]).to.deep.equal(['x', 'x', false]);
    });

    it('starts with the events of a time, by passing over the earliest', async () => {
      const bench = await opened({ from: new Date(5_000) });
      expect([bench.from, bench.current]).to.deep.equal(['earliest', '@5000']);
      expect([bench.place.beginning.isSkipping, bench.place.beginning.isAdrift]).to.deep.equal([true, false]);
    });

    it('starts where a subscription before it ended', async () => {
      expect((await opened({ from: 'latest' }, idOf('x'))).from).to.equal('x');
      expect((await opened({ from: idOf('x') }, new Date(5))).current).to.equal('@5');
    });

    it('asks for no org, and keeps nothing', async () => {
      const bench = new Bench({ from: idOf('x') });
      bench.organization = () => throwError(() => offline);
      await bench.open();
      expect(bench.opened).to.equal(true);
      bench.settle('a');
      bench.place.moved(10, 0);
      await bench.time.pass(10_000);
      expect([bench.place.uncommitted(), bench.place.lastCommitted]).to.deep.equal([0, undefined]);
      expect(bench.statuses).to.deep.equal([]);
      let flushed = 0;
      bench.place.flush(() => flushed++);
      bench.place.release(() => flushed++);
      expect(flushed).to.equal(2);
    });
  });

  describe('open, with a store', () => {
    it('starts after the stored position, which counts as durable', async () => {
      suite.store.position = idOf('s');
      const bench = await withStore({ from: 'earliest' });
      expect([bench.from, bench.current, nameOf(bench.place.lastCommitted)]).to.deep.equal(['s', 's', 's']);
      bench.place.moved(10, 0);
      await bench.time.pass(1_000);
      expect(suite.store.saved).to.deep.equal([]);
    });

    it('starts with the events of the stored time', async () => {
      suite.store.position = new Date(5_000);
      const bench = await withStore();
      expect([bench.from, bench.place.beginning.isSkipping, bench.place.lastCommitted]).to.deep.equal([
        ...['earliest', true, undefined],
      ]);
    });

    it('waits for the org, and tries again', async () => {
      let failures = 2;
      const bench = new Bench({ store: suite.store });
      bench.organization = () => (failures-- > 0 ? throwError(() => offline) : of('00D000000000001'));
      await bench.open();
      expect(bench.told).to.deep.equal(['waiting 1 500 offline']);
      await bench.time.pass(2_000);
      expect(bench.told).to.deep.equal(['waiting 1 500 offline', 'waiting 2 1000 offline']);
      expect(bench.opened).to.equal(true);
    });

    it('waits for the store, and tries again', async () => {
      suite.store.onLoad = () => BUSY;
      const bench = await withStore();
      expect(bench.told).to.deep.equal(['waiting 1 500 busy']);
      suite.store.onLoad = () => Ok(undefined);
      await bench.time.pass(500);
      expect([bench.opened, suite.store.log]).to.deep.equal([true, ['lock', 'load', 'load']]);
    });

    it('reports a login without an answer, and leaves its warning to the client', async () => {
      const bench = new Bench({ store: suite.store });
      bench.organization = () => NEVER;
      await bench.open();
      await bench.time.pass(60_000);
      expect(bench.told).to.deep.equal([]);
      const waits = bench.statuses.map(
        (status) => status.type === 'waiting' && [status.attempt, status.cause?.message],
      );
      expect(waits).to.deep.equal([1, 2].map((times) => [times, silentLogin(times).message]));
      bench.place.release();
    });

    it('tells of a store without an answer, which has not failed', async () => {
      suite.store.onLoad = () => new Promise(() => undefined);
      const bench = await withStore();
      await bench.time.pass(30_000);
      expect(bench.told).to.deep.equal([`silent 1 ${silentStore(1).message}`]);
      expect(bench.statuses.map(({ type }) => type)).to.deep.equal(['waiting']);
    });

    it('waits for neither, when as many attempts have failed as may', async () => {
      const withoutOrg = new Bench({ store: suite.store }, 1);
      withoutOrg.organization = () => throwError(() => offline);
      await withoutOrg.open();
      expect([withoutOrg.error, withoutOrg.told]).to.deep.equal([offline, []]);
      suite.store.onLoad = () => BUSY;
      const withoutStore = await new Bench({ store: suite.store }, 1).open();
      expect([withoutStore.error, withoutStore.told]).to.deep.equal([BUSY.val, []]);
      await withoutStore.time.pass(1);
      expect(suite.store.locked).to.equal(false);
    });

    it('errors, and gives the position up, when it cannot be read', async () => {
      suite.store.onLoad = () => CORRUPTED;
      const bench = await withStore();
      expect([bench.opened, bench.error]).to.deep.equal([false, CORRUPTED.val]);
      expect(suite.store.locked).to.equal(false);
      expect((await withStore()).error).to.equal(CORRUPTED.val);
    });

    it('errors and touches nothing, when another has the position', async () => {
      const first = await withStore();
      const second = await withStore();
      expect(second.error).to.include({ code: 'position-in-use' });
      second.place.release();
      await first.time.pass(1);
      expect(suite.store.locked).to.equal(true);
    });
  });

  describe('moves with the watermark', () => {
    it('in where the next stream starts, with what is received; in where another one starts, with what is settled', async () => {
      const bench = await opened({ from: 'earliest' });
      const a = bench.watermark.open(idOf('a'));
      const b = bench.watermark.open(idOf('b'));
      expect([bench.from, bench.current]).to.deep.equal(['b', undefined]);
      bench.watermark.settle(a);
      expect([bench.from, bench.current]).to.deep.equal(['b', 'a']);
      bench.watermark.settle(b);
      expect(bench.current).to.equal('b');
    });

    it('and is adrift no more, once a position is known', async () => {
      const bench = await opened({ from: 'latest' });
      bench.watermark.advance(idOf('k'));
      expect([bench.place.beginning.isAdrift, bench.from]).to.deep.equal([false, 'k']);
    });
  });

  describe('given up', () => {
    for (const preset of ['earliest', 'latest'] as const) {
      it(`starts from '${preset}', and forgets where it was`, async () => {
        suite.store.position = idOf('old');
        const bench = await withStore();
        const open = bench.watermark.open(idOf('a'));
        bench.place.beginning.reset(preset);
        expect([bench.from, bench.current]).to.deep.equal([preset, preset === 'earliest' ? '@0' : undefined]);
        expect(bench.place.beginning.isAdrift).to.equal(preset === 'latest');
        bench.watermark.settle(open);
        bench.place.moved(1, 0);
        await bench.time.pass(1_000);
        expect([suite.store.saved, bench.place.uncommitted()]).to.deep.equal([[], 0]);
        bench.settle('n');
        bench.place.moved(1, 0);
        await bench.time.pass(1_000);
        expect(suite.store.saved).to.deep.equal(['n']);
      });
    }

    it('forgets the time of the first event after the tip', async () => {
      const bench = await opened({ from: 'latest' });
      bench.place.beginning.anchorAt(new Date(7_000)).subscribe();
      bench.place.beginning.reset('latest');
      expect(bench.current).to.equal(undefined);
    });
  });

  describe('retired', () => {
    it('hands its newest position on, and saves nothing more', async () => {
      const first = await withStore({ from: 'earliest' });
      first.settle('a');
      first.place.moved(10, 1);
      await first.time.pass(0);
      first.settle('b');
      first.place.moved(10, 1);
      first.place.retire();
      first.settle('c');
      const second = await withStore();
      expect(second.from).to.equal('c');
      first.settle('d');
      first.place.moved(10, 0);
      await first.time.pass(1_000);
      expect(suite.store.saved).to.deep.equal(['a', 'c']);
      let flushed = 0;
      first.place.flush(() => flushed++);
      expect(flushed).to.equal(1);
    });

    it('still saves, when nobody takes it over', async () => {
      const bench = await withStore({ from: 'earliest' });
      bench.place.retire();
      bench.settle('a');
      let flushed = 0;
      bench.place.flush(() => flushed++);
      await bench.time.pass(0);
      expect([flushed, suite.store.saved]).to.deep.equal([1, ['a']]);
    });
  });

  describe('released', () => {
    it('saves nothing more, and tells when it was given up', async () => {
      const bench = await withStore({ from: 'earliest' });
      bench.settle('a');
      bench.place.moved(10, 1);
      let released = 0;
      bench.place.release(() => released++);
      expect(released).to.equal(0);
      await bench.time.pass(1_000);
      expect([released, suite.store.locked, suite.store.saved]).to.deep.equal([1, false, []]);
    });

    it('may be released before it was opened', () => {
      const bench = new Bench({ store: suite.store });
      let released = 0;
      bench.place.release(() => released++);
      bench.place.retire();
      expect([released, suite.store.log]).to.deep.equal([1, []]);
    });
  });
});
