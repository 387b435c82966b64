import type { Redis } from 'ioredis';
import { redisReplayStore, type RedisReplayStore, type RedisReplayStoreOptions } from '../../src/redis-replay-store.js';
import { startRedis, type RedisServer } from './redis-server.js';

/** One server for a suite, which is empty before each of its tests. */
export interface OneRedis {
  server: RedisServer;
  redis: Redis;
  /** A store there, which is closed after the test. */
  readonly store: (options?: RedisReplayStoreOptions) => RedisReplayStore;
}

/** Starts a server before the suite, and stops it after. */
export function oneRedis(): OneRedis {
  const stores: RedisReplayStore[] = [];
  const suite = {
    store: (options) => {
      const opened = redisReplayStore(suite.redis, options);
      stores.push(opened);
      return opened;
    },
  } as OneRedis;
  before(async () => {
    suite.server = await startRedis();
    suite.redis = suite.server.client();
  });
  after(async () => {
    suite.redis.disconnect();
    await suite.server.stop();
  });
  beforeEach(() => suite.redis.flushall());
  // Their locks are renewed no more.
  afterEach(() => Promise.all(stores.splice(0).map((opened) => opened.close())));
  return suite;
}
