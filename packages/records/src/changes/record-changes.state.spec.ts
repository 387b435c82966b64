import { expect } from 'chai';
import { of } from 'rxjs';
import {
  memoryReplayStore,
  PositionCorruptedError,
  ReplayStoreError,
  SnapshotTooSlowError,
  type ReplayStore,
} from '@rxforce/core';
import { handle } from '@rxforce/operators';
import { ChangesBench, COMMITTED, CONNECTING, event, KEY } from '../../test/support/changes-bench.js';
import { at, scriptedRows } from '../../test/support/scripted-client.js';

const HOUR_MS = 3_600_000;

describe('recordChanges', () => {
  let bench: ChangesBench;

  beforeEach(() => {
    bench = new ChangesBench();
  });

  it('lets events pass at once, when everything was read before', async () => {
    await bench.put({ phase: 'done', read: ['Account'] });
    const { stream } = bench.subscribe();
    stream().tell({ ...CONNECTING, from: at('p') });
    stream().sink.deliver(event('e1'), 'e1');
    await bench.time.pass(100);
    expect([bench.asked, bench.seen]).to.deep.equal([[], ['e1']]);
  });

  it('reports that it is done, when everything was read before', async () => {
    await bench.put({ phase: 'done', read: ['Account'] });
    const { stream } = bench.subscribe();
    stream().tell({ ...CONNECTING, from: at('p') });
    await bench.time.pass(0);
    expect(bench.phases()).to.deep.equal(['done Account 0']);
  });

  it('reads everything again, when its position is gone', async () => {
    await bench.put({ phase: 'done', read: ['Account'] });
    const { stream } = bench.subscribe();
    stream().tell({ ...CONNECTING, from: 'latest' });
    stream().tell(COMMITTED);
    await bench.time.pass(20_000);
    expect(bench.seen).to.have.length(5);
    expect(bench.warnings).to.have.length(1);
    expect(bench.warnings[0]).to.include('read again');
  });

  it('goes on at the last page that is settled', async () => {
    const first = bench.subscribe({ queryLagMs: 0 }, ['Account'], 100);
    first.stream().tell({ ...CONNECTING, from: at('p') });
    await bench.time.pass(215);
    expect(bench.seen).to.deep.equal(['a1', 'a2']);
    expect(await bench.state()).to.include({ cursor: '2', rows: 2 });
    first.subscription.unsubscribe();
    bench.asked.length = 0;
    const { stream } = bench.subscribe({ queryLagMs: 0 });
    stream().tell({ ...CONNECTING, from: at('p') });
    await bench.time.pass(1_000);
    expect(bench.asked[0]).to.equal('2');
    expect(bench.seen.slice(2)).to.include.members(['a3', 'a4', 'a5']);
    expect(await bench.state()).to.include({ phase: 'done', startedAt: 0 });
  });

  it('saves no cursor, while a record before it is not settled', async () => {
    const { stream } = bench.subscribe({ queryLagMs: 0 }, ['Account'], 1_000);
    stream().tell({ ...CONNECTING, from: at('p') });
    await bench.time.pass(500);
    expect(await bench.state()).to.include({ cursor: undefined, rows: 0 });
  });

  it('gives the records of another reading other ids', async () => {
    const ids: string[] = [];
    for (const replay of [{ store: memoryReplayStore() }, { store: memoryReplayStore() }]) {
      const rows$ = of(scriptedRows(bench.time, ['a1']));
      const { changes$, stream } = bench.changes(['Account'], () => rows$, { queryLagMs: 0, replay });
      changes$.pipe(handle(({ id }) => [ids.push(id)])).subscribe();
      stream().tell({ ...CONNECTING, from: at('p') });
      await bench.time.pass(100);
    }
    expect(new Set(ids).size).to.equal(2);
  });

  describe('where its state cannot be kept', () => {
    it('tries again, when the store fails for now', async () => {
      const { save } = bench.store;
      let failures = 2;
      const failing: ReplayStore['save'] = (...given) =>
        failures-- > 0 ? Promise.reject(new ReplayStoreError('busy', { retriable: true })) : save(...given);
      bench.store = { ...bench.store, save: failing };
      const { stream } = bench.subscribe({ queryLagMs: 0 });
      stream().tell({ ...CONNECTING, from: at('p') });
      await bench.time.pass(60_000);
      expect(bench.seen).to.have.length(5);
      expect(bench.warnings[0]).to.include('busy');
    });

    it('errors, when it holds something else', async () => {
      await bench.store.save(KEY, at('no state'));
      const { stream } = bench.subscribe();
      stream().tell({ ...CONNECTING, from: at('p') });
      await bench.time.pass(100);
      expect(bench.errors[0]).to.be.instanceOf(PositionCorruptedError);
    });
  });

  it('errors, when records are read for so long that events are about to be dropped', async () => {
    await bench.put({ phase: 'reading', entity: 'Account' });
    await bench.time.pass(50 * HOUR_MS);
    const { stream } = bench.subscribe({ rowWindow: 1 }, ['Account'], 21 * HOUR_MS);
    stream().tell({ ...CONNECTING, from: at('p') });
    await bench.time.pass(20);
    expect(bench.warnings[0]).to.include('50 hours');
    await bench.time.pass(22 * HOUR_MS);
    expect(bench.errors.at(-1)).to.be.instanceOf(SnapshotTooSlowError);
  });

  it('reads everything again, when the reading began so long ago that its events are gone', async () => {
    await bench.put({ phase: 'reading', entity: 'Account', cursor: '4' });
    await bench.time.pass(71 * HOUR_MS);
    const { stream } = bench.subscribe({ queryLagMs: 0 });
    stream().tell({ ...CONNECTING, from: at('p') });
    await bench.time.pass(1_000);
    expect(bench.seen).to.have.length(5);
    expect(bench.warnings[0]).to.include('70 hours');
  });
});
