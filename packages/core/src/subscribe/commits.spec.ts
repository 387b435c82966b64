import { expect } from 'chai';
import fc from 'fast-check';
import { of, retry, timer } from 'rxjs';
import { hold, type Hold } from '@rxforce/core/delivery';
import { BUSY, CORRUPTED, deferred, FakeStore, idOf, nameOf } from '../../test/support/fake-store.js';
import { payloadOf, THING, THING_TIME, wireEvent } from '../../test/support/fake-service.js';
import { promises, see, SteppedTime, type SteppedThingStream } from '../../test/support/stepped-time.js';
import { RxforceError, ServiceError, ReplayIdInvalidError } from '../model/errors.js';
import { Ok, type Result } from '../model/result.js';
import type { StreamPosition, StoreError } from '../ports/replay-store.js';
import { broken, typesOf } from '../../test/support/breaking-streams.js';
import { range } from '../../test/support/thing-stream.js';
import { storeSuite } from '../../test/support/store-suite.js';

describe('eventStream with a store', () => {
  const suite = storeSuite();
  const { withStore } = suite;

  const startOf = ({ service }: SteppedThingStream) => nameOf(service.stream.start.from);
  const requested = ({ service }: SteppedThingStream) =>
    service.streams.flatMap(({ requests }) => requests).reduce((sum, count) => sum + count, 0);

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
      expect(stream.warnings[0]).to.include('has not answered for 30 s');
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

  describe('one position has one live subscription', () => {
    it('a second one fails with position-in-use, and the first goes on', async () => {
      const time = new SteppedTime();
      const [first, second] = [withStore({}, time), withStore({}, time)];
      const seen = first.subscribe();
      await time.pass(1);
      const { errors } = second.subscribe();
      await time.pass(1);
      expect(errors).to.have.length(1);
      expect(errors[0]).to.be.instanceOf(RxforceError).and.include({ code: 'position-in-use' });
      first.service.stream.send('a');
      await time.pass(1);
      expect(seen.names).to.deep.equal(['a']);
      const { errors: errorsOfThird } = second.subscribe();
      await time.pass(1);
      expect(errorsOfThird).to.have.length(1);
    });

    it('goes on in the next one with retry(), at once, after what was settled', async () => {
      const stream = withStore({ replay: { from: 'earliest', commitIntervalMs: 60_000 }, maxAttempts: 1 });
      const { names } = see(stream.events$.pipe(retry({ count: 2 })));
      await stream.pass(1);
      stream.service.stream.send('a');
      await stream.pass(1);
      stream.service.stream.send('b');
      stream.service.stream.fail(broken);
      await stream.pass(10);
      expect(startOf(stream)).to.equal('b');
      stream.service.stream.send('c');
      expect(names).to.deep.equal(['a', 'b', 'c']);
      expect(suite.store.saved).to.deep.equal(['a', 'b']);
      stream.service.stream.fail(broken);
      await stream.pass(10);
      expect(startOf(stream)).to.equal('c');
    });

    it('goes on in the next one while the last one still works, and that saves nothing more', async () => {
      const stream = withStore({ replay: { from: 'earliest' } });
      const { subscription, release } = stream.subscribeHolding();
      await stream.pass(1);
      stream.service.stream.send('a', 'b', 'c');
      release('a');
      await stream.pass(10);
      subscription.unsubscribe();
      release('b');
      const second = stream.subscribeHolding();
      await stream.pass(1);
      expect(startOf(stream)).to.equal('b');
      release('c');
      await stream.pass(15_000);
      expect(suite.store.saved).to.deep.equal(['a', 'b']);
      stream.service.stream.send('c');
      expect(second.names).to.deep.equal(['c']);
      second.release('c');
      await stream.pass(1_000);
      expect(suite.store.saved).to.deep.equal(['a', 'b', 'c']);
    });

    it('may be the next one after a failure to commit, which is made durable before it goes on', async () => {
      let failing = true;
      suite.store.onSave = () => (failing ? BUSY : Ok(undefined));
      const stream = withStore({ replay: { from: 'earliest' } });
      see(stream.events$.pipe(retry({ count: 1 })));
      await stream.pass(1);
      stream.service.stream.send('a', 'b');
      await stream.pass(10);
      stream.service.stream.fail(new ServiceError('for good'));
      await stream.pass(100);
      expect(stream.service.streams).to.have.length(1);
      failing = false;
      await stream.pass(1_000);
      expect(startOf(stream)).to.equal('b');
      expect(suite.store.saved).to.deep.equal(['b']);
    });
  });

  describe('after it was unsubscribed', () => {
    it('still commits what is settled then, and then gives the position up', async () => {
      const stream = withStore({ replay: { from: 'earliest' } });
      const { subscription, release } = stream.subscribeHolding();
      await stream.pass(1);
      stream.service.stream.send('a', 'b');
      await stream.pass(10);
      subscription.unsubscribe();
      expect(stream.service.stream.cancelled).to.equal(true);
      await stream.pass(5_000);
      expect(typesOf(stream)).not.to.include('closed');
      release('a');
      await stream.pass(100);
      release('b');
      await stream.pass(100);
      expect(suite.store.saved).to.deep.equal(['a', 'b']);
      expect(typesOf(stream).slice(-2)).to.deep.equal(['committed', 'closed']);
      expect(suite.store.locked).to.equal(false);
    });

    it('commits at once what was settled before', async () => {
      const stream = withStore({ replay: { from: 'earliest', commitIntervalMs: 60_000 } });
      const { subscription } = stream.subscribe();
      await stream.pass(1);
      stream.service.stream.send('a');
      await stream.pass(1);
      stream.service.stream.send('b');
      subscription.unsubscribe();
      await stream.pass(1);
      expect(suite.store.log.slice(2)).to.deep.equal(['save a', 'saved a', 'save b', 'saved b', 'release']);
      expect(typesOf(stream).at(-1)).to.equal('closed');
    });

    it('waits 10 seconds for work, and no longer', async () => {
      const stream = withStore({ replay: { from: 'earliest' } });
      const { subscription, release } = stream.subscribeHolding();
      await stream.pass(1);
      stream.service.stream.send('a', 'b');
      release('a');
      await stream.pass(1_000);
      subscription.unsubscribe();
      await stream.pass(9_999);
      expect(suite.store.locked).to.equal(true);
      await stream.pass(1);
      expect(suite.store.locked).to.equal(false);
      expect(typesOf(stream).at(-1)).to.equal('closed');
      release('b');
      await stream.pass(1_000);
      expect(suite.store.saved).to.deep.equal(['a']);
    });

    it('waits for a store that fails, 10 seconds and no longer', async () => {
      suite.store.onSave = () => BUSY;
      const stream = withStore({ replay: { from: 'earliest' } });
      const { subscription } = stream.subscribe();
      await stream.pass(1);
      stream.service.stream.send('a');
      subscription.unsubscribe();
      await stream.pass(9_999);
      expect(suite.store.locked).to.equal(true);
      await stream.pass(1);
      expect(suite.store.locked).to.equal(false);
    });
  });

  describe('whatever is settled when, and however saves and streams end', () => {
    type Step = readonly [
      'send' | 'release' | 'save' | 'fail-save' | 'break' | 'pass' | 'keepalive' | 'resubscribe',
      number,
    ];
    const step: fc.Arbitrary<Step> = fc.tuple(
      fc.constantFrom<Step[0][]>(
        ...(['send', 'send', 'release', 'release', 'save', 'save', 'fail-save'] as const),
        ...(['break', 'pass', 'pass', 'keepalive', 'resubscribe'] as const),
      ),
      fc.nat({ max: 12 }),
    );
    const world = fc.record({
      steps: fc.array(step, { maxLength: 60 }),
      window: fc.integer({ min: 1, max: 10 }),
      inOrder: fc.boolean(),
    });

    it('no position is saved before all up to it is settled, and never an earlier one than before', async () => {
      await fc.assert(
        fc.asyncProperty(world, async ({ steps, window, inOrder }) => {
          suite.store = new FakeStore();
          const stream = withStore({ replay: { from: 'earliest', commitIntervalMs: 50 }, window });
          await new Commits(stream, suite.store, window, inOrder).run(steps);
          suite.streams.pop();
        }),
        { numRuns: 150 },
      );
    });
  });

  /** Handlers that take their time, a store that does, too, and a service with a log. */
  class Commits {
    private readonly held: { readonly name: string; readonly held: Hold }[] = [];
    private readonly settled = new Set<string>();
    private readonly pending: ((result: Result<void, StoreError>) => void)[] = [];
    private readonly saved: number[] = [];
    private readonly errors: unknown[] = [];
    private readonly cursors = new WeakMap<object, number>();
    private made = 0;
    private making = true;
    private seen: ReturnType<typeof see> | undefined;

    constructor(
      private readonly stream: SteppedThingStream,
      private readonly store: FakeStore,
      private readonly window: number,
      private readonly inOrder: boolean,
    ) {}

    async run(steps: readonly (readonly [string, number])[]): Promise<void> {
      const { stream, store } = this;
      const { service } = stream;
      store.onSave = (position) => {
        this.check(position);
        const { promise, resolve } = deferred<Result<void, StoreError>>();
        this.pending.push(resolve);
        return promise;
      };
      stream.onStatus((status) => {
        if (!('window' in status)) return;
        const { type, outstanding, unsettled, uncommitted } = status;
        expect(outstanding + unsettled, 'outstanding + unsettled').to.be.at.most(this.window);
        // Out of order, many events become uncommitted at once, when the first of them is settled.
        if (!this.inOrder && type !== 'requested') return;
        expect(outstanding + unsettled + uncommitted, `with uncommitted, ${type}`).to.be.at.most(this.window);
      });
      this.subscribe();
      await stream.pass(1);
      for (const step of steps) {
        await this.do(step);
        await promises();
      }
      this.making = false;
      for (let round = 0; round < 300 && (this.saved.at(-1) ?? -1) < this.made - 1; round++) {
        for (const what of ['release', 'save', 'send', 'release', 'save'] as const) {
          await this.do([what, 12]);
          await stream.pass(2);
        }
        // Longer than any pause.
        if (service.stream.cancelled) await stream.pass(31_000);
      }
      expect([...this.errors, ...(this.seen?.errors ?? [])]).to.deep.equal([]);
      expect(this.settled.size, 'settled').to.equal(this.made);
      this.seen?.subscription.unsubscribe();
      for (let round = 0; round < 3; round++) {
        await this.do(['save', 12]);
        await stream.pass(6_000);
      }
      expect(this.saved.at(-1) ?? -1, 'saved in the end').to.equal(this.made - 1);
      expect(store.violations).to.deep.equal([]);
      expect([store.locked, stream.statuses.at(-1)?.type]).to.deep.equal([false, 'closed']);
    }

    private subscribe(): void {
      this.seen = see(this.stream.events$, (event) => {
        this.held.push({ name: event.id, held: hold(event) });
      });
    }

    /** A position is the index of an event, or that of a keepalive, which comes after one. */
    private check(position: StreamPosition): void {
      const name = String(nameOf(position));
      const index = name.startsWith('k') ? Number(/\d+/.exec(name)?.[0]) - 1 : Number(name.slice(1));
      for (let each = 0; each <= index; each++)
        expect(this.settled.has(`e${each}`), `e${each} at ${name}`).to.equal(true);
      expect(index, 'saved in order').to.be.at.least(this.saved.at(-1) ?? -1);
      this.saved.push(index);
    }

    private async do([what, count]: readonly [string, number]): Promise<void> {
      const { service } = this.stream;
      if (what === 'pass') await this.stream.pass(count * 20);
      else if (what === 'release') this.release(count);
      else if (what === 'save') this.pending.shift()?.(Ok(undefined));
      else if (what === 'fail-save') this.pending.shift()?.(BUSY);
      else if (what === 'resubscribe') await this.resubscribe();
      else if (service.streams.at(-1)?.cancelled === false) this.serve(what, count);
    }

    private release(count: number): void {
      for (let left = count; left > 0 && this.held.length > 0; left--) {
        const [each] = this.held.splice(this.inOrder ? 0 : (left * 5) % this.held.length, 1);
        // What follows its release is settled: an event of a subscription that is over comes again, and is settled again.
        this.settled.add(each!.name);
        each!.held.release();
      }
    }

    private async resubscribe(): Promise<void> {
      this.seen?.subscription.unsubscribe();
      this.errors.push(...(this.seen?.errors ?? []));
      this.subscribe();
      await this.stream.pass(2);
    }

    private serve(what: string, count: number): void {
      const { stream } = this.stream.service;
      if (what === 'break') {
        stream.fail(broken);
        return;
      }
      const from = this.cursors.get(stream) ?? nextAfter(String(nameOf(stream.start.from)));
      if (what === 'keepalive') {
        if (from === this.made) stream.keepalive(`k${from}`);
        return;
      }
      if (stream.pending === 0) return;
      if (this.making && this.made < 100 && from >= this.made) this.made += count;
      const batch = range(Math.min(count, stream.pending, this.made - from)).map((_name, index) => `e${from + index}`);
      if (batch.length === 0) return;
      this.cursors.set(stream, from + batch.length);
      stream.send(...batch);
    }
  }
});

function nextAfter(from: string): number {
  if (from === 'earliest') return 0;
  return from.startsWith('k') ? Number(from.slice(1)) : Number(from.slice(1)) + 1;
}
