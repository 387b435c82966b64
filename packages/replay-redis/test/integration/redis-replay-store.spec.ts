import { replayStoreContract } from '@rxforce/core/testing';
import { expect } from 'chai';
import { Redis, type Cluster } from 'ioredis';
import { redisReplayStore } from '../../src/redis-replay-store.js';
import { countOf, expectError, expectRejection, idOf, KEY, rejection, succeeds, TAG } from '../support/positions.js';
import { startCluster, startSentinel, type RedisCluster, type RedisSentinels } from '../support/redis-groups.js';
import { timeOf, until } from '../support/redis-server.js';
import { oneRedis } from '../support/one-redis.js';

/** Runs the contract on what a client reaches. Every case has keys of its own. */
function fulfilsTheContract(client: () => Redis | Cluster): void {
  let prefix = 0;
  // No lock is renewed while the tests run.
  const open = () => redisReplayStore(client(), { prefix: `contract-${prefix}`, lockTtlMs: 600_000 });
  const next = () => {
    prefix++;
  };
  for (const { name, run } of replayStoreContract({ open, reopen: open, dispose: next })) it(name, run);
}

describe('redisReplayStore', function () {
  this.timeout(90_000);

  describe('on one server', () => {
    const suite = oneRedis();
    const { store } = suite;

    fulfilsTheContract(() => suite.redis);

    it('has only keys that share a slot, and no time to live but that of the lock', async () => {
      const kept = store({ history: { everyMs: 1 } });
      await kept.lock(KEY);
      await kept.save(KEY, idOf(1));
      expect((await suite.redis.keys('*')).sort()).to.deep.equal([TAG, `${TAG}:history`, `${TAG}:lock`]);
      expect(await suite.redis.ttl(TAG)).to.equal(-1);
      expect(await suite.redis.ttl(`${TAG}:history`)).to.equal(-1);
      expect(await suite.redis.pttl(`${TAG}:lock`)).to.be.within(1, 30_000);
    });

    it('leaves nothing of a position that is deleted', async () => {
      const kept = store({ history: { everyMs: 1 } });
      const lock = await kept.lock(KEY);
      await kept.save(KEY, idOf(1));
      await kept.delete(KEY);
      await lock.release();
      expect(await suite.redis.keys('*')).to.deep.equal([]);
    });

    it('needs less than 200 bytes for a subscription without a history', async () => {
      await store().save(KEY, idOf(1), Date.now());
      expect(await suite.redis.keys('*')).to.deep.equal([TAG]);
      expect(await suite.redis.memory('USAGE', TAG)).to.be.below(200);
    });

    it('saves in one call of Redis, once the script is known', async () => {
      const kept = store();
      await kept.save(KEY, idOf(1));
      await suite.redis.config('RESETSTAT');
      for (let count = 2; count < 12; count++) await kept.save(KEY, idOf(count), 1);
      const calls = /cmdstat_evalsha:calls=(\d+)/.exec(await suite.redis.info('commandstats'))?.[1];
      const others = (await suite.redis.info('commandstats')).match(/cmdstat_(eval|info|script)[:|]/g);
      expect(calls).to.equal('10');
      expect(others).to.deep.equal(['cmdstat_info:']);
    });

    it('goes on, when Redis has forgotten its scripts', async () => {
      const kept = store();
      await kept.save(KEY, idOf(1));
      await suite.redis.script('FLUSH');
      await kept.save(KEY, idOf(2));
      expect(countOf(await kept.load(KEY))).to.equal(2);
    });

    it('makes a connection of its own, when it is given options, and closes it', async () => {
      const owner = redisReplayStore(suite.server.options);
      await owner.save(KEY, idOf(7));
      await owner.close();
      await expectRejection(owner.load(KEY), { code: 'replay-store', retriable: false, says: /client is closed/ });
      expect(countOf(await store().load(KEY))).to.equal(7);
    });

    it('leaves the connection open that it was given, when it is closed', async () => {
      await store().close();
      expect(await suite.redis.ping()).to.equal('PONG');
    });

    it('connects, when the client that it was given has not', async () => {
      const lazy = new Redis({ ...suite.server.options, lazyConnect: true });
      await redisReplayStore(lazy).save(KEY, idOf(1));
      lazy.disconnect();
    });

    it('works with a client that has a key prefix, gives numbers as texts, and has no offline queue', async () => {
      const options = { keyPrefix: 'app:', stringNumbers: true, enableOfflineQueue: false, lazyConnect: true };
      const odd = new Redis({ ...suite.server.options, ...options });
      const kept = redisReplayStore(odd);
      const lock = await kept.lock(KEY);
      await kept.save(KEY, idOf(1));
      expect(countOf(await kept.load(KEY))).to.equal(1);
      await lock.release();
      expect(await suite.redis.keys('*')).to.deep.equal([`app:${TAG}`]);
      odd.disconnect();
    });

    it('gives back from memory what Redis has lost, and says so', async () => {
      const warnings: string[] = [];
      const kept = store({ logger: { warn: (message) => warnings.push(message) } });
      await kept.save(KEY, idOf(5));
      await suite.redis.flushall();
      expect(countOf(await kept.load(KEY))).to.equal(5);
      expect(warnings).to.have.lengthOf(1);
      expect(warnings[0]).to.match(/lost the position "crm-sync" of .data.AccountChangeEvent/);
      expect(countOf(await store().load(KEY)), 'Redis has it again').to.equal(5);
      expect(await suite.redis.get(TAG)).to.match(/^1i 0 - /);
    });

    it('gives back nothing, when another one saves in between', async () => {
      const other = store();
      let saved: Promise<unknown> | undefined;
      // Warned about between finding nothing and giving back: what is called then is sent first.
      const warn = () => {
        saved ??= suite.redis.set(TAG, `1i 7 - ${idOf(6).toString()}`);
      };
      const kept = store({ logger: { warn } });
      await kept.save(KEY, idOf(5));
      await suite.redis.flushall();
      expect(countOf(await kept.load(KEY))).to.equal(6);
      expect(await saved).to.equal('OK');
      await rejection(other.save(KEY, idOf(8), 6));
    });

    it('keeps its lock, when it gives a position back', async () => {
      const kept = store({ logger: { warn: () => undefined } });
      const lock = await kept.lock(KEY);
      await kept.save(KEY, idOf(5));
      await suite.redis.flushall();
      expect(countOf(await kept.load(KEY))).to.equal(5);
      await kept.save(KEY, idOf(6));
      await rejection(store().lock(KEY));
      await lock.release();
    });

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

    describe('with a history', () => {
      const MINUTES = 60_000;
      const kept = (everyMs: number, keepMs?: number) =>
        store({ history: { everyMs, ...(keepMs === undefined ? {} : { keepMs }) } });
      const now = () => timeOf(suite.redis);

      it('knows the newest position that was reached 5 minutes before a time', async () => {
        const at = await now();
        await suite.redis.zadd(`${TAG}:history`, at, idOf(1).toString(), at + MINUTES, idOf(2).toString());
        const reached = async (time: number) => countOf(await store().reachedBefore(KEY, new Date(time)));
        expect(await reached(at + 5 * MINUTES - 1)).to.equal(0);
        expect(await reached(at + 5 * MINUTES)).to.equal(1);
        expect(await reached(at + 6 * MINUTES - 1)).to.equal(1);
        expect(await reached(at + 6 * MINUTES)).to.equal(2);
      });

      it('notes a position down by the clock of Redis, with its first time, and no time of day', async () => {
        const before = await now();
        const historic = kept(1);
        await historic.save(KEY, new Date());
        expect(await suite.redis.exists(`${TAG}:history`)).to.equal(0);
        await historic.save(KEY, idOf(1));
        const [id, score] = await suite.redis.zrange(`${TAG}:history`, '0', '-1', 'WITHSCORES');
        expect(id).to.equal(idOf(1).toString());
        expect(Number(score)).to.be.at.least(before);
        await until(async () => (await now()) > Number(score));
        await historic.save(KEY, idOf(1));
        expect(await suite.redis.zrange(`${TAG}:history`, '0', '-1', 'WITHSCORES')).to.deep.equal([id, score]);
      });

      it('has at most one mark in a span', async () => {
        const historic = kept(60 * MINUTES);
        for (const count of [1, 2, 3]) await historic.save(KEY, idOf(count));
        expect(await suite.redis.zrange(`${TAG}:history`, '0', '-1')).to.deep.equal([idOf(1).toString()]);
      });

      it('drops what is too old', async () => {
        const at = await now();
        const [old, young] = [at - 72 * 60 * MINUTES - MINUTES, at - 71 * 60 * MINUTES];
        await suite.redis.zadd(`${TAG}:history`, old, idOf(1).toString(), young, idOf(2).toString());
        await kept(MINUTES).save(KEY, idOf(3));
        const marks = await suite.redis.zrange(`${TAG}:history`, '0', '-1');
        expect(marks).to.deep.equal([idOf(2).toString(), idOf(3).toString()]);
      });

      it('keeps none, unless it is told to', async () => {
        await store().save(KEY, idOf(1));
        expect(await suite.redis.exists(`${TAG}:history`)).to.equal(0);
        expect(await store().reachedBefore(KEY, new Date())).to.equal(undefined);
      });
    });
  });

  describe('on a cluster', () => {
    let group: RedisCluster;
    let cluster: Cluster;

    before(async () => {
      group = await startCluster();
      cluster = group.client();
    });
    after(async () => {
      cluster.disconnect();
      await group.stop();
    });

    fulfilsTheContract(() => cluster);

    it('spreads subscriptions over the nodes, and saves them at the same time', async () => {
      const store = redisReplayStore(cluster, { prefix: 'spread', history: { everyMs: 1 } });
      const keys = Array.from({ length: 60 }, (_, index) => ({ ...KEY, name: `consumer-${index}` }));
      await Promise.all(keys.map((key, index) => store.save(key, idOf(index), 1)));
      const sizes = await Promise.all(cluster.nodes('master').map((node) => node.keys('{spread:*')));
      expect(sizes.every(({ length }) => length > 0)).to.equal(true);
      expect(sizes.flat()).to.have.lengthOf(2 * keys.length);
    });

    it('follows a slot to another node', async () => {
      const store = redisReplayStore(cluster, { prefix: 'moved' });
      await store.save(KEY, idOf(1));
      await moveSlot(group, await cluster.cluster('KEYSLOT', TAG.replace('rxforce', 'moved')));
      await store.save(KEY, idOf(2));
      expect(countOf(await store.load(KEY))).to.equal(2);
    });

    it('is an error that may pass, while a node is down', async () => {
      const store = redisReplayStore(cluster, { prefix: 'down', timeoutMs: 300 });
      await store.save(KEY, idOf(1));
      const node = group.nodes[await nodeOf(group, await cluster.cluster('KEYSLOT', TAG.replace('rxforce', 'down')))]!;
      await node.kill('SIGSTOP');
      const refused = await rejection(store.save(KEY, idOf(2)));
      await node.kill('SIGCONT');
      expectError(refused, { code: 'replay-store', retriable: true, says: /on Redis failed/ });
      await until(() => succeeds(store.save(KEY, idOf(3))));
    });
  });

  describe('on a master with a replica', () => {
    let group: RedisSentinels;
    let redis: Redis;

    before(async () => {
      group = await startSentinel();
      redis = new Redis(group.options);
      redis.on('error', () => undefined);
    });
    after(async () => {
      redis.disconnect();
      await group.stop();
    });

    fulfilsTheContract(() => redis);

    it('goes on with the replica, when the master is dead', async () => {
      const store = redisReplayStore(redis, { prefix: 'failover', timeoutMs: 500 });
      await store.save(KEY, idOf(1));
      await redis.wait(1, 0);
      await group.master.kill();
      await expectRejection(store.save(KEY, idOf(2)), {
        code: 'replay-store',
        retriable: true,
        says: /on Redis failed/,
      });
      const other = redisReplayStore(redis, { prefix: 'failover', timeoutMs: 500 });
      await until(() => succeeds(other.load(KEY)));
      expect(countOf(await other.load(KEY))).to.be.oneOf([1, 2]);
      await store.save(KEY, idOf(3));
      const replica = group.replica.client();
      expect(await replica.get(TAG.replace('rxforce', 'failover'))).to.include(idOf(3).toString());
      replica.disconnect();
    });
  });
});

async function evalshaCalls(redis: Redis): Promise<number> {
  const stats = await redis.info('commandstats');
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

async function idsOf(group: RedisCluster): Promise<string[]> {
  const clients = group.nodes.map((node) => node.client());
  const ids = await Promise.all(clients.map((client) => client.call('CLUSTER', 'MYID') as Promise<string>));
  clients.forEach((client) => client.disconnect());
  return ids;
}

async function nodeOf(group: RedisCluster, slot: number): Promise<number> {
  const size = 16_384 / group.nodes.length;
  return Promise.resolve(Math.min(group.nodes.length - 1, Math.floor(slot / size)));
}

/** Gives a slot, with its keys, to another node, as an operator does. */
async function moveSlot(group: RedisCluster, slot: number): Promise<void> {
  const from = await nodeOf(group, slot);
  const to = (from + 1) % group.nodes.length;
  const ids = await idsOf(group);
  const clients = group.nodes.map((node) => node.client());
  const { port } = group.nodes[to]!;
  await clients[to]!.cluster('SETSLOT', slot, 'IMPORTING', ids[from]!);
  await clients[from]!.cluster('SETSLOT', slot, 'MIGRATING', ids[to]!);
  const keys = await clients[from]!.cluster('GETKEYSINSLOT', slot, 100);
  await clients[from]!.call('MIGRATE', '127.0.0.1', port, '', 0, 5_000, 'KEYS', ...keys);
  for (const index of [to, from]) await clients[index]!.cluster('SETSLOT', slot, 'NODE', ids[to]!);
  clients.forEach((client) => client.disconnect());
}
