import { jetstreamManager } from '@nats-io/jetstream';
import type { ServerProcess } from '../../../../test/support/server-process.js';
import { startNats } from '../../../jetstream/test/support/nats-server.js';
import { startRedis } from '../../../replay-redis/test/support/redis-server.js';

/** A real server, where processes share positions, leases and a log. */
export interface EngineServer {
  /** The URL, with the password that the server was given. */
  readonly url: string;
  /** Removes all that it has. */
  empty(): Promise<void>;
  /** Ends it at once; `start` starts it with what it had. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** An engine that a configuration can name. */
export interface EngineKind {
  /** The name of its section. */
  readonly section: 'redis' | 'nats';
  /** What commands call it. */
  readonly name: string;
  /** A URL that nobody answers at. */
  readonly nowhere: string;
  start(password: string): Promise<EngineServer>;
}

/** All engines that a configuration can name. */
export const ENGINES: readonly EngineKind[] = [
  {
    ...{ section: 'redis', name: 'Redis', nowhere: 'redis://127.0.0.1:1' },
    start: async (password) => {
      const server = await startRedis({ password, aof: true });
      const empty = async () => {
        const client = server.client();
        await client.flushall();
        client.disconnect();
      };
      return { url: `redis://:${password}@127.0.0.1:${server.port}/0`, empty, ...lifeOf(server) };
    },
  },
  {
    ...{ section: 'nats', name: 'NATS JetStream', nowhere: 'nats://127.0.0.1:1' },
    start: async (password) => {
      const user = 'rxforce';
      const config = [`authorization { users: [{ user: ${user}, password: ${password} }] }`];
      const server = await startNats({ config, login: { user, pass: password } });
      const empty = async () => {
        const nats = await server.connect();
        const { streams } = await jetstreamManager(nats);
        for await (const { config: stream } of streams.list()) await streams.delete(stream.name);
        await nats.close();
      };
      return { url: `nats://${user}:${password}@127.0.0.1:${server.port}`, empty, ...lifeOf(server) };
    },
  },
];

function lifeOf(server: ServerProcess) {
  return {
    kill: () => server.kill(),
    start: () => server.start(),
    stop: () => server.stop(),
  };
}
