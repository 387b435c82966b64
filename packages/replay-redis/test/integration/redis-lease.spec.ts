import type { HeldLease } from '@rxforce/core';
import { leaseContract } from '@rxforce/core/testing';
import { expect } from 'chai';
import type { Cluster, Redis } from 'ioredis';
import { refusesStaleHolder } from '../../../core/test/support/stale-holder.js';
import { redisLease, type RedisLeaseOptions } from '../../src/redis-lease.js';
import { redisReplayStore } from '../../src/redis-replay-store.js';
import { expectError, expectRejection, idOf, KEY, rejection } from '../../../core/test/support/stored-positions.js';
import { succeeds, TAG } from '../support/positions.js';
import { startCluster } from '../support/redis-groups.js';
import { startRedis, timeOf, until, type RedisServer } from '../support/redis-server.js';

describe('redisLease', function () {
  this.timeout(90_000);
  let server: RedisServer;
  let redis: Redis;

  before(async () => {
    server = await startRedis();
    redis = server.client();
  });
  after(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(() => redis.flushall());

  const lease = (options?: RedisLeaseOptions) => redisLease(redis, options);
  const acquired = async (options?: RedisLeaseOptions): Promise<HeldLease> => (await lease(options).acquire(KEY))!;
  const expired = (key = `${TAG}:lease`) => until(async () => (await redis.exists(key)) === 0);

  describe('keeps the contract', () => {
    let isStopped = false;
    /** Every lease is so much nearer to its end: nothing waits for real time. */
    const pass = async (ms: number) => {
      for (const key of await redis.keys('*:lease'))
        await redis.pexpire(key, Math.max(0, (await redis.pttl(key)) - ms));
    };
    const options = {
      open: () => lease({ ttlMs: 60_000, timeoutMs: 1_000 }),
      reopen: () => lease({ ttlMs: 60_000 }),
      pass,
      fail: async () => {
        await server.kill('SIGSTOP');
        isStopped = true;
      },
      dispose: async () => {
        if (isStopped) await server.kill('SIGCONT');
        isStopped = false;
      },
    };
    for (const { name, run } of leaseContract(options)) it(name, run);
  });

  it('is held by one, when many ask at the same time', async () => {
    const asked = await Promise.all(Array.from({ length: 10 }, () => lease().acquire(KEY)));
    expect(asked.filter((held) => held !== undefined)).to.have.lengthOf(1);
  });

  it('is had by the next at once, when it was released', async () => {
    const first = await acquired();
    expect(await lease().acquire(KEY)).to.equal(undefined);
    await first.release();
    const second = await acquired();
    expect(second.token).to.be.above(first.token);
  });

  it('is had by the next after its time, when it is not renewed, and is lost then', async () => {
    const first = await acquired({ ttlMs: 100 });
    await expired();
    expect(await first.renew()).to.equal(false);
    const second = await acquired();
    expect(second.token).to.be.above(first.token);
    expect(await first.renew()).to.equal(false);
    await first.release();
    expect(await lease().acquire(KEY), 'the first has released that of the second').to.equal(undefined);
    expect(await second.renew()).to.equal(true);
  });

  it('is held for its time again from when it is renewed', async () => {
    const held = await acquired({ ttlMs: 60_000 });
    await redis.pexpire(`${TAG}:lease`, 30_000);
    expect(await held.renew()).to.equal(true);
    expect(await redis.pttl(`${TAG}:lease`)).to.be.within(30_001, 60_000);
  });

  it('is told apart by the subscription, and by its name', async () => {
    await acquired();
    await lease().acquire({ ...KEY, name: 'other' });
    await lease({ name: 'a' }).acquire(KEY);
    await lease({ name: 'A' }).acquire(KEY);
    await lease({ name: '' }).acquire(KEY);
    expect(await lease({ name: 'a' }).acquire(KEY)).to.equal(undefined);
    expect(await lease().acquire(KEY)).to.equal(undefined);
  });

  it('has tokens that grow with each holder, more than one a millisecond', async () => {
    const tokens: number[] = [];
    for (let count = 0; count < 50; count++) {
      const held = await acquired();
      tokens.push(held.token);
      await held.release();
    }
    expect(tokens).to.deep.equal([...new Set(tokens)].sort((a, b) => a - b));
  });

  it('has a larger token than the last, when the clock of Redis is behind it', async () => {
    const last = Date.now() * 2;
    await redis.set(`${TAG}:token`, last);
    expect((await acquired()).token).to.equal(last + 1);
  });

  it('has a larger token than the position was saved with, when Redis has lost the last one', async () => {
    const last = Date.now() * 2;
    await redisReplayStore(redis).save(KEY, idOf(1), last);
    expect((await acquired()).token).to.equal(last + 1);
  });

  it('has a larger token than before, when Redis has lost everything', async () => {
    const first = await acquired();
    await redis.flushall();
    await until(async () => (await timeOf(redis)) > first.token);
    expect((await acquired()).token).to.be.above(first.token);
    expect(await first.renew()).to.equal(false);
  });

  it('keeps the last token, which has no time to live', async () => {
    const held = await acquired();
    await held.release();
    expect(await redis.get(`${TAG}:token`)).to.equal(String(held.token));
    expect(await redis.ttl(`${TAG}:token`)).to.equal(-1);
  });

  it('is not given to anybody, while a subscription without a lease has the position', async () => {
    const lock = await redisReplayStore(redis).lock(KEY);
    expect(await lease().acquire(KEY)).to.equal(undefined);
    await lock.release();
    await acquired();
  });

  it('is given, when the position is damaged: the store tells that', async () => {
    await redis.set(TAG, 'nonsense');
    await acquired();
    await redis.flushall();
    await redis.lpush(TAG, 'nonsense');
    await acquired();
  });

  it('makes the store refuse what a holder saves that has lost it, also before the next one has saved anything', async () => {
    const stale = await acquired({ ttlMs: 100 });
    const store = redisReplayStore(redis);
    await store.save(KEY, idOf(1), stale.token);
    await expired();
    await acquired();
    const late = await rejection(store.save(KEY, idOf(2), stale.token));
    expect(late).to.have.property('code', 'position-in-use');
    expect(await store.load(KEY)).to.deep.equal(idOf(1));
  });

  it('makes the store refuse what a holder saves that has lost it', async () => {
    const stores = [redisReplayStore(redis), redisReplayStore(redis)] as const;
    await refusesStaleHolder(stores, () => acquired({ ttlMs: 100 }), expired);
  });

  it('is given back, when the answer came only after the call was given up', async () => {
    const slow = lease({ timeoutMs: 50, ttlMs: 600_000 });
    // On a slow machine, one is given up, too.
    await until(() => succeeds(slow.acquire({ ...KEY, name: 'first' })));
    await server.kill('SIGSTOP');
    const refused = await rejection(slow.acquire(KEY));
    await server.kill('SIGCONT');
    expectError(refused, { code: 'lease', retriable: true, says: /within 50 ms/ });
    await expired();
    expect(await redis.exists(`${TAG}:token`), 'it had been given').to.equal(1);
    await acquired();
  });

  it('closes the connection that it made', async () => {
    const own = redisLease(server.options);
    await own.acquire(KEY);
    await own.close();
    await expectRejection(own.acquire(KEY), { code: 'lease', retriable: false, says: /closed/ });
  });

  it('is held on a cluster, too', async () => {
    const group = await startCluster();
    const cluster: Cluster = group.client();
    try {
      const held = (await redisLease(cluster).acquire(KEY))!;
      expect(await redisLease(cluster).acquire(KEY)).to.equal(undefined);
      await redisReplayStore(cluster).save(KEY, idOf(1), held.token);
      await held.release();
      expect((await redisLease(cluster).acquire(KEY))!.token).to.be.above(held.token);
    } finally {
      cluster.disconnect();
      await group.stop();
    }
  });

  it('refuses times that are none', () => {
    for (const ttlMs of [0, 99, 1.5, Infinity]) expect(() => lease({ ttlMs })).to.throw(/ttlMs is/);
    for (const timeoutMs of [0, NaN]) expect(() => lease({ timeoutMs })).to.throw(/timeoutMs is/);
    for (const prefix of ['', '{a}', 'a b']) expect(() => lease({ prefix })).to.throw(/prefix is/);
  });
});
