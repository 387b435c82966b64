import { expect } from 'chai';
import { Subject } from 'rxjs';
import { BUSY, deferred, FakeStore, nameOf } from '../../test/support/fake-store.js';
import { see, type SteppedThingStream } from '../../test/support/stepped-time.js';
import { payloadOf, wireEvent } from '../../test/support/fake-service.js';
import { Ok } from '../model/result.js';
import type { DrainReport } from './drain-report.js';
import { drain, drainSuite, TOPIC } from '../../test/support/drained.js';

describe('draining', () => {
  const suite = drainSuite();
  const { withStore } = suite;

  const typesOf = ({ statuses }: SteppedThingStream) => statuses.map(({ type }) => type);

  it('reports nothing, when there is no subscription', async () => {
    const stream = withStore();
    const drained = drain(stream);
    await stream.pass(0);
    expect(drained.report).to.deep.equal({ settled: 0, unsettled: 0, uncommitted: 0, subscriptions: [] });
  });

  it('asks for nothing more, completes, waits for the work, commits, gives the position up, and then reports', async () => {
    const stream = withStore({ window: 4, refillAt: 1 });
    const seen = stream.subscribeHolding();
    await stream.pass(1);
    stream.service.stream.send('a', 'b', 'c');
    seen.release('a');
    await stream.pass(1);
    const requests = stream.service.stream.requests.length;

    const drained = drain(stream);
    expect(stream.service.stream.halfClosed).to.equal(true);
    await stream.pass(0);
    expect(seen.completed).to.equal(true);
    await stream.pass(1_000);
    expect(drained.report).to.equal(undefined);

    seen.release('b');
    await stream.pass(100);
    expect([drained.report, suite.store.saved]).to.deep.equal([undefined, ['a']]);
    seen.release('c');
    await stream.pass(1);
    expect(suite.store.log.slice(-3)).to.deep.equal(['save c', 'saved c', 'release']);
    expect(drained.report).to.deep.include({ settled: 2, unsettled: 0 });
    const [{ lastCommitted, ...rest }, ...others] = drained.report!.subscriptions as [DrainReport['subscriptions'][0]];
    expect(nameOf(lastCommitted)).to.equal('c');
    expect([rest, others]).to.deep.equal([
      { topic: TOPIC, name: 'default', settled: 2, unsettled: 0, uncommitted: 0 },
      [],
    ]);
    expect(stream.service.stream.requests).to.have.length(requests);
    expect(stream.service.stream.cancelled).to.equal(true);
    expect(typesOf(stream).slice(-3)).to.deep.equal(['draining', 'committed', 'closed']);
  });

  it('reports only once the position is free for another', async () => {
    const freed = deferred<undefined>();
    suite.store.onRelease = () => freed.promise;
    const stream = withStore();
    stream.subscribe();
    await stream.pass(1);
    const drained = drain(stream);
    await stream.pass(100);
    expect(drained.report).to.equal(undefined);
    freed.resolve(undefined);
    await stream.pass(0);
    expect(drained.report).not.to.equal(undefined);
  });

  it('counts what is settled by the completion itself', async () => {
    const stream = withStore();
    const releases: (() => void)[] = [];
    const seen = stream.subscribeHolding();
    await stream.pass(1);
    stream.service.stream.send('a', 'b');
    releases.push(() => seen.release('a'));
    seen.subscription.add(() => releases.forEach((release) => release()));
    const drained = drain(stream);
    await stream.pass(1);
    seen.release('b');
    await stream.pass(1);
    expect(drained.report).to.deep.include({ settled: 2, unsettled: 0 });
  });

  it('takes no longer than it may, and reports what was not settled', async () => {
    const stream = withStore();
    const seen = stream.subscribeHolding();
    await stream.pass(1);
    stream.service.stream.send('a', 'b', 'c');
    const drained = drain(stream, 3_000);
    await stream.pass(1_000);
    seen.release('a', 'c');
    await stream.pass(1_999);
    expect(drained.report).to.equal(undefined);
    await stream.pass(1);
    expect(drained.report).to.deep.include({ settled: 2, unsettled: 1 });
    expect(nameOf(drained.report!.subscriptions[0]!.lastCommitted)).to.equal(nameOf(suite.store.position));
    expect(suite.store.locked).to.equal(false);
    seen.release('b');
    await stream.pass(60_000);
    expect(suite.store.saved).not.to.include('c');
  });

  it('takes no longer than it may, when the store is down or never answers', async () => {
    for (const onSave of [() => BUSY, () => new Promise<typeof BUSY>(() => undefined)]) {
      suite.store = new FakeStore();
      suite.store.onSave = onSave;
      const stream = withStore();
      stream.subscribe();
      await stream.pass(1);
      stream.service.stream.send('a');
      const drained = drain(stream, 3_000);
      await stream.pass(2_999);
      expect(drained.report).to.equal(undefined);
      await stream.pass(1);
      expect(drained.report).to.deep.include({ settled: 0, unsettled: 0, uncommitted: 1 });
      expect(drained.report!.subscriptions[0]!.lastCommitted).to.equal(undefined);
    }
  });

  it('saves at once what the store refused before, though the next attempt was to be later', async () => {
    suite.store.onSave = () => BUSY;
    const stream = withStore();
    stream.subscribe();
    await stream.pass(1);
    stream.service.stream.send('a', 'b');
    await stream.pass(16_000);
    suite.store.onSave = () => Ok(undefined);
    const drained = drain(stream);
    await stream.pass(10);
    expect(suite.store.saved).to.deep.equal(['b']);
    expect(drained.report).to.deep.include({ unsettled: 0, uncommitted: 0 });
  });

  it('ends at once with a time of 0', async () => {
    const stream = withStore();
    stream.subscribeHolding();
    await stream.pass(1);
    stream.service.stream.send('a');
    const drained = drain(stream, 0);
    await stream.pass(1);
    expect(drained.report).to.deep.include({ settled: 0, unsettled: 1 });
  });

  it('hands out nothing that waits for its schema, and does not lose it', async () => {
    const stream = withStore();
    stream.service.schemas = () => new Subject();
    const seen = stream.subscribe();
    await stream.pass(1);
    stream.service.stream.send('a');
    const drained = drain(stream);
    await stream.pass(1);
    expect([seen.names, seen.completed]).to.deep.equal([[], true]);
    expect(drained.report).to.deep.include({ settled: 0, unsettled: 0 });
    expect(suite.store.saved).to.deep.equal([]);
  });

  it('takes in nothing that comes after it was called', async () => {
    const stream = withStore();
    const seen = stream.subscribeHolding();
    await stream.pass(1);
    stream.service.stream.send('a');
    const drained = drain(stream);
    stream.service.stream.send('b');
    await stream.pass(1);
    seen.release('a');
    await stream.pass(1);
    expect(seen.names).to.deep.equal(['a']);
    expect(suite.store.position && nameOf(suite.store.position)).to.equal('a');
    expect(drained.report).to.deep.include({ settled: 1, unsettled: 0 });
  });

  it('lets the handler that calls it finish: its event is settled and committed', async () => {
    const stream = withStore();
    let drained: { report: DrainReport | undefined } | undefined;
    const seen = see(stream.events$, ({ id }) => {
      if (id === 'b') drained = drain(stream);
    });
    await stream.pass(1);
    stream.service.stream.send('a', 'b', 'c');
    await stream.pass(1);
    expect(seen.names).to.deep.equal(['a', 'b']);
    expect(suite.store.saved).to.deep.equal(['b']);
    expect(drained?.report).to.deep.include({ settled: 1, unsettled: 0 });
  });

  it('waits for what was put aside', async () => {
    const done = new Subject<never>();
    const stream = withStore({ onUndecodable: () => done });
    stream.subscribe();
    await stream.pass(1);
    stream.service.stream.send(wireEvent('a', { payload: payloadOf('a').subarray(0, 20) }));
    const drained = drain(stream);
    await stream.pass(1_000);
    expect(drained.report).to.equal(undefined);
    expect(done.observed).to.equal(true);
    done.complete();
    await stream.pass(1);
    expect(drained.report).to.deep.include({ settled: 1, unsettled: 0 });
    expect(suite.store.saved).to.deep.equal(['a']);
  });
});
