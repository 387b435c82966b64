import { expect } from 'chai';
import { take } from 'rxjs';
import { FakeLease, FencedStore } from '../../test/support/fake-lease.js';
import { nameOf } from '../../test/support/fake-store.js';
import { steppedThingStream, SteppedTime, type SteppedThingStream } from '../../test/support/stepped-time.js';
import { ConfigurationError, LeaseError } from '../model/errors.js';
import type { Lease } from '../ports/lease.js';
import { resolveSubscribeOptions } from './options.js';

const typesOf = (stream: SteppedThingStream) =>
  stream.statuses.map(({ type }) => type).filter((type) => ['standby', 'acquired', 'lost', 'live'].includes(type));

describe('A subscription with a lease', () => {
  let store: FencedStore;
  let lease: FakeLease;
  let time: SteppedTime;

  beforeEach(() => {
    store = new FencedStore();
    lease = new FakeLease();
    time = new SteppedTime();
  });

  const replica = () => steppedThingStream({ replay: { store, from: 'earliest', commitIntervalMs: 0 }, lease }, time);

  it('opens no stream before it has the lease, and says that it stands by', async () => {
    lease.holder = 99;
    const stream = replica();
    stream.subscribe();
    await time.pass(2_000);
    expect([stream.service.streams, typesOf(stream)]).to.deep.equal([[], ['standby']]);
    lease.holder = 0;
    await time.pass(300);
    expect(stream.service.streams).to.have.length(1);
    stream.service.stream.send('a');
    expect(typesOf(stream)).to.deep.equal(['standby', 'acquired', 'live']);
  });

  it('has the state of its stream and of its lease', async () => {
    lease.holder = 99;
    const stream = replica();
    stream.subscribe();
    const states: string[] = [];
    const look = () => {
      const { state, troubleSince } = stream.subscriptions.state(time.now()).subscriptions[0]!;
      states.push(troubleSince === undefined ? state : `${state}, troubled`);
    };
    look();
    await time.pass(10);
    look();
    lease.holder = 0;
    await time.pass(300);
    look();
    lease.holder = 98;
    await time.pass(400);
    look();
    lease.holder = 0;
    await time.pass(300);
    stream.service.stream.send('a');
    look();
    expect(states).to.deep.equal(['connecting, troubled', 'standby', 'connected', 'standby', 'live']);
  });

  it('warns when its lease is away, and again each minute that it is', async () => {
    const stream = replica();
    stream.subscribe();
    await time.pass(1);
    lease.acquire = () => Promise.reject<undefined>(new LeaseError('refused'));
    lease.holder = 0;
    await time.pass(150_000);
    const [first, second, third, ...others] = stream.warnings;
    expect(others).to.deep.equal([]);
    expect(first).to.match(/: refused$/);
    expect(second).to.match(/: refused It has failed \d+ times in a row\.$/);
    expect(third).to.match(/: refused It has failed \d+ times in a row\.$/);
  });

  it('fails with the lease, and tells so', async () => {
    const stream = replica();
    const { errors } = stream.subscribe();
    await time.pass(1);
    const error = new LeaseError('no such table', { retriable: false });
    lease.onRenew = () => Promise.reject(error);
    await time.pass(20_000);
    expect(errors).to.deep.equal([error]);
    const [state] = stream.subscriptions.state(time.now()).subscriptions;
    expect(state).to.deep.include({ state: 'failed', cause: error });
    expect(stream.statuses.flatMap((status) => (status.type === 'closed' ? [status.cause] : []))).to.deep.equal([
      error,
      undefined,
    ]);
  });

  it('has the window under its new lease, when work from the time of the old one ends', async () => {
    const stream = replica();
    const held = stream.subscribeHolding();
    await time.pass(1);
    stream.service.stream.send('a', 'b');
    lease.holder = 99;
    await time.pass(400);
    lease.holder = 0;
    await time.pass(300);
    stream.service.stream.send('c');
    held.release('a', 'b');
    await time.pass(20_000);
    const [state] = stream.subscriptions.state(time.now()).subscriptions;
    expect(state!.window).to.deep.include({ unsettled: 1 });
  });

  it('stays live, when a lease that it holds could not be renewed at once', async () => {
    const stream = replica();
    stream.subscribe();
    await time.pass(1);
    stream.service.stream.send('a');
    lease.onRenew = () => Promise.reject(new LeaseError('down'));
    await time.pass(350);
    lease.onRenew = () => Promise.resolve();
    expect(stream.statuses.map(({ type }) => type)).to.include('waiting');
    await time.pass(5_000);
    const [state] = stream.subscriptions.state(time.now()).subscriptions;
    expect(state).to.deep.include({ state: 'live', troubleSince: undefined, cause: undefined });
    expect(stream.service.streams).to.have.length(1);
  });

  it('asks for no lock of the store, and saves with its token', async () => {
    const stream = replica();
    stream.subscribe();
    await time.pass(1);
    stream.service.stream.send('a');
    await time.pass(10);
    expect(store.log).not.to.include('lock');
    expect([nameOf(store.position), store.largest]).to.deep.equal(['a', 1]);
  });

  it('cancels the stream when it has lost the lease; the next one goes on at the last commit', async () => {
    const [first, second] = [replica(), replica()];
    const held = first.subscribeHolding();
    await time.pass(1);
    const seen = second.subscribe();
    first.service.stream.send('a', 'b', 'c');
    held.release('a');
    await time.pass(10);
    lease.holder = 0;
    await time.pass(400);
    expect(first.service.stream.cancelled).to.equal(true);
    expect(typesOf(first)).to.deep.equal(['acquired', 'live', 'lost', 'standby']);
    expect(nameOf(second.service.stream.start.from)).to.equal('a');
    second.service.stream.send('b', 'c', 'd');
    await time.pass(10);
    expect(seen.names).to.deep.equal(['b', 'c', 'd']);
    expect(nameOf(store.position)).to.equal('d');
    // The one that lost it may be done with its work only now.
    held.release('b', 'c');
    await time.pass(20_000);
    expect(nameOf(store.position)).to.equal('d');
    expect(held.errors).to.deep.equal([]);
  });

  it('goes on at what another one has committed meanwhile, when it gets the lease again', async () => {
    const [first, second] = [replica(), replica()];
    first.subscribe();
    await time.pass(1);
    const other = second.subscribe();
    first.service.stream.send('a');
    await time.pass(10);
    lease.holder = 0;
    await time.pass(400);
    second.service.stream.send('b', 'c');
    await time.pass(10);
    other.subscription.unsubscribe();
    await time.pass(400);
    expect(nameOf(first.service.stream.start.from)).to.equal('c');
    expect(typesOf(first)).to.deep.equal(['acquired', 'live', 'lost', 'standby', 'acquired']);
  });

  it('keeps the lease until its late work is committed, and gives it up then', async () => {
    const stream = replica();
    const held = stream.subscribeHolding();
    await time.pass(1);
    stream.service.stream.send('a');
    held.subscription.unsubscribe();
    await time.pass(3_000);
    expect(lease.releases).to.equal(0);
    held.release('a');
    await time.pass(10);
    expect([lease.releases, lease.holder, nameOf(store.position)]).to.deep.equal([1, 0, 'a']);
  });

  it('asks for it no more, when it is lost after an unsubscribe: nobody reads for whom nobody listens', async () => {
    const stream = replica();
    const held = stream.subscribeHolding();
    await time.pass(1);
    stream.service.stream.send('a', 'b');
    held.release('a');
    held.subscription.unsubscribe();
    lease.holder = 0;
    await time.pass(3_000);
    expect([lease.tokens, lease.holder, stream.service.streams.length]).to.deep.equal([1, 0, 1]);
    held.release('b');
    await time.pass(20_000);
    expect([lease.tokens, stream.service.streams.length]).to.deep.equal([1, 1]);
  });

  it('reads nothing, when it is unsubscribed by who is told that it has the lease', async () => {
    const stream = replica();
    const seen = stream.subscribe();
    stream.onStatus(({ type }) => type === 'acquired' && seen.subscription.unsubscribe());
    await time.pass(3_000);
    expect([stream.service.streams, lease.releases, lease.holder]).to.deep.equal([[], 1, 0]);
  });

  it('takes a commit that is refused, because another one has the lease, for its loss, and stands by', async () => {
    const stream = replica();
    const seen = stream.subscribe();
    await time.pass(1);
    stream.service.stream.send('a');
    await time.pass(10);
    // The service behind the lease has forgotten it, and another one has it, with a larger token.
    lease.holder = 99;
    store.largest = 99;
    stream.service.stream.send('b');
    await time.pass(50);
    expect([seen.errors, store.refused]).to.deep.equal([[], 1]);
    expect(typesOf(stream)).to.deep.equal(['acquired', 'live', 'lost', 'standby']);
    expect(stream.service.stream.cancelled).to.equal(true);
    expect(nameOf(store.position)).to.equal('a');
  });

  it('gives the lease up when it is drained, after the last commit', async () => {
    const stream = replica();
    stream.subscribe();
    await time.pass(1);
    stream.service.stream.send('a', 'b');
    const drained = stream.subscriptions.drain(1_000).then((report) => report.uncommitted);
    await time.pass(10);
    stream.subscriptions.close();
    await time.pass(10);
    expect([await drained, nameOf(store.position), lease.releases]).to.deep.equal([0, 'b', 1]);
  });

  it('reports how it was drained only when the lease is given up, so that the process may end then', async () => {
    let released: () => void = () => undefined;
    lease.onRelease = () => new Promise((resolve) => (released = resolve));
    const stream = replica();
    stream.subscribe();
    await time.pass(1);
    let reported = false;
    void stream.subscriptions.drain(1_000).then(() => (reported = true));
    await time.pass(100);
    expect([lease.releases, reported]).to.deep.equal([1, false]);
    released();
    await time.pass(1);
    expect(reported).to.equal(true);
  });

  it('asks for it no more, when it is unsubscribed or closed while it stands by', async () => {
    lease.holder = 99;
    for (const end of ['unsubscribe', 'close'] as const) {
      const stream = replica();
      const seen = stream.subscribe();
      await time.pass(300);
      if (end === 'unsubscribe') seen.subscription.unsubscribe();
      else stream.subscriptions.close();
      lease.holder = 0;
      await time.pass(2_000);
      expect([lease.holder, stream.service.streams, seen.completed]).to.deep.equal([0, [], end === 'close']);
      lease.holder = 99;
    }
  });

  it('does not settle the event whose subscriber closes', async () => {
    const stream = replica();
    const names: string[] = [];
    stream.events$.pipe(take(1)).subscribe(({ id }) => names.push(id));
    await time.pass(1);
    stream.service.stream.send('a', 'b');
    await time.pass(20_000);
    expect([names, store.position]).to.deep.equal([['a'], undefined]);
  });

  it('needs a store, and a lease', () => {
    expect(() => resolveSubscribeOptions({ lease })).to.throw(ConfigurationError, 'replay.store');
    expect(() => resolveSubscribeOptions({ lease: {} as Lease, replay: { store } })).to.throw(
      ConfigurationError,
      'redisLease',
    );
  });
});
