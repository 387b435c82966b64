import { expect } from 'chai';
import { Redis } from 'ioredis';
import { deadLetterOf } from '@rxforce/dead-letters';
import { redisDeadLetterQueue } from '../../src/redis-dead-letter-queue.js';
import { redisLease } from '../../src/redis-lease.js';
import { KEY, rejection } from '../../../core/test/support/stored-positions.js';
import { succeeds } from '../support/positions.js';
import { startSentinel, type RedisSentinels } from '../support/redis-groups.js';
import { until } from '../support/redis-server.js';

describe('A failover', function () {
  this.timeout(180_000);
  let group: RedisSentinels;
  let redis: Redis;

  beforeEach(async () => {
    group = await startSentinel();
    redis = new Redis(group.options);
    redis.on('error', () => undefined);
    // Calls are given up soon, and none is to wait for the connection.
    await redis.ping();
  });

  afterEach(async () => {
    redis.disconnect();
    await group.stop();
  });

  it('leaves the lease with its holder, and gives the next one a larger token', async () => {
    const lease = redisLease(redis, { ttlMs: 30_000, timeoutMs: 500 });
    const first = (await lease.acquire(KEY))!;
    await redis.wait(1, 0);
    await group.master.kill();
    await rejection(lease.acquire(KEY));
    let renewed: boolean | undefined;
    await until(async () => {
      renewed = await first.renew().catch(() => undefined);
      return renewed !== undefined;
    });
    expect(renewed).to.equal(true);
    expect(await lease.acquire(KEY)).to.equal(undefined);
    await first.release();
    expect((await lease.acquire(KEY))!.token).to.be.above(first.token);
  });

  it('leaves dead letters where the replica had them, and what was taken taken', async () => {
    const queue = redisDeadLetterQueue(redis, { claimMs: 60_000, timeoutMs: 500 });
    const letters = ['a', 'b', 'c'].map((value) => deadLetterOf(value, new Error('no')));
    await queue.put(letters);
    const [taken] = await queue.take({ limit: 1 });
    await redis.wait(1, 0);
    await group.master.kill();
    expect(await succeeds(queue.depth())).to.equal(false);
    await until(() => succeeds(queue.depth()));
    expect(await queue.depth()).to.equal(3);
    const others = await queue.take({ limit: 10 });
    expect(others.map(({ value }) => value)).to.have.members(
      letters.map(({ value }) => value).filter((value) => value !== taken?.value),
    );
    await queue.remove(letters.map(({ id }) => id));
    expect(await queue.depth()).to.equal(0);
    await queue.close();
  });
});
