import type { Redis } from 'ioredis';
import { redisReplayStore, type RedisReplayStoreOptions } from '../../src/redis-replay-store.js';

/** The code of all these errors. */
export const CODE = 'replay-store';

/** Nobody is warned. */
export const quiet = { warn: () => undefined };

/** A store that waits 300 ms for an answer. */
export const storeOf = (redis: Redis, options?: RedisReplayStoreOptions) =>
  redisReplayStore(redis, { timeoutMs: 300, logger: quiet, ...options });
