import { expect } from 'chai';
import { defer, NEVER, retry } from 'rxjs';
import { hold, type Hold } from '@rxforce/core/delivery';
import { CORRUPTED, FakeStore, idOf } from '../../test/support/fake-store.js';
import { payloadOf, THING, wireEvent } from '../../test/support/fake-service.js';
import { inVirtualTime, type VirtualThingStream } from '../../test/support/in-virtual-time.js';
import { keep } from '../../test/support/keep.js';
import { steppedThingStream } from '../../test/support/stepped-time.js';
import { ConnectionError, TopicUnavailableError } from '../model/errors.js';
import { readinessOf, type ClientState } from './client-state.js';
import type { SubscriptionState } from './subscription-state.js';

const broken = new ConnectionError('broken');
const missing = new TopicUnavailableError('no such topic');

type Named = Pick<VirtualThingStream, 'subscriptions'>;
const statesOf = ({ subscriptions }: Named) => subscriptions.state(0).subscriptions;
const only = (stream: Named): SubscriptionState => {
  const states = statesOf(stream);
  expect(states).to.have.length(1);
  return states[0]!;
};

describe('The state of a client', () => {
  it('has no subscription before the first, and none after the last', () => {
    inVirtualTime({}, (stream) => {
      const { subscriptions } = stream;
      expect(subscriptions.state(7)).to.deep.equal({ at: 7, state: 'open', login: undefined, subscriptions: [] });
      const { subscription } = stream.subscribe();
      stream.at(5, () => {
        subscription.unsubscribe();
        expect(statesOf(stream)).to.deep.equal([]);
        subscriptions.close();
        expect(subscriptions.state(7)).to.deep.include({ state: 'closed', subscriptions: [] });
      });
    });
  });

  it('follows a subscription, and tells since when', () => {
    inVirtualTime({}, (stream) => {
      const expectState = (...expected: unknown[]) => {
        const { state, since, troubleSince, wasConnected, cause } = only(stream);
        expect([state, since, troubleSince, wasConnected, cause]).to.deep.equal(expected);
      };
      stream.service.connects = false;
      stream.subscribe();
      expectState('connecting', 0, 0, false, undefined);
      stream.at(10, () => {
        expectState('connecting', 0, 0, false, undefined);
        stream.service.stream.fail(broken);
        expectState('waiting', 10, 0, false, broken);
        stream.service.connects = true;
      });
      stream.at(600, () => {
        expectState('connected', 510, 0, false, undefined);
        stream.service.stream.send('a');
        expectState('live', 600, undefined, true, undefined);
      });
      stream.at(700, () => stream.service.stream.keepalive('k'));
      stream.at(701, () => expectState('live', 600, undefined, true, undefined));
    });
  });

  it('is in trouble from the first of a row of failures on', () => {
    inVirtualTime({}, (stream) => {
      stream.service.connects = false;
      stream.service.onRequest = (fake) => fake.fail(broken);
      stream.subscribe();
      stream.at(5_000, () => {
        const { state, since, troubleSince } = only(stream);
        expect([state, troubleSince]).to.deep.equal(['waiting', 0]);
        expect(since).to.be.greaterThan(1_000);
      });
    });
  });

  it('has the window, the age of the oldest event and the last response', () => {
    inVirtualTime({ window: 10 }, (stream) => {
      const holds: Hold[] = [];
      stream.events$.pipe(keep((_event, held) => holds.push(held))).subscribe();
      const at = (commitTimestamp: number) =>
        wireEvent(`e${commitTimestamp}`, { payload: payloadOf('e', THING, commitTimestamp) });
      expect(only(stream)).to.deep.include({ lagMs: 0, lastResponseAt: undefined });
      stream.at(30, () => stream.service.stream.send(at(10), at(20)));
      stream.at(40, () => {
        const { window, lagMs, lastResponseAt } = only(stream);
        expect(window).to.deep.include({ unsettled: 2, uncommitted: 0, window: 10 });
        expect([lagMs, lastResponseAt]).to.deep.equal([30, 30]);
        holds[0]!.release();
        expect(only(stream)).to.deep.include({ lagMs: 20, lastResponseAt: 30 });
        holds[1]!.release();
        expect(only(stream)).to.deep.include({ lagMs: 0, lastResponseAt: 30 });
      });
    });
  });

  it('takes no event for younger than now, whose org has a clock that is ahead', () => {
    inVirtualTime({}, (stream) => {
      stream.events$.pipe(keep(() => undefined)).subscribe();
      stream.at(30, () => {
        stream.service.stream.send(wireEvent('a', { payload: payloadOf('a', THING, 90_000) }));
        expect(only(stream)).to.deep.include({ lagMs: 0 });
        expect(only(stream).window).to.deep.include({ unsettled: 1 });
      });
    });
  });

  it('does not tell how old an event is, while its schema is fetched', () => {
    inVirtualTime({}, (stream) => {
      stream.service.schemas = () => NEVER;
      stream.subscribe();
      stream.at(30, () => {
        stream.service.stream.send('a');
        expect(only(stream)).to.deep.include({ state: 'live', lagMs: undefined });
      });
    });
  });

  it('keeps one that failed, until another one of its topic and name takes its place', () => {
    inVirtualTime({}, (stream) => {
      stream.subscribe();
      stream.at(10, () => {
        stream.service.stream.fail(missing);
      });
      stream.at(20, () => {
        expect(only(stream)).to.deep.include({ state: 'failed', since: 10, subscription: 1, cause: missing });
        expect(only(stream).window).to.equal(undefined);
        stream.subscribe();
        expect(only(stream)).to.deep.include({ state: 'connecting', since: 20, subscription: 2, cause: undefined });
      });
    });
  });

  it('keeps one whose event cannot be decoded', () => {
    inVirtualTime({}, (stream) => {
      const { errors } = stream.subscribe();
      stream.at(10, () => {
        stream.service.stream.send(wireEvent('a', { payload: payloadOf('a').subarray(0, 20) }));
        expect(errors).to.have.length(1);
        expect(only(stream)).to.deep.include({ state: 'failed', since: 10, cause: errors[0] });
      });
    });
  });

  it('keeps none that failed, when retry() took its place before the work on its events was over', () => {
    inVirtualTime({}, (stream) => {
      stream.events$.pipe(retry()).subscribe((event) => hold(event));
      const states = () => statesOf(stream).map(({ subscription, state }) => `${subscription} ${state}`);
      stream.at(10, () => stream.service.stream.send('a'));
      stream.at(20, () => {
        stream.service.stream.fail(missing);
        expect(states()).to.deep.equal(['1 draining', '2 connecting']);
      });
      stream.at(20_000, () => expect(states()).to.deep.equal(['2 connected']));
    });
  });

  it('keeps the one of two consumers that is not subscribed to again', () => {
    inVirtualTime({}, (stream) => {
      const other$ = stream.another();
      other$.pipe(retry({ delay: 5 })).subscribe();
      stream.events$.subscribe({ error: () => undefined });
      stream.at(10, () => {
        for (const each of [...stream.service.streams]) each.fail(missing);
      });
      stream.at(20, () => {
        expect(statesOf(stream).map(({ subscription, state }) => `${subscription} ${state}`)).to.deep.equal([
          '3 connected',
          '2 failed',
        ]);
      });
    });
  });

  it('keeps no more than failed at the same time, when each attempt is a stream of its own', () => {
    inVirtualTime({}, (stream) => {
      stream.service.onRequest = (fake) => fake.fail(missing);
      defer(() => stream.another())
        .pipe(retry({ count: 50, delay: 10 }))
        .subscribe({ error: () => undefined });
      stream.at(10_000, () => expect(only(stream)).to.deep.include({ state: 'failed', subscription: 51 }));
    });
  });

  it('forgets one that its subscriber has left, although its late work fails', async () => {
    const store = new FakeStore();
    const stream = steppedThingStream({ replay: { store, name: 'crm', from: 'earliest' } });
    const held = stream.subscribeHolding();
    await stream.pass(5);
    stream.service.stream.send('a');
    store.onSave = () => CORRUPTED;
    held.subscription.unsubscribe();
    held.release('a');
    await stream.pass(20_000);
    expect(store.log).to.include('save a');
    expect(statesOf(stream)).to.deep.equal([]);
  });

  it('is not ready, when a service takes each connection and refuses each stream', () => {
    inVirtualTime({}, (stream) => {
      stream.service.onRequest = (fake) => fake.fail(broken);
      stream.subscribe();
      for (const at of [1_000, 50_000, 90_000]) {
        stream.at(at, () => expect(readinessOf(stream.subscriptions.state(at)).ready).to.equal(false));
      }
    });
  });

  it('drains a subscription that was left, as long as the work on its events goes on', () => {
    inVirtualTime({}, (stream) => {
      const holds: Hold[] = [];
      stream.events$.subscribe((event) => holds.push(hold(event)));
      stream.at(10, () => stream.service.stream.send('a'));
      stream.at(20, () => {
        stream.subscriptions.drain(1_000).catch(() => undefined);
        expect(stream.subscriptions.state(0).state).to.equal('draining');
        expect(only(stream)).to.deep.include({ state: 'draining', since: 20, troubleSince: undefined });
      });
      stream.at(30, () => expect(only(stream).window).to.deep.include({ unsettled: 1 }));
      stream.at(40, () => {
        holds[0]!.release();
        expect(statesOf(stream)).to.deep.equal([]);
      });
    });
  });

  it('has the name of the position, and its last commit', async () => {
    const store = new FakeStore();
    const stream = steppedThingStream({ replay: { store, name: 'crm', from: 'earliest' } });
    stream.subscribe();
    await stream.pass(5);
    expect(only(stream)).to.deep.include({ name: 'crm', lastCommit: undefined });
    stream.service.stream.send('a');
    await stream.pass(5_000);
    const { lastCommit } = only(stream);
    expect(lastCommit?.position).to.deep.equal(idOf('a'));
    expect(lastCommit?.at).to.be.within(5, 5_005);
    stream.subscriptions.close();
    await stream.pass(20_000);
  });
});

describe('readinessOf', () => {
  const healthy: SubscriptionState = {
    ...{ topic: '/data/A', subscription: 1, name: undefined, state: 'live', since: 0, troubleSince: undefined },
    ...{ wasConnected: true, cause: undefined, window: undefined, lagMs: 0, lastResponseAt: 0 },
    ...{ start: undefined, lastCommit: undefined },
  };
  const clientWith = (...subscriptions: Partial<SubscriptionState>[]): ClientState => ({
    ...{ at: 100_000, state: 'open', login: undefined, apiUsage: undefined },
    subscriptions: subscriptions.map((each) => ({ ...healthy, ...each })),
  });

  it('is ready without subscriptions', () => {
    expect(readinessOf(clientWith())).to.deep.equal({ ready: true, reasons: [] });
  });

  for (const state of ['connected', 'live', 'parked', 'standby', 'draining'] as const) {
    it(`is ready with one that is ${state}`, () => {
      expect(readinessOf(clientWith({ state, wasConnected: state !== 'standby' })).ready).to.equal(true);
    });
  }

  it('is not ready, when one never was connected', () => {
    const state = clientWith({}, { state: 'connecting', troubleSince: 88_000, wasConnected: false });
    expect(readinessOf(state)).to.deep.equal({
      ready: false,
      reasons: ['/data/A has had no stream for 12 s, and is connecting.'],
    });
  });

  it('is ready for a while, when a stream is broken', () => {
    const state = clientWith({ name: 'crm', state: 'waiting', troubleSince: 90_000, cause: broken });
    expect(readinessOf(state).ready).to.equal(true);
    expect(readinessOf(state, { graceMs: 10_000 }).ready).to.equal(true);
    expect(readinessOf(state, { graceMs: 9_999 })).to.deep.equal({
      ready: false,
      reasons: ['/data/A (crm) has had no stream for 10 s, and is waiting: broken'],
    });
  });

  it('is not ready, when one has failed, however short ago', () => {
    const state = clientWith({ state: 'failed', troubleSince: 100_000, cause: missing });
    expect(readinessOf(state)).to.deep.equal({ ready: false, reasons: ['/data/A has failed: no such topic'] });
  });

  for (const state of ['draining', 'closed'] as const) {
    it(`is not ready, when the client is ${state}`, () => {
      expect(readinessOf({ ...clientWith(), state })).to.deep.equal({
        ready: false,
        reasons: [`The client is ${state}.`],
      });
    });
  }

  it('refuses a time that is none', () => {
    expect(() => readinessOf(clientWith(), { graceMs: -1 })).to.throw('graceMs is -1');
  });
});
