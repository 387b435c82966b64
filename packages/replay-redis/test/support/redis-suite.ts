import type { Redis } from 'ioredis';
import { startRedis, type RedisServer, type RedisServerOptions } from './redis-server.js';

/** Servers and clients that are gone after each test of a suite. */
export interface RedisSuite {
  readonly start: (options?: RedisServerOptions) => Promise<RedisServer>;
  /** Disconnects a client after the test, and lets it fail. */
  readonly keep: (client: Redis) => Redis;
  readonly clientOf: (server: RedisServer) => Redis;
}

/** Gives the tests of a suite servers of their own. */
export function redisSuite(): RedisSuite {
  const servers: RedisServer[] = [];
  const clients: Redis[] = [];
  afterEach(async () => {
    clients.splice(0).forEach((client) => client.disconnect());
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });
  const keep = (client: Redis) => {
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  };
  return {
    start: async (options) => {
      const server = await startRedis(options);
      servers.push(server);
      return server;
    },
    keep,
    clientOf: (server) => keep(server.client()),
  };
}
