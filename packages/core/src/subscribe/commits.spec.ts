import { expect } from 'chai';
import { BUSY, CORRUPTED, deferred, idOf, nameOf } from '../../test/support/fake-store.js';
import { payloadOf, THING, THING_TIME, wireEvent } from '../../test/support/fake-service.js';
import { promises } from '../../test/support/stepped-time.js';
import { ReplayIdInvalidError } from '../model/errors.js';
import { Ok, type Result } from '../model/result.js';
import type { StoreError } from '../ports/replay-store.js';
import { typesOf } from '../../test/support/breaking-streams.js';
import { range } from '../../test/support/thing-stream.js';
import { startOf, storeSuite } from '../../test/support/store-suite.js';

describe('eventStream with a store', () => {
  const suite = storeSuite();
  const { withStore } = suite;

  describe('starts', () => {
    it('after the stored position, whatever `from` says', async () => {
      suite.store.position = idOf('s');
      const stream = withStore({ replay: { from: 'earliest' } });
      stream.subscribe();
      await stream.pass(1);
      expect(startOf(stream)).to.equal('s');
      expect([...suite.store.keys]).to.deep.equal([
        JSON.stringify({ organizationId: '00D000000000001', topic: '/data/ThingChangeEvent', name: 'default' }),
      ]);
    });

    it('with the events of the stored time', async () => {
      suite.store.position = new Date(THING_TIME);
      const stream = withStore();
      const { names } = stream.subscribe();
      await stream.pass(1);
      expect(startOf(stream)).to.equal('earliest');
      stream.service.stream.send(wireEvent('before', { payload: payloadOf('before', THING, THING_TIME - 1) }), 'a');
      expect(names).to.deep.equal(['a']);
    });

    for (const from of ['earliest', 'latest', idOf('x')] as const) {
      it(`from ${String(from)}, when nothing is stored`, async () => {
        const stream = withStore({ replay: { from } });
        stream.subscribe();
        await stream.pass(1);
        expect(startOf(stream)).to.equal(nameOf(from));
      });
    }

    it('no stream, before the position is known', async () => {
      const loaded = deferred<Result<void, StoreError>>();
      suite.store.onLoad = () => loaded.promise;
      const stream = withStore();
      stream.subscribe();
      await stream.pass(1_000);
      expect(stream.service.streams).to.have.length(0);
      loaded.resolve(Ok(undefined));
      await stream.pass(0);
      expect(stream.service.streams).to.have.length(1);
    });

    it('after a pause, when the position cannot be read for now, and says so', async () => {
      suite.store.position = idOf('s');
      suite.store.onLoad = () => BUSY;
      const stream = withStore();
      const { errors } = stream.subscribe();
      await stream.pass(400);
      expect(stream.statuses).to.deep.include({
        ...{ type: 'waiting', attempt: 1, delayMs: 500, cause: BUSY.val },
        ...{ topic: '/data/ThingChangeEvent', subscription: 1, name: 'default' },
      });
      expect(stream.warnings).to.have.length(1);
      suite.store.onLoad = () => Ok(undefined);
      await stream.pass(200);
      expect(startOf(stream)).to.equal('s');
      expect(errors).to.deep.equal([]);
    });

    it('not at all, when the position cannot be read, and leaves the store to others', async () => {
      suite.store.onLoad = () => CORRUPTED;
      const stream = withStore();
      const { errors } = stream.subscribe();
      await stream.pass(1);
      expect(errors).to.deep.equal([CORRUPTED.val]);
      expect(stream.service.streams).to.have.length(0);
      expect(suite.store.locked).to.equal(false);
    });

    it('not at all, when it is unsubscribed before the position is known', async () => {
      const loaded = deferred<Result<void, StoreError>>();
      suite.store.onLoad = () => loaded.promise;
      const stream = withStore();
      const { subscription } = stream.subscribe();
      await stream.pass(1);
      subscription.unsubscribe();
      loaded.resolve(Ok(undefined));
      await stream.pass(1);
      expect(stream.service.streams).to.have.length(0);
      expect(typesOf(stream)).to.deep.equal(['closed']);
      expect(suite.store.locked).to.equal(false);
    });
  });

  describe('commits', () => {
    it('what is settled, and nothing that is not', async () => {
      const stream = withStore({ replay: { from: 'earliest' } });
      const { release } = stream.subscribeHolding();
      await stream.pass(1);
      stream.service.stream.send('a', 'b', 'c');
      await stream.pass(1_000);
      expect(suite.store.saved).to.deep.equal([]);
      release('b');
      await stream.pass(1_000);
      expect(suite.store.saved).to.deep.equal([]);
      release('a');
      await stream.pass(1_000);
      expect(suite.store.saved).to.deep.equal(['b']);
      release('c');
      await stream.pass(1_000);
      expect(suite.store.saved).to.deep.equal(['b', 'c']);
      const told = stream.statuses.filter((status) => status.type === 'committed');
      expect(told.map(({ name, position }) => [name, nameOf(position)])).to.deep.equal([
        ['default', 'b'],
        ['default', 'c'],
      ]);
    });

    it('and tells how many events became durable, and how long the store took', async () => {
      const stream = withStore({ replay: { from: 'earliest' } });
      stream.subscribe();
      await stream.pass(1);
      suite.store.onSave = () => {
        const save = deferred<Result<unknown, StoreError>>();
        stream.time.schedule(() => save.resolve(Ok(undefined)), 40);
        return save.promise;
      };
      stream.service.stream.send('a', 'b', 'c');
      await stream.pass(1_000);
      stream.service.stream.send('d');
      await stream.pass(1_000);
      const told = stream.statuses.filter((status) => status.type === 'committed');
      expect(told.map(({ events, tookMs }) => [events, tookMs])).to.deep.equal([
        [3, 40],
        [1, 40],
      ]);
    });

    it('nothing in the turn in which it was settled, nor in the one that takes it', async () => {
      const stream = withStore({ replay: { from: 'earliest' } });
      stream.subscribe();
      await stream.pass(1);
      stream.service.stream.send('a');
      await promises();
      expect(suite.store.log).to.deep.equal(['lock', 'load']);
      const inBetween: string[] = [];
      // Such as the timer from which RxJS rethrows what the last handler threw.
      stream.time.schedule(() => inBetween.push(...suite.store.log.slice(2)));
      await stream.pass(0);
      expect(inBetween).to.deep.equal([]);
      expect(suite.store.saved).to.deep.equal(['a']);
    });

    it('at once, when half of the window waits for it', async () => {
      const stream = withStore({ replay: { from: 'earliest', commitIntervalMs: 10_000 }, window: 8, refillAt: 8 });
      stream.subscribe();
      await stream.pass(1);
      stream.service.stream.send('a');
      await stream.pass(1);
      expect(suite.store.saved).to.deep.equal(['a']);
      stream.service.stream.send('b', 'c', 'd');
      await stream.pass(100);
      expect(suite.store.saved).to.deep.equal(['a']);
      stream.service.stream.send('e');
      await stream.pass(1);
      expect(suite.store.saved).to.deep.equal(['a', 'e']);
    });

    it('a keepalive, when nothing is in flight', async () => {
      const stream = withStore();
      const { release } = stream.subscribeHolding();
      await stream.pass(1);
      stream.service.stream.keepalive('k');
      await stream.pass(200);
      expect(suite.store.saved).to.deep.equal(['k']);
      stream.service.stream.send('a');
      stream.service.stream.keepalive('k2');
      await stream.pass(200);
      expect(suite.store.saved).to.deep.equal(['k']);
      release('a');
      await stream.pass(200);
      expect(suite.store.saved).to.deep.equal(['k', 'a']);
    });

    it('no position, while events before a time are passed over', async () => {
      const stream = withStore({ replay: { from: new Date(THING_TIME) }, window: 4 });
      stream.subscribe();
      await stream.pass(1);
      for (const name of range(10)) {
        stream.service.stream.send(wireEvent(name, { payload: payloadOf(name, THING, THING_TIME - 1) }));
      }
      stream.service.stream.keepalive('k');
      await stream.pass(10_000);
      expect(suite.store.saved).to.deep.equal([]);
      stream.service.stream.send('a');
      await stream.pass(1);
      expect(suite.store.saved).to.deep.equal(['a']);
    });

    it('again after a pause, when it failed, and tells and warns', async () => {
      suite.store.onSave = () => BUSY;
      const stream = withStore({ replay: { from: 'earliest' }, settle: 'on-return' });
      const { errors } = stream.subscribe();
      await stream.pass(1);
      stream.service.stream.send('a');
      await stream.pass(1);
      expect(stream.statuses).to.deep.include({
        ...{ type: 'commitFailed', attempt: 1, delayMs: 500, cause: BUSY.val, tookMs: 0 },
        ...{ topic: '/data/ThingChangeEvent', subscription: 1, name: 'default' },
      });
      expect(stream.warnings).to.have.length(1);
      suite.store.onSave = () => Ok(undefined);
      await stream.pass(500);
      expect(suite.store.saved).to.deep.equal(['a']);
      expect(errors).to.deep.equal([]);
    });

    it('never more, when the position can never be saved: the subscription errors', async () => {
      suite.store.onSave = () => CORRUPTED;
      const stream = withStore({ replay: { from: 'earliest' } });
      const { errors } = stream.subscribe();
      await stream.pass(1);
      stream.service.stream.send('a');
      await stream.pass(1);
      expect(errors).to.deep.equal([CORRUPTED.val]);
      expect(stream.service.stream.cancelled).to.equal(true);
    });

    it('what follows a position that was given up', async () => {
      suite.store.position = idOf('old');
      const stream = withStore({ replay: { onInvalid: 'earliest' } });
      stream.subscribe();
      await stream.pass(1);
      stream.service.stream.fail(new ReplayIdInvalidError('unknown'));
      await stream.pass(1);
      expect(startOf(stream)).to.equal('earliest');
      stream.service.stream.send('a');
      await stream.pass(200);
      expect(suite.store.saved).to.deep.equal(['a']);
    });
  });

  it('makes the time of the first event durable, when it goes on from the tip because its position was unknown', async () => {
    suite.store.position = idOf('old');
    const stream = withStore({ replay: { onInvalid: 'latest' } });
    const { names, release } = stream.subscribeHolding();
    await stream.pass(1);
    stream.service.stream.fail(new ReplayIdInvalidError('unknown'));
    await stream.pass(1);
    expect(startOf(stream)).to.equal('latest');
    stream.service.stream.send('a');
    expect(names).to.deep.equal([]);
    await stream.pass(1);
    expect(names).to.deep.equal(['a']);
    expect(suite.store.saved).to.deep.equal([`@${THING_TIME}`]);
    release('a');
    await stream.pass(200);
    expect(suite.store.saved).to.deep.equal([`@${THING_TIME}`, 'a']);
  });
});
