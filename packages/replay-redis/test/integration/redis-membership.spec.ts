import { expect } from 'chai';
import type { Subscription } from 'rxjs';
import { redisMembership, type RedisMembership } from '@rxforce/replay-redis';
import { Redis } from 'ioredis';
import { startRedis, until, type RedisServer } from '../support/redis-server.js';

/** Whoever gets no turn for so long is left out. */
const TTL_MS = 3_000;

describe('redisMembership', () => {
  let server: RedisServer;
  let clients: Redis[] = [];
  let joined: Subscription[] = [];
  let groups = 0;

  before(async () => {
    server = await startRedis();
  });

  after(() => server.stop());

  afterEach(async () => {
    await server.kill('SIGCONT');
    joined.forEach((each) => each.unsubscribe());
    clients.forEach((redis) => redis.disconnect());
    clients = [];
    joined = [];
  });

  const client = (options = {}) => {
    const redis = new Redis({ ...server.options, maxRetriesPerRequest: 0, ...options });
    redis.on('error', () => undefined);
    clients.push(redis);
    return redis;
  };
  const warnings: string[] = [];
  const membership = (): RedisMembership =>
    redisMembership(client(), { ttlMs: TTL_MS, logger: { warn: (message) => void warnings.push(message) } });

  /** Joins a group. Returns the lists that it is told, and how to leave. */
  const join = (group: string, member: string, of = membership()) => {
    const lists: (readonly string[])[] = [];
    const errors: unknown[] = [];
    const subscription = of
      .join(group, member)
      .subscribe({ next: (members) => lists.push(members), error: (error: unknown) => errors.push(error) });
    joined.push(subscription);
    return { lists, errors, leave: () => subscription.unsubscribe() };
  };

  it('tells the members, sorted, now and whenever one comes or goes, and nothing else', async () => {
    const group = `group-${++groups}`;
    const one = join(group, 'b');
    await until(() => one.lists.length === 1);
    const other = join(group, 'a');
    join('another group', 'c');
    await until(() => one.lists.length === 2 && other.lists.length >= 1);
    other.leave();
    await until(() => one.lists.length === 3);
    expect(one.lists).to.deep.equal([['b'], ['a', 'b'], ['b']]);
    expect(other.lists[0]).to.deep.equal(['a', 'b']);
  });

  it('leaves out a member that tells no more that it is there, and has it again when it does', async () => {
    const group = `group-${++groups}`;
    const dead = client({ retryStrategy: () => 100_000 });
    const one = join(group, 'one');
    const other = join(group, 'other', redisMembership(dead, { ttlMs: TTL_MS, logger: { warn: () => undefined } }));
    await until(() => one.lists.at(-1)?.length === 2 && other.lists.at(-1)?.length === 2);
    dead.disconnect(true);
    await until(() => one.lists.at(-1)?.length === 1);
    expect(one.lists.at(-1)).to.deep.equal(['one']);
    expect(other.lists.at(-1)).to.deep.equal(['one', 'other']);
    void dead.connect();
    await until(() => one.lists.at(-1)?.length === 2);
  });

  it('warns once and goes on with those it knows, while Redis does not answer', async () => {
    const group = `group-${++groups}`;
    const [one, other] = [join(group, 'one'), join(group, 'other')];
    await until(() => one.lists.at(-1)?.length === 2 && other.lists.at(-1)?.length === 2);
    warnings.length = 0;
    await server.kill('SIGSTOP');
    await until(() => warnings.length >= 2);
    await server.kill('SIGCONT');
    const third = join(group, 'third');
    await until(() => [one, other, third].every(({ lists }) => lists.at(-1)?.length === 3));
    expect(warnings).to.have.length(2);
    expect([...one.errors, ...other.errors]).to.deep.equal([]);
  });

  it('errors, when Redis refuses for good', async () => {
    const group = `group-${++groups}`;
    await client().set(`{rxforce:members:${group}}`, 'something else');
    const one = join(group, 'one');
    await until(() => one.errors.length === 1);
    expect(one.errors[0]).to.include({ code: 'event-log', reason: 'refused', retriable: false });
  });

  it('throws a ConfigurationError, when ttlMs is out of range', () => {
    expect(() => redisMembership(client(), { ttlMs: 100 }))
      .to.throw()
      .with.property('code', 'configuration');
  });
});
