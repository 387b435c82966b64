import { jetstreamManager } from '@nats-io/jetstream';
import type { Subscription } from 'rxjs';
import type { Membership } from '@rxforce/core';
import { jetStreamMembership } from '@rxforce/jetstream';
import { expect } from 'chai';
import { natsSuite } from '../support/nats-suite.js';
import { until } from '../support/nats-server.js';

/** Whoever gets no turn for so long is left out. */
const TTL_MS = 3_000;

describe('jetStreamMembership', () => {
  const suite = natsSuite();
  let joined: Subscription[] = [];
  let groups = 0;
  const warnings: string[] = [];

  beforeEach(() => {
    groups++;
    warnings.length = 0;
  });
  afterEach(() => {
    joined.forEach((each) => each.unsubscribe());
    joined = [];
  });

  const membership = async (): Promise<Membership> =>
    jetStreamMembership(await suite.connect(), {
      ttlMs: TTL_MS,
      logger: { warn: (message) => void warnings.push(message) },
    });

  /** Joins a group. Returns the lists that it is told, and how to leave. */
  const join = async (member: string, group = `group ${groups}`, of?: Membership) => {
    const lists: (readonly string[])[] = [];
    const errors: unknown[] = [];
    const subscription = (of ?? (await membership()))
      .join(group, member)
      .subscribe({ next: (members) => lists.push(members), error: (error: unknown) => errors.push(error) });
    joined.push(subscription);
    return { lists, errors, leave: () => subscription.unsubscribe() };
  };

  it('tells the members, sorted, now and whenever one comes or goes, and nothing else', async () => {
    const one = await join('b.ö *');
    await until(() => one.lists.length === 1);
    const other = await join('a');
    await join('c', 'another group');
    await until(() => one.lists.length === 2 && other.lists.length >= 1);
    other.leave();
    await until(() => one.lists.length === 3);
    expect(one.lists).to.deep.equal([['b.ö *'], ['a', 'b.ö *'], ['b.ö *']]);
    expect(other.lists[0]).to.deep.equal(['a', 'b.ö *']);
  });

  it('leaves out a member that tells no more that it is there', async () => {
    const dead = await suite.connect();
    const one = await join('one');
    const other = await join('other', undefined, jetStreamMembership(dead, { ttlMs: TTL_MS }));
    await until(() => one.lists.at(-1)?.length === 2 && other.lists.at(-1)?.length === 2);
    await dead.close();
    await until(() => one.lists.at(-1)?.length === 1);
    expect(one.lists.at(-1)).to.deep.equal(['one']);
    await until(() => other.errors.length === 1);
    expect(other.errors[0]).to.include({ code: 'event-log', reason: 'refused', retriable: false });
    expect(String(other.errors[0])).to.include('maxReconnectAttempts: -1');
  });

  it('warns once and goes on with those it knows, while JetStream does not answer', async () => {
    const [one, other] = [await join('one'), await join('other')];
    await until(() => one.lists.at(-1)?.length === 2 && other.lists.at(-1)?.length === 2);
    await suite.server.kill('SIGSTOP');
    await until(() => warnings.length >= 2);
    await suite.server.kill('SIGCONT');
    const third = await join('third');
    await until(() => [one, other, third].every(({ lists }) => lists.at(-1)?.length === 3));
    expect(warnings).to.have.length(2);
    expect([...one.errors, ...other.errors]).to.deep.equal([]);
  });

  it('goes on, when the server was killed and started, and when the bucket was deleted', async () => {
    const [one, other] = [await join('one'), await join('other')];
    await until(() => one.lists.at(-1)?.length === 2 && other.lists.at(-1)?.length === 2);
    await suite.server.restart();
    const third = await join('third');
    await until(() => [one, other, third].every(({ lists }) => lists.at(-1)?.length === 3));
    await (await jetstreamManager(await suite.connect())).streams.delete('KV_rxforce-members');
    const fourth = await join('fourth');
    await until(() => [one, other, third, fourth].every(({ lists }) => lists.at(-1)?.length === 4));
  });

  it('errors, when the bucket has another time to live', async () => {
    const one = await join('one');
    await until(() => one.lists.length === 1);
    const other = await join('other', undefined, jetStreamMembership(await suite.connect(), { ttlMs: 60_000 }));
    await until(() => other.errors.length === 1);
    expect(other.errors[0]).to.include({ code: 'event-log', reason: 'refused', retriable: false });
  });

  it('is closed once those who have left are out: a process may end then', async () => {
    const nats = await suite.connect();
    const ending = jetStreamMembership(nats, { ttlMs: 60_000, bucket: 'of-ending' });
    const other = await join('other', undefined, ending);
    await until(() => other.lists.length === 1);
    const keys = async () => {
      const { streams } = await jetstreamManager(await suite.connect());
      return (await streams.info('KV_of-ending')).state.messages;
    };
    expect(await keys()).to.equal(1);
    other.leave();
    await ending.close();
    await nats.close();
    expect(await keys()).to.equal(0);
  });

  it('throws a ConfigurationError, when ttlMs is out of range', async () => {
    const nats = await suite.connect();
    expect(() => jetStreamMembership(nats, { ttlMs: 100 }))
      .to.throw()
      .with.property('code', 'configuration');
  });
});
