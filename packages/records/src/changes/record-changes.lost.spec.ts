import { expect } from 'chai';
import { PositionInUseError, ReplayIdInvalidError } from '@rxforce/core';
import { ChangesBench, COMMITTED, CONNECTING, event } from '../../test/support/changes-bench.js';
import { at } from '../../test/support/scripted-client.js';

describe('recordChanges', () => {
  let bench: ChangesBench;

  beforeEach(() => {
    bench = new ChangesBench();
  });

  describe('where the position is lost', () => {
    const LOST = new ReplayIdInvalidError('too old', { topic: 'Account' });

    it('errors, by default', async () => {
      const { stream } = bench.subscribe();
      stream().tell({ ...CONNECTING, from: at('p') });
      stream().sink.error(LOST);
      await bench.time.pass(100);
      expect(bench.errors).to.deep.equal([LOST]);
    });

    it('reads everything again before the events from then on, when that is asked for', async () => {
      await bench.put({ phase: 'done', read: ['Account'] });
      const { stream, streams } = bench.subscribe({ queryLagMs: 0, replay: { onInvalid: 'snapshot' } });
      stream().tell({ ...CONNECTING, from: at('p') });
      await bench.time.pass(0);
      stream().sink.error(LOST);
      await bench.time.pass(0);
      expect(await bench.state(), 'durable before the stream moves on').to.include({ phase: 'lost' });
      expect(streams).to.have.length(2);
      expect(stream().options.replay).to.include({ onInvalid: 'latest' });
      stream().tell({ ...CONNECTING, from: at('p') });
      await bench.time.pass(100);
      expect(bench.asked, 'the position may still be lost').to.deep.equal([]);
      stream().tell({ type: 'replayReset', from: at('p'), policy: 'latest' });
      stream().tell({ ...CONNECTING, from: 'latest' });
      stream().sink.deliver(event('e1'), 'e1');
      await bench.time.pass(100);
      expect(bench.asked).to.deep.equal([]);
      stream().tell(COMMITTED);
      await bench.time.pass(1_000);
      expect(bench.seen).to.deep.equal(['a1', 'a2', 'a3', 'a4', 'a5', 'e1']);
      expect(bench.errors).to.deep.equal([]);
    });

    it('hears nothing of the stream whose position was lost, once it has ended', async () => {
      await bench.put({ phase: 'done', read: ['Account'] });
      const { streams } = bench.subscribe({ queryLagMs: 0, replay: { onInvalid: 'snapshot' } });
      streams[0]?.tell({ ...CONNECTING, from: at('p') });
      await bench.time.pass(0);
      streams[0]?.sink.error(LOST);
      await bench.time.pass(0);
      const told = bench.statuses.length;
      streams[0]?.tell(COMMITTED);
      streams[0]?.tell({ type: 'closed' });
      await bench.time.pass(1_000);
      expect([bench.asked, bench.statuses.length - told]).to.deep.equal([[], 0]);
    });

    it('remembers a second loss at once, when it comes in the same subscription', async () => {
      const { stream, subscription } = bench.subscribe({ queryLagMs: 5_000, replay: { onInvalid: 'snapshot' } });
      stream().tell({ ...CONNECTING, from: at('p') });
      stream().sink.error(LOST);
      await bench.time.pass(0);
      stream().tell({ ...CONNECTING, from: 'latest' });
      stream().tell({ type: 'live' });
      stream().tell(COMMITTED);
      await bench.time.pass(10_000);
      expect(await bench.state()).to.include({ phase: 'done' });
      stream().tell({ type: 'replayReset', from: at('q'), policy: 'latest' });
      stream().tell({ ...CONNECTING, from: 'latest' });
      stream().tell(COMMITTED);
      await bench.time.pass(0);
      expect(await bench.state(), 'while queries may lag').to.include({ phase: 'lost' });
      subscription.unsubscribe();
      const next = bench.subscribe({ queryLagMs: 0, replay: { onInvalid: 'snapshot' } });
      next.stream().tell({ ...CONNECTING, from: at('r') });
      await bench.time.pass(1_000);
      expect(bench.seen).to.have.length(10);
    });

    it('begins anew, when the stream was reset to the earliest event, and a cursor was saved before', async () => {
      await bench.put({ phase: 'reading', entity: 'Account', cursor: '4' });
      const { stream } = bench.subscribe({ replay: { onInvalid: 'earliest' } });
      stream().tell({ type: 'replayReset', from: at('p'), policy: 'earliest' });
      stream().tell({ ...CONNECTING, from: 'earliest' });
      await bench.time.pass(20_000);
      expect(bench.seen).to.have.length(5);
    });

    it('waits for its lease, when another replica has it by then', async () => {
      const { stream, streams } = bench.subscribe({ replay: { onInvalid: 'snapshot' } });
      stream().tell({ type: 'acquired', token: 7 });
      stream().tell({ ...CONNECTING, from: at('p') });
      bench.store.save = () => Promise.reject(new PositionInUseError('another holds it'));
      stream().sink.error(LOST);
      await bench.time.pass(100);
      expect([bench.errors, streams.length]).to.deep.equal([[], 2]);
    });

    it('reads everything again, when a crash came in between', async () => {
      await bench.put({ phase: 'lost' });
      const { stream } = bench.subscribe({ queryLagMs: 0, replay: { onInvalid: 'snapshot' } });
      stream().tell({ ...CONNECTING, from: at('new') });
      await bench.time.pass(1_000);
      expect(bench.seen).to.have.length(5);
    });

    it('begins the reading anew, when the stream was reset during it', async () => {
      const { stream } = bench.subscribe({ queryLagMs: 0, replay: { onInvalid: 'earliest' } });
      stream().tell({ ...CONNECTING, from: at('p') });
      stream().sink.deliver(event('e1'), 'e1');
      await bench.time.pass(15);
      stream().tell({ type: 'replayReset', from: at('p'), policy: 'earliest' });
      stream().tell({ ...CONNECTING, from: 'earliest' });
      await bench.time.pass(1_000);
      expect(bench.seen.at(-1)).to.equal('e1');
      expect(bench.errors).to.deep.equal([]);
    });
  });
});
