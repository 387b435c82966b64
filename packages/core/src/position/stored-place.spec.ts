import { expect } from 'chai';
import { defer, of, throwError, type Observable } from 'rxjs';
import { BUSY, CORRUPTED, deferred, idOf, nameOf } from '../../test/support/fake-store.js';
import { SteppedTime } from '../../test/support/stepped-time.js';
import { Watermark } from '../delivery/watermark.js';
import { ConnectionError } from '../model/errors.js';
import { Ok, type Result } from '../model/result.js';
import type { StreamPosition, StoreError } from '../ports/replay-store.js';
import type { StatusDetail } from '../ports/status.js';
import { resolveSubscribeOptions } from '../subscribe/options.js';
import type { ReplayOptions } from './replay-options.js';
import { StoredPlace } from './stored-place.js';
import { checkedStore } from '../../test/support/store-suite.js';

const offline = new ConnectionError('offline');

/** A position, the watermark it moves with, and what it tells. */
class Bench {
  readonly time = new SteppedTime();
  readonly watermark = new Watermark(undefined);
  readonly statuses: StatusDetail[] = [];
  readonly told: string[] = [];
  organization: () => Observable<string> = () => of('00D000000000001');
  opened = false;
  error: unknown;
  readonly place: StoredPlace;

  constructor(replay: ReplayOptions, maxAttempts = Infinity) {
    this.place = new StoredPlace(
      {
        scheduler: this.time,
        random: () => 1,
        transport: { organization: () => defer(() => this.organization()) },
      },
      '/data/ThingChangeEvent',
      resolveSubscribeOptions({ replay, maxAttempts }),
      this.watermark,
      {
        tell: (type, ...[details]) => void this.statuses.push({ type, ...details?.() } as StatusDetail),
        waiting: (attempt, delayMs, cause) => this.told.push(`waiting ${attempt} ${delayMs} ${cause.message}`),
        commitFailed: (attempt, delayMs) => this.told.push(`commit failed ${attempt} ${delayMs}`),
        committed: () => this.told.push('committed'),
        failed: (error) => this.told.push(`failed ${error.code}`),
      },
    );
  }

  async open(before?: StreamPosition): Promise<this> {
    this.place.open(before).subscribe({
      next: () => (this.opened = true),
      error: (error: unknown) => (this.error = error),
    });
    await this.time.pass(0);
    return this;
  }

  /** Receives and settles an event. */
  settle(name: string): void {
    this.watermark.settle(this.watermark.open(idOf(name)));
  }

  get from(): string | undefined {
    return nameOf(this.place.beginning.from());
  }

  get current(): string | undefined {
    return nameOf(this.place.current());
  }
}

describe('StoredPlace', () => {
  const suite = checkedStore();

  const opened = (replay: ReplayOptions, before?: StreamPosition) => new Bench(replay).open(before);
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
      expect(bench.statuses).to.deep.equal([{ type: 'commitFailed', attempt: 1, delayMs: 500, cause: BUSY.val }]);
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
