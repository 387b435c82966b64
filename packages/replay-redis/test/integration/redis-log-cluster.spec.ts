import { BehaviorSubject } from 'rxjs';
import { ReplayId } from '@rxforce/core';
import { eventLogContract } from '@rxforce/core/testing';
import { redisLog, type RedisLog } from '@rxforce/replay-redis';
import type { Cluster } from 'ioredis';
import { until } from '../support/redis-server.js';
import { startCluster, type RedisCluster } from '../support/redis-groups.js';

describe('redisLog on a cluster', function () {
  this.timeout(120_000);
  let servers: RedisCluster;
  let redis: Cluster;
  let logs: RedisLog[] = [];
  let names = 0;

  before(async () => {
    servers = await startCluster();
    redis = servers.client();
  });

  after(async () => {
    redis.disconnect();
    await servers.stop();
  });

  const logOf = (name: string, options = {}) => {
    const log = redisLog(redis, { name, timeoutMs: 5_000, ...options });
    logs.push(log);
    return log;
  };
  const cases = eventLogContract({
    open: (settings) => logOf(`log-${++names}`, settings),
    reopen: (_log, settings) => logOf(`log-${names}`, settings),
    dispose: async () => {
      await Promise.all(logs.map((log) => log.close()));
      logs = [];
    },
  });
  for (const { name, run } of cases) it(name, run);

  it('wakes who waits, in the slots of several topics', async () => {
    const log = logOf('woken', { partitions: 4, keepaliveMs: 60_000 });
    const found: string[] = [];
    const places = ['/data/A', '/data/B', '/data/C', '/data/D'].flatMap((topic) =>
      [0, 1, 2, 3].map((partition) => ({ topic, partition })),
    );
    const readings = places.map((place) =>
      log
        .read({ ...place, from: 'earliest' }, new BehaviorSubject(100))
        .subscribe(({ entries }) => entries.forEach(({ id }) => found.push(id))),
    );
    const origin = ReplayId.fromBytes(Buffer.alloc(10));
    for (let round = 1; round <= 5; round++) {
      for (const { topic, partition } of places) {
        const id = `${topic} ${partition} ${round}`;
        await log.append(topic, [{ partition, id, origin, schemaId: 'schema', payload: Buffer.alloc(1) }]);
      }
      await until(() => found.length === round * places.length);
    }
    readings.forEach((reading) => reading.unsubscribe());
    await log.close();
  });
});
