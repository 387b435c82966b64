/** A reader or a worker, on Redis. */
import { redisLease, redisLog, redisMembership, redisReplayStore } from '@rxforce/replay-redis';
import { Redis } from 'ioredis';
import { runWorkerProcess } from '../../../../../test/support/workers/worker-process.js';

void runWorkerProcess(({ address, logName: name, partitions, ttlMs }, logger) => {
  const redis = new Redis(address, { lazyConnect: true });
  return {
    log: redisLog(redis, { name, partitions, logger }),
    store: redisReplayStore(redis, { logger }),
    lease: redisLease(redis, { ttlMs, logger }),
    membership: redisMembership(redis, { ttlMs, logger }),
  };
});
