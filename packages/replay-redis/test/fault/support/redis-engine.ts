import { redisLog } from '@rxforce/replay-redis';
import type { Redis } from 'ioredis';
import type { WorkersEngine } from '../../../../../test/support/workers/workers-engine.js';
import { startRedis } from '../../support/redis-server.js';

/** Redis, for suites that run readers and workers. */
export const redisEngine: WorkersEngine = {
  name: 'Redis',
  script: new URL('redis-worker.ts', import.meta.url),
  start: async () => {
    const server = await startRedis();
    return {
      address: `redis://127.0.0.1:${server.port}`,
      log: (name) => Promise.resolve(redisLog(server.options, { name })),
      describe: async () => {
        const client = server.client();
        const lines: string[] = [];
        for (const key of (await client.keys('*')).sort()) lines.push(`  ${key} = ${await contentOf(client, key)}`);
        client.disconnect();
        return lines;
      },
      stop: () => server.stop(),
    };
  },
};

/** What a key holds, and for how long. Streams are too long. */
async function contentOf(client: Redis, key: string): Promise<string> {
  switch (await client.type(key)) {
    case 'string':
      return `${await client.get(key)}, for ${await client.pttl(key)} ms`;
    case 'hash':
      return key.endsWith(':schemas') ? '…' : JSON.stringify(await client.hgetall(key));
    case 'zset':
      return (await client.zrange(key, 0, '-1', 'WITHSCORES')).join(' ');
    default:
      return '…';
  }
}
