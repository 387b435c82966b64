import type { Redis } from 'ioredis';
import { redisReplayStore, type RedisReplayStoreOptions } from '../../src/redis-replay-store.js';

/** The code of all these errors. */
export const CODE = 'replay-store';

/** Nobody is warned. */
export const quiet = { warn: () => undefined };

/** A store that waits long for an answer, where the test says nothing else: a slow Redis is no failing one. */
export const storeOf = (redis: Redis, options?: RedisReplayStoreOptions) =>
  redisReplayStore(redis, { timeoutMs: 20_000, logger: quiet, ...options });
