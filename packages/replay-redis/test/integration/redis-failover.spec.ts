import { expect } from 'chai';
import { Redis } from 'ioredis';
import { deadLetterOf } from '@rxforce/dead-letters';
import { redisDeadLetterQueue } from '../../src/redis-dead-letter-queue.js';
import { redisLease } from '../../src/redis-lease.js';
import { works } from '../support/letters.js';
import { KEY } from '../support/positions.js';
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
  });

  afterEach(async () => {
    redis.disconnect();
    await group.stop();
  });

  it('leaves the lease with its holder, and gives the next one a larger token', async () => {
    const lease = redisLease(redis, { ttlMs: 30_000, timeoutMs: 500 });
    const first = (await lease.acquire(KEY)).unwrap()!;
    await redis.wait(1, 0);
    await group.master.kill();
    expect(await lease.acquire(KEY)).to.include({ err: true });
    let renewed: boolean | undefined;
    await until(async () => {
      const answer = await first.renew();
      if (answer.ok) renewed = answer.val;
      return answer.ok;
    });
    expect(renewed).to.equal(true);
    expect((await lease.acquire(KEY)).unwrap()).to.equal(undefined);
    await first.release();
    expect((await lease.acquire(KEY)).unwrap()!.token).to.be.above(first.token);
  });

  it('leaves dead letters where the replica had them, and what was taken taken', async () => {
    const queue = redisDeadLetterQueue(redis, { claimMs: 60_000, timeoutMs: 500 });
    const letters = ['a', 'b', 'c'].map((value) => deadLetterOf(value, new Error('no')));
    await queue.put(letters);
    const [taken] = await queue.take({ limit: 1 });
    await redis.wait(1, 0);
    await group.master.kill();
    expect(await works(queue.depth())).to.equal(false);
    await until(() => works(queue.depth()));
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
