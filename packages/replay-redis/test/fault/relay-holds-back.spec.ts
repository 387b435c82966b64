import { redisLog } from '@rxforce/replay-redis';
import { relayHoldsBack } from '../../../../test/support/workers/relay-holds-back.js';
import { startRedis } from '../support/redis-server.js';

relayHoldsBack('Redis', async () => {
  const server = await startRedis({ aof: true });
  const logger = { warn: () => undefined };
  return {
    log: (name, partitions, timeoutMs) => {
      const log = redisLog({ ...server.options, maxRetriesPerRequest: 0 }, { name, partitions, timeoutMs, logger });
      return Promise.resolve(log);
    },
    kill: (signal) => server.kill(signal),
    start: () => server.start(),
    stop: () => server.stop(),
  };
});
