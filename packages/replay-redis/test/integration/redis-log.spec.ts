import { eventLogContract } from '@rxforce/core/testing';
import { redisLog, type RedisLog } from '@rxforce/replay-redis';
import { Redis } from 'ioredis';
import { startRedis, type RedisServer } from '../support/redis-server.js';

describe('redisLog', function () {
  this.timeout(120_000);
  let server: RedisServer;
  let clients: Redis[] = [];
  let logs: RedisLog[] = [];
  let names = 0;

  before(async () => {
    server = await startRedis();
  });

  after(() => server.stop());

  const client = () => {
    const redis = new Redis({ ...server.options, lazyConnect: true });
    redis.on('error', () => undefined);
    clients.push(redis);
    return redis;
  };
  const logOf = (name: string, options = {}) => {
    const log = redisLog(client(), { name, timeoutMs: 2_000, ...options });
    logs.push(log);
    return log;
  };
  const dispose = async () => {
    await server.kill('SIGCONT');
    await Promise.all(logs.map((log) => log.close()));
    clients.forEach((redis) => redis.disconnect());
    clients = [];
    logs = [];
  };

  describe('keeps the contract', () => {
    const cases = eventLogContract({
      open: (settings) => logOf(`log-${++names}`, settings),
      reopen: (_log, settings) => logOf(`log-${names}`, settings),
      fail: () => server.kill('SIGSTOP'),
      dispose,
    });
    for (const { name, run } of cases) it(name, run);
  });
});
