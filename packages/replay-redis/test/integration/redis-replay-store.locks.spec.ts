import { expect } from 'chai';
import type { Redis } from 'ioredis';
import { countOf, expectRejection, idOf, KEY, rejection } from '../../../core/test/support/stored-positions.js';
import { succeeds, TAG } from '../support/positions.js';
import { timeOf, until } from '../support/redis-server.js';
import { oneRedis } from '../support/one-redis.js';

describe('redisReplayStore', function () {
  this.timeout(90_000);

  describe('on one server', () => {
    const suite = oneRedis();
    const { store } = suite;

    describe('with fencing tokens', () => {
      it('refuses a smaller one than it has seen, from any store, and keeps what it has', async () => {
        await store().save(KEY, idOf(1), 1_764_000_000_000);
        await store().save(KEY, idOf(2), 1_764_000_000_001);
        const refused = store().save(KEY, idOf(3), 1_764_000_000_000);
        await expectRejection(refused, {
          code: 'position-in-use',
          retriable: false,
          says: /passed to another replica/,
        });
        expect(countOf(await store().load(KEY))).to.equal(2);
      });

      it('takes the same one again, and remembers it over saves that have none', async () => {
        await store().save(KEY, idOf(1), 5);
        await store().save(KEY, idOf(2), 5);
        await store().save(KEY, idOf(3));
        expect(await rejection(store().save(KEY, idOf(4), 4))).to.have.property('code', 'position-in-use');
      });

      it('compares them as numbers', async () => {
        await store().save(KEY, idOf(1), 9);
        await store().save(KEY, idOf(2), 10);
        await rejection(store().save(KEY, idOf(3), 9));
      });

      it('refuses what is none', async () => {
        for (const fence of [-1, 1.5, NaN, 2 ** 53]) {
          await expectRejection(store().save(KEY, idOf(1), fence), {
            code: 'replay-store',
            retriable: false,
            says: /whole number/,
          });
        }
      });

      it('is not stopped by a lock', async () => {
        await store().lock(KEY);
        await store().save(KEY, idOf(1), 1);
      });
    });

    describe('with a lock', () => {
      const lockTtlMs = 300;

      it('renews it, as long as it is not released', async () => {
        const holder = store({ lockTtlMs });
        const lock = await holder.lock(KEY);
        const ends = new Set<number>();
        await until(async () => {
          ends.add(Number(await suite.redis.call('PEXPIRETIME', `${TAG}:lock`)));
          return ends.size === 4;
        });
        expect([...ends]).to.deep.equal([...ends].sort((a, b) => a - b));
        await lock.release();
        expect(await suite.redis.exists(`${TAG}:lock`)).to.equal(0);
      });

      it('says whether its holder may be dead: not, once it was seen to renew it', async () => {
        await store({ lockTtlMs }).lock(KEY);
        const other = store({ lockTtlMs });
        await expectRejection(other.lock(KEY), { code: 'position-in-use', retriable: true, says: /locked by another/ });
        const end = await suite.redis.call('PEXPIRETIME', `${TAG}:lock`);
        await until(async () => Number(await suite.redis.call('PEXPIRETIME', `${TAG}:lock`)) > Number(end) + 50);
        await expectRejection(other.lock(KEY), {
          code: 'position-in-use',
          retriable: false,
          says: /locked by another/,
        });
      });

      it('lets the next have it, when a holder is gone without having released it', async () => {
        const dead = store({ lockTtlMs });
        await dead.lock(KEY);
        await dead.close();
        const next = store({ lockTtlMs });
        await until(() => succeeds(next.lock(KEY)));
        await expectRejection(dead.save(KEY, idOf(1)), {
          code: 'position-in-use',
          retriable: false,
          says: /lock .* is gone/,
        });
        await next.save(KEY, idOf(2));
      });

      it('refuses what a holder saves whose lock another one had in between, even without saving', async () => {
        await store().save(KEY, idOf(1));
        const stale = store({ lockTtlMs });
        await stale.lock(KEY);
        await stale.close();
        await suite.redis.del(`${TAG}:lock`);
        await (await store().lock(KEY)).release();
        await expectRejection(stale.save(KEY, idOf(2)), { code: 'position-in-use', retriable: false, says: /gone/ });
        expect(countOf(await store().load(KEY))).to.equal(1);
      });

      it('takes a lock again that ran out, when nobody had it in between', async () => {
        await store().save(KEY, idOf(1));
        const holder = store();
        const lock = await holder.lock(KEY);
        await suite.redis.del(`${TAG}:lock`);
        await holder.save(KEY, idOf(2));
        expect(await suite.redis.pttl(`${TAG}:lock`)).to.be.above(0);
        await rejection(store().lock(KEY));
        await lock.release();
      });

      it('takes no lock again that ran out, when it has saved with a fencing token in between', async () => {
        const holder = store();
        await holder.lock(KEY);
        await holder.save(KEY, idOf(1), 1);
        await suite.redis.del(`${TAG}:lock`);
        expect(await rejection(holder.save(KEY, idOf(2)))).to.have.property('code', 'position-in-use');
      });

      it('renews no lock that another one has, and does not try again', async () => {
        const stale = store({ lockTtlMs });
        await stale.lock(KEY);
        await suite.redis.set(`${TAG}:lock`, 'another', 'PX', 60_000);
        const before = await evalshaCalls(suite.redis);
        await until(async () => (await evalshaCalls(suite.redis)) > before);
        const lost = await timeOf(suite.redis);
        await until(async () => (await timeOf(suite.redis)) > lost + lockTtlMs);
        expect(await evalshaCalls(suite.redis), 'it tries on').to.equal(before + 1);
        expect(await suite.redis.get(`${TAG}:lock`)).to.equal('another');
        expect(await suite.redis.pttl(`${TAG}:lock`)).to.be.above(lockTtlMs);
      });

      it('refuses a position that somebody has the lease of', async () => {
        await suite.redis.set(`${TAG}:lease`, 'x', 'PX', 60_000);
        await expectRejection(store().lock(KEY), {
          code: 'position-in-use',
          retriable: true,
          says: /under the lease of/,
        });
      });
    });
  });
});

async function evalshaCalls(redis: Redis): Promise<number> {
  const stats = await redis.info('commandstats');
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}
