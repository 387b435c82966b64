import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { deadLetterOf } from '@rxforce/dead-letters';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import type { RedisClientOptions } from '../../src/redis-connection.js';
import { redisDeadLetterQueue } from '../../src/redis-dead-letter-queue.js';
import { redisLease } from '../../src/redis-lease.js';
import { redisReplayStore } from '../../src/redis-replay-store.js';
import { expectRejection, idOf, KEY, rejection } from '../../../core/test/support/stored-positions.js';
import { succeeds } from '../support/positions.js';
import { startRedis, until, type RedisServer } from '../support/redis-server.js';

const quiet = { warn: () => undefined };

describe('A master that a failover makes a replica', () => {
  let servers: RedisServer[];
  let name: MovingName;
  const clients: Redis[] = [];

  beforeEach(async () => {
    servers = await Promise.all([startRedis(), startRedis()]);
    name = await movingName(servers[0]!.port);
  });

  afterEach(async () => {
    clients.splice(0).forEach((client) => client.disconnect());
    await name.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  const clientOf = (options: RedisClientOptions): Redis => {
    const client = new Redis({ host: '127.0.0.1', port: name.port, ...options });
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  };
  /** The second server is the master, the first its replica, and the name leads to the second. Connections stay. */
  const failOver = async () => {
    const [was, becomes] = servers.map((server) => server.client()) as [Redis, Redis];
    clients.push(was, becomes);
    await becomes.replicaof('NO', 'ONE');
    await was.replicaof('127.0.0.1', servers[1]!.port);
    name.leadTo(servers[1]!.port);
  };

  for (const [version, words] of [
    ['7', asSent],
    ['6.2', asBefore7],
  ] as const) {
    it(`is left by a store, a lease and a queue with connections of their own, when Redis is ${version}`, async () => {
      name.rewrite(words);
      const own = { host: '127.0.0.1', port: name.port };
      const store = redisReplayStore(own, { timeoutMs: 1_000, logger: quiet });
      const lease = redisLease(own, { ttlMs: 60_000, timeoutMs: 1_000, logger: quiet });
      const queue = redisDeadLetterQueue(own, { timeoutMs: 1_000, logger: quiet });
      await store.save(KEY, idOf(1));
      await queue.put([]);
      await (await lease.acquire(KEY))!.release();
      await failOver();
      const says = /READONLY You can't write against a read only replica\. This server is a replica/;
      await expectRejection(store.save(KEY, idOf(2)), { code: 'replay-store', retriable: true, says });
      await until(() => succeeds(store.save(KEY, idOf(2))));
      await until(() => succeeds(queue.put([deadLetterOf('value', new Error('no'))])));
      await until(() => succeeds(lease.acquire(KEY)));
      await Promise.all([store.close(), lease.close(), queue.close()]);
    });

    it(`is left by a client of the caller's, however it was made, when Redis is ${version}`, async () => {
      name.rewrite(words);
      for (const options of [{}, { reconnectOnError: (error: Error) => error.message.startsWith('READONLY') }]) {
        name.leadTo(servers[0]!.port);
        await servers[0]!.client().replicaof('NO', 'ONE');
        const redis = clientOf(options);
        const store = redisReplayStore(redis, { timeoutMs: 1_000, logger: quiet });
        await store.save(KEY, idOf(1));
        await failOver();
        await rejection(store.save(KEY, idOf(2)));
        await until(() => succeeds(store.save(KEY, idOf(2))));
      }
    });
  }

  it('is not left again and again by the stores of one client, while no name leads to another', async () => {
    const redis = clientOf({});
    const stores = Array.from({ length: 5 }, () => redisReplayStore(redis, { timeoutMs: 600_000, logger: quiet }));
    await stores[0]!.save(KEY, idOf(1));
    await failOver();
    name.leadTo(servers[0]!.port);
    const before = name.connections;
    for (let round = 0; round < 4; round++) {
      await Promise.all(stores.map((store) => rejection(store.save(KEY, idOf(2)))));
    }
    await until(() => redis.status === 'ready');
    expect(name.connections - before).to.equal(1);
  });

  for (const [how, retryStrategy] of [
    ['has no strategy', null],
    ['has one that gives no delay', () => null],
  ] as const) {
    it(`is not left by a client that never reconnects, because it ${how}: it would be at its end`, async () => {
      const redis = clientOf({ retryStrategy });
      const store = redisReplayStore(redis, { timeoutMs: 1_000, logger: quiet });
      await store.save(KEY, idOf(1));
      await failOver();
      for (const count of [2, 3]) {
        await expectRejection(store.save(KEY, idOf(count)), {
          code: 'replay-store',
          retriable: true,
          says: /READONLY/,
        });
      }
      expect(redis.status).to.equal('ready');
    });
  }
});

const READONLY = /-READONLY (You can't write against a read only replica\.) script: (\w+), on @user_script:(\d+)\.?/g;

function asSent(answer: string): string {
  return answer;
}

/** The words of a refusal inside a script before Redis 7. */
function asBefore7(answer: string): string {
  return answer.replace(
    READONLY,
    (_, text: string, sha: string, line: string) =>
      `-ERR Error running script (call to f_${sha}): @user_script:${line}: @user_script: ${line}: -READONLY ${text}`,
  );
}

type MovingName = Awaited<ReturnType<typeof movingName>>;

/** A port that leads new connections to a server, as a name in DNS does, and lets old ones be. */
async function movingName(firstPort: number) {
  let [target, words, connections] = [firstPort, asSent, 0];
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    connections++;
    const redis = connect(target, '127.0.0.1');
    for (const socket of [client, redis]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => [client, redis].forEach((each) => each.destroy()));
    }
    client.pipe(redis);
    redis.on('data', (answer: Buffer) => client.write(Buffer.from(words(answer.toString('latin1')), 'latin1')));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    leadTo: (port: number) => void (target = port),
    rewrite: (rewrite: (answer: string) => string) => void (words = rewrite),
    get connections() {
      return connections;
    },
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}
