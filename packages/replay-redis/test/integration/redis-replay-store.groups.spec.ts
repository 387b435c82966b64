import { expect } from 'chai';
import { Redis, type Cluster } from 'ioredis';
import { redisReplayStore } from '../../src/redis-replay-store.js';
import {
  countOf,
  expectError,
  expectRejection,
  idOf,
  KEY,
  rejection,
} from '../../../core/test/support/stored-positions.js';
import { succeeds, TAG } from '../support/positions.js';
import { startCluster, startSentinel, type RedisCluster, type RedisSentinels } from '../support/redis-groups.js';
import { until } from '../support/redis-server.js';
import { fulfilsTheContract } from '../support/store-contract.js';

describe('redisReplayStore', function () {
  this.timeout(90_000);

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
