import { expect } from 'chai';
import { of, retry, timer } from 'rxjs';
import { BUSY, CORRUPTED, deferred, FakeStore } from '../../test/support/fake-store.js';
import { payloadOf, THING, THING_TIME, wireEvent } from '../../test/support/fake-service.js';
import { see, type SteppedThingStream } from '../../test/support/stepped-time.js';
import { ReplayIdInvalidError } from '../model/errors.js';
import { Ok, type Result } from '../model/result.js';
import type { StoreError } from '../ports/replay-store.js';
import { typesOf } from '../../test/support/breaking-streams.js';
import { startOf, storeSuite } from '../../test/support/store-suite.js';

describe('eventStream with a store', () => {
  const suite = storeSuite();
  const { withStore } = suite;
  const requested = ({ service }: SteppedThingStream) =>
    service.streams.flatMap(({ requests }) => requests).reduce((sum, count) => sum + count, 0);

  describe('a subscription to the tip', () => {
    it('hands out nothing, before the time of the first event is durable', async () => {
      const save = deferred<Result<void, StoreError>>();
      suite.store.onSave = () => save.promise;
      const stream = withStore();
      const { names } = stream.subscribe();
      await stream.pass(1);
      stream.service.stream.send('a');
      stream.service.stream.send('b');
      await stream.pass(5_000);
      expect(names).to.deep.equal([]);
      expect(suite.store.log.slice(2)).to.deep.equal([`save @${THING_TIME}`]);
      save.resolve(Ok(undefined));
      await stream.pass(0);
      expect(names).to.deep.equal(['a', 'b']);
      await stream.pass(200);
      expect(suite.store.saved).to.deep.equal([`@${THING_TIME}`, 'b']);
      expect(stream.statuses.filter(({ type }) => type === 'committed')).to.have.length(2);
    });

    it('hands out nothing, before the position that a keepalive told is durable', async () => {
      const save = deferred<Result<void, StoreError>>();
      suite.store.onSave = () => save.promise;
      const stream = withStore();
      const { names } = stream.subscribe();
      await stream.pass(1);
      stream.service.stream.keepalive('k');
      stream.service.stream.send('a');
      stream.service.stream.send('b');
      await stream.pass(5_000);
      expect(names).to.deep.equal([]);
      expect(suite.store.log.slice(2)).to.deep.equal(['save k']);
      save.resolve(Ok(undefined));
      await stream.pass(1);
      expect(names).to.deep.equal(['a', 'b']);
      await stream.pass(200);
      expect(suite.store.saved).to.deep.equal(['k', 'b']);
    });

    it('hands events out at once, when a position is durable already', async () => {
      const stream = withStore();
      const { names } = stream.subscribe();
      await stream.pass(1);
      stream.service.stream.keepalive('k');
      await stream.pass(200);
      expect(suite.store.saved).to.deep.equal(['k']);
      suite.store.onSave = () => BUSY;
      stream.service.stream.send('a');
      expect(names).to.deep.equal(['a']);
    });

    it('tries to save that time until it is durable, and says so', async () => {
      let failures = 2;
      suite.store.onSave = () => (failures-- > 0 ? BUSY : Ok(undefined));
      const stream = withStore();
      const { names } = stream.subscribe();
      await stream.pass(1);
      stream.service.stream.send('a');
      await stream.pass(1_400);
      expect(names).to.deep.equal([]);
      await stream.pass(200);
      expect(names).to.deep.equal(['a']);
      expect(typesOf(stream).filter((type) => type === 'commitFailed')).to.have.length(2);
    });

    it('errors, when that time can never be saved', async () => {
      suite.store.onSave = () => CORRUPTED;
      const stream = withStore();
      const { names, errors } = stream.subscribe();
      await stream.pass(1);
      stream.service.stream.send('a');
      await stream.pass(1);
      expect([names, errors]).to.deep.equal([[], [CORRUPTED.val]]);
    });

    it('starts with that event again, after a crash before it was settled', async () => {
      const first = withStore();
      first.subscribeHolding();
      await first.pass(1);
      first.service.stream.send('a');
      await first.pass(1_000);
      const crashed = suite.store.position;

      suite.store = new FakeStore();
      suite.store.position = crashed;
      const second = withStore();
      const { names } = second.subscribe();
      await second.pass(1);
      expect(startOf(second)).to.equal('earliest');
      second.service.stream.send(wireEvent('before', { payload: payloadOf('x', THING, THING_TIME - 1_000) }), 'a', 'b');
      expect(names).to.deep.equal(['a', 'b']);
      second.subscriptions.close();
      await second.pass(20_000);
      expect(suite.store.saved).to.deep.equal(['b']);
    });

    for (const [how, delayMs] of [
      ['at once', undefined],
      ['after a pause', 30_000],
    ] as const) {
      it(`starts with that event again, with retry() ${how}, also when its time was not durable yet`, async () => {
        let failures = 1;
        suite.store.onSave = () => (failures-- > 0 ? CORRUPTED : Ok(undefined));
        const stream = withStore();
        const { names, errors } = see(
          stream.events$.pipe(
            retry({ count: 1, delay: () => (delayMs === undefined ? of(0) : timer(delayMs, stream.time)) }),
          ),
        );
        await stream.pass(1);
        stream.service.stream.send('a');
        await stream.pass(40_000);
        expect(startOf(stream)).to.equal('earliest');
        expect(suite.store.saved).to.deep.equal([`@${THING_TIME}`]);
        stream.service.stream.send('a');
        expect([names, errors]).to.deep.equal([['a'], []]);
      });
    }

    it('saves no time, when a keepalive told a position first, or it starts elsewhere', async () => {
      for (const from of ['latest', 'earliest'] as const) {
        suite.store = new FakeStore();
        const stream = withStore({ replay: { from } });
        stream.subscribe();
        await stream.pass(1);
        if (from === 'latest') stream.service.stream.keepalive('k');
        stream.service.stream.send('a');
        await stream.pass(1_000);
        expect(suite.store.saved.some((name) => name.startsWith('@'))).to.equal(false);
        stream.subscriptions.close();
        await stream.pass(20_000);
      }
    });
  });

  describe('demand', () => {
    it('stops, when commits fail for long, and goes on when they succeed', async () => {
      suite.store.onSave = () => BUSY;
      const stream = withStore({ replay: { from: 'earliest' }, window: 4, refillAt: 1 });
      const { names } = stream.subscribe();
      await stream.pass(1);
      for (let sent = 0; stream.service.stream.pending > 0; sent++) stream.service.stream.send(`e${sent}`);
      await stream.pass(60_000);
      expect(names).to.have.length(4);
      expect(requested(stream)).to.equal(4);
      expect(stream.statuses.filter((status) => 'uncommitted' in status).at(-1)).to.deep.include({ window: 4 });
      suite.store.onSave = () => Ok(undefined);
      await stream.pass(60_000);
      expect(suite.store.saved).to.deep.equal(['e3']);
      expect(requested(stream)).to.equal(8);
    });

    it('stops, when a save never ends', async () => {
      suite.store.onSave = () => new Promise(() => undefined);
      const stream = withStore({ replay: { from: 'earliest' }, window: 3, refillAt: 1, settle: 'on-return' });
      stream.subscribe();
      await stream.pass(1);
      for (let sent = 0; stream.service.stream.pending > 0; sent++) stream.service.stream.send(`e${sent}`);
      await stream.pass(10_000);
      expect(requested(stream)).to.equal(3);
      await stream.pass(60_000);
      expect(stream.statuses.filter(({ type }) => type === 'commitFailed')).to.have.length(2);
      expect(stream.warnings[0]).to.match(/^\/data\/ThingChangeEvent: The replay store has not answered for 30 s/);
      stream.subscriptions.close();
      await stream.pass(20_000);
      // The lock stays with the call that is still under way.
      expect(suite.store.locked).to.equal(true);
      suite.store.locked = false;
    });

    it('parks while commits fail and the server ends the idle stream, and comes back after the last received', async () => {
      suite.store.onSave = () => BUSY;
      const stream = withStore({ replay: { from: 'earliest' }, window: 2 });
      const { names } = stream.subscribe();
      await stream.pass(1);
      stream.service.stream.send('a', 'b');
      await stream.pass(10);
      stream.service.stream.end();
      await stream.pass(100);
      expect(typesOf(stream).at(-1)).to.equal('parked');
      suite.store.onSave = () => Ok(undefined);
      await stream.pass(1_000);
      expect(startOf(stream)).to.equal('b');
      stream.service.stream.send('c');
      expect(names).to.deep.equal(['a', 'b', 'c']);
    });

    it('comes back, when the stream breaks for an unknown position while commits fail', async () => {
      suite.store.onSave = () => BUSY;
      const stream = withStore({ replay: { from: 'earliest', onInvalid: 'earliest' }, window: 2 });
      stream.subscribe();
      await stream.pass(1);
      stream.service.stream.send('a', 'b');
      await stream.pass(10);
      stream.service.stream.fail(new ReplayIdInvalidError('unknown'));
      await stream.pass(10);
      expect(stream.service.streams).to.have.length(2);
      expect(startOf(stream)).to.equal('earliest');
    });
  });
});
