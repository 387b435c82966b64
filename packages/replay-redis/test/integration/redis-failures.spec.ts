import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { redisReplayStore, type RedisReplayStore } from '../../src/redis-replay-store.js';
import { countOf, expectRejection, idOf, KEY, rejection } from '../../../core/test/support/stored-positions.js';
import { succeeds, TAG } from '../support/positions.js';
import { until } from '../support/redis-server.js';
import { redisSuite } from '../support/redis-suite.js';
import { CODE, storeOf } from '../support/failing-stores.js';

describe('Redis that fails', function () {
  this.timeout(90_000);
  const { start, keep, clientOf } = redisSuite();

  it('keeps what was saved, when it is killed at any moment and appends to its file always', async () => {
    const server = await start({ aof: true });
    const redis = clientOf(server);
    let saved = 0;
    for (let round = 0; round < 5; round++) {
      const store = storeOf(redis, { timeoutMs: 5_000 });
      const first = saved + 1;
      let killed: Promise<void> | undefined;
      for (let count = first; ; count++) {
        const saving = succeeds(store.save(KEY, idOf(count), count));
        if (count === first + 20 * (round + 1)) killed = server.kill();
        const isSaved = await (killed ? Promise.race([saving, killed]) : saving);
        if (isSaved !== true) break;
        saved = count;
      }
      await killed;
      await server.start();
      // A store that remembers nothing.
      const stored = countOf(await storeOf(redis, { timeoutMs: 5_000 }).load(KEY));
      expect(stored).to.be.at.least(saved);
      saved = stored;
    }
    expect(saved).to.be.at.least(20 * 5);
  });

  it('is an error that may pass while it is down, keeps nothing in a queue, and goes on when it is back', async () => {
    const server = await start({ aof: true });
    const redis = clientOf(server);
    const store = storeOf(redis, { timeoutMs: 300 });
    const lock = await store.lock(KEY);
    await store.save(KEY, idOf(1));
    await server.kill();
    for (let count = 2; count < 10; count++) {
      const says = /on Redis failed: (No answer|There was no connection within 300 ms: .*ECONNREFUSED)/;
      await expectRejection(store.save(KEY, idOf(count)), { code: CODE, retriable: true, says });
    }
    await until(() => redis.status !== 'ready');
    expect(queuedIn(redis)).to.be.at.most(1);
    await server.start();
    await until(() => succeeds(store.save(KEY, idOf(10))));
    expect(countOf(await storeOf(redis, { timeoutMs: 5_000 }).load(KEY))).to.equal(10);
    await lock.release();
  });

  it('is not to blame, when this process stood still for longer than the time limit', async () => {
    const redis = clientOf(await start());
    const store = storeOf(redis, { timeoutMs: 200 });
    await store.save(KEY, idOf(1));
    const saving = store.save(KEY, idOf(2));
    // The call is on its way, and its answer comes while nothing here is done.
    await new Promise((resolve) => setImmediate(resolve));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    await saving;
  });

  it('leaves no listeners behind, however often there is no connection, and however many stores share it', async () => {
    const server = await start();
    const redis = clientOf(server);
    await redis.ping();
    const listeners = () => ['end', 'error'].map((name) => redis.listenerCount(name));
    const before = listeners();
    await server.kill();
    await until(() => redis.status !== 'ready');
    const [store, ...others] = Array.from({ length: 20 }, () => storeOf(redis, { timeoutMs: 20 })) as [
      RedisReplayStore,
      ...RedisReplayStore[],
    ];
    const calls = Array.from({ length: 50 }, (_, index) => store.save({ ...KEY, name: `c${index}` }, idOf(1)));
    calls.push(...others.map((other) => other.save(KEY, idOf(1))));
    await Promise.all(calls.map((call) => rejection(call)));
    expect(listeners()).to.deep.equal(before.map((count) => count + 1));
    await server.start();
    await until(() => succeeds(store.save(KEY, idOf(1))));
    expect(listeners()).to.deep.equal(before);
  });

  it('is an error that may pass while it is silent, and is sent no second save before the first is answered', async () => {
    const server = await start();
    const redis = clientOf(server);
    const store = storeOf(redis, { timeoutMs: 50 });
    // On a slow machine, a call is given up, too.
    await until(() => succeeds(store.save(KEY, idOf(1))));
    await server.kill('SIGSTOP');
    for (let count = 2; count < 6; count++) {
      await expectRejection(store.save(KEY, idOf(count)), {
        code: CODE,
        retriable: true,
        says: /No answer came within 50 ms/,
      });
    }
    expect(queuedIn(redis)).to.equal(1);
    await server.kill('SIGCONT');
    await until(async () => (await redis.get(TAG))?.includes(idOf(2).toString()) ?? false);
    await until(() => succeeds(store.save(KEY, idOf(6))));
    expect(countOf(await storeOf(redis, { timeoutMs: 5_000 }).load(KEY))).to.equal(6);
  });

  it('is connected to anew while it is silent, by a store that made its connection', async () => {
    const server = await start();
    const store = redisReplayStore(server.options, { timeoutMs: 50 });
    await until(() => succeeds(store.save(KEY, idOf(1))));
    const redis = clientOf(server);
    const connections = async () => Number(/total_connections_received:(\d+)/.exec(await redis.info('stats'))?.[1]);
    const before = await connections();
    await server.kill('SIGSTOP');
    for (let count = 0; count < 3; count++) await rejection(store.save(KEY, idOf(2)));
    await server.kill('SIGCONT');
    await until(() => succeeds(store.save(KEY, idOf(3))));
    expect(await connections()).to.be.above(before);
    expect(countOf(await storeOf(redis, { timeoutMs: 5_000 }).load(KEY))).to.equal(3);
    await store.close();
  });

  it('gives a lock back, when it answers only after the call was given up', async () => {
    const server = await start();
    const redis = clientOf(server);
    const store = storeOf(redis, { timeoutMs: 300, lockTtlMs: 600_000 });
    await store.save(KEY, idOf(1));
    const unlocked = await redis.get(TAG);
    await server.kill('SIGSTOP');
    await expectRejection(store.lock(KEY), { code: CODE, retriable: true, says: /No answer came within 300 ms/ });
    await server.kill('SIGCONT');
    await until(async () => (await redis.get(TAG)) !== unlocked);
    await until(async () => (await redis.exists(`${TAG}:lock`)) === 0);
    await (await storeOf(redis).lock(KEY)).release();
  });

  it('is sent what is called at the same time together, before it answers any', async () => {
    const server = await start();
    const count = 200;
    const wire = await heldAnswers(server.port, count);
    const redis = keep(new Redis({ port: wire.port, host: '127.0.0.1' }));
    const store = storeOf(redis, { timeoutMs: 20_000 });
    await store.save(KEY, idOf(1));
    wire.hold();
    const keys = Array.from({ length: count }, (_, index) => ({ ...KEY, name: `c${index}` }));
    await Promise.all(keys.map((key) => store.save(key, idOf(2), 1)));
    expect(wire.sentLater()).to.equal(0);
    await wire.close();
  });

  it('is an error that may pass while it still loads its data', async () => {
    const server = await start({ aof: true, config: ['enable-debug-command yes'] });
    const redis = clientOf(server);
    await redis.call('DEBUG', 'POPULATE', 1_500, 'filler');
    await redis.bgrewriteaof();
    await until(async () => (await redis.info('persistence')).includes('aof_rewrite_in_progress:0'));
    await redis.config('SET', 'appendfsync', 'no');
    await server.kill();
    await server.configure('key-load-delay 1000', 'loading-process-events-interval-bytes 1024');
    const started = server.start();
    const hasty = keep(
      new Redis({ ...server.options, enableReadyCheck: false, retryStrategy: () => 5, maxRetriesPerRequest: null }),
    );
    const store = storeOf(hasty, { timeoutMs: 5_000 });
    const refusals: Error[] = [];
    await until(async () => {
      try {
        await store.load(KEY);
        return true;
      } catch (error) {
        refusals.push(error as Error);
        return false;
      }
    });
    await started;
    expect(refusals.map(({ message }) => message).join()).to.match(/failed: LOADING .* still reads its data/);
    refusals.forEach((error) => expect(error).to.have.property('retriable', true));
  });

  it('is an error that may pass on a replica, and on one that has lost its master', async () => {
    const master = await start({ config: ['repl-diskless-sync-delay 0'] });
    const replica = await start({ config: [`replicaof 127.0.0.1 ${master.port}`] });
    const redis = clientOf(replica);
    await until(async () => (await redis.info('replication')).includes('master_link_status:up'));
    const store = storeOf(redis);
    await expectRejection(store.save(KEY, idOf(1)), {
      code: CODE,
      retriable: true,
      says: /READONLY.* This server is a replica/,
    });
    await redis.config('SET', 'replica-serve-stale-data', 'no');
    await master.kill();
    await until(async () => (await redis.info('replication')).includes('master_link_status:down'));
    await expectRejection(store.load(KEY), { code: CODE, retriable: true, says: /MASTERDOWN/ });
  });

  it('is an error that may pass while a cluster has not all of its slots', async () => {
    const node = await start({ config: ['cluster-enabled yes'] });
    await expectRejection(storeOf(clientOf(node)).load(KEY), { code: CODE, retriable: true, says: /CLUSTERDOWN/ });
  });

  it('is an error that may pass while it is full', async () => {
    const server = await start();
    const redis = clientOf(server);
    const store = storeOf(redis);
    await store.save(KEY, idOf(1));
    await redis.config('SET', 'maxmemory', '1');
    await expectRejection(store.save(KEY, idOf(2)), {
      code: CODE,
      retriable: true,
      says: /OOM .*raise its `maxmemory`/,
    });
    expect(countOf(await store.load(KEY))).to.equal(1);
    await redis.config('SET', 'maxmemory', '0');
    await store.save(KEY, idOf(2));
  });

  it('is an error that may pass while it cannot write its snapshot', async () => {
    const server = await start({ config: ['enable-protected-configs yes'] });
    const redis = clientOf(server);
    await redis.config('SET', 'save', '3600 1');
    await redis.config('SET', 'dir', '/proc');
    await redis.bgsave().catch(() => undefined);
    await until(async () => (await redis.info('persistence')).includes('rdb_last_bgsave_status:err'));
    await expectRejection(storeOf(redis).save(KEY, idOf(1)), {
      code: CODE,
      retriable: true,
      says: /MISCONF.* look at its log/,
    });
  });
});

/** Commands that a client has in memory: sent without an answer, or waiting to be sent. */
function queuedIn(redis: Redis): number {
  const queues = redis as unknown as Record<
    'commandQueue' | 'offlineQueue' | 'prevCommandQueue',
    { length: number } | null
  >;
  return [queues.commandQueue, queues.offlineQueue, queues.prevCommandQueue].reduce(
    (sum, queue) => sum + (queue?.length ?? 0),
    0,
  );
}

/** A wire to Redis that, once told to, lets no answer through before so many saves have come. */
async function heldAnswers(redisPort: number, count: number) {
  let text = '';
  let seen = 0;
  let later = 0;
  let held: Buffer[] | undefined;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const redis = connect(redisPort, '127.0.0.1');
    for (const socket of [client, redis]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => [client, redis].forEach((each) => each.destroy()));
    }
    redis.on('data', (answer: Buffer) => {
      if (held) held.push(answer);
      else client.write(answer);
    });
    client.on('data', (commands: Buffer) => {
      redis.write(commands);
      if (!held) {
        if (seen > 0) later++;
        return;
      }
      text += commands.toString('latin1');
      seen = text.match(/evalsha/gi)?.length ?? 0;
      if (seen < count) return;
      const answers = held;
      held = undefined;
      answers.forEach((answer) => client.write(answer));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    hold: () => (held = []),
    /** Commands that came only after the first answers. */
    sentLater: () => later,
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}
