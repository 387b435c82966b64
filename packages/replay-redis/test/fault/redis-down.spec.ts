import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { handle } from '@rxforce/operators';
import { redisReplayStore } from '@rxforce/replay-redis';
import { Redis } from 'ioredis';
import { clientOf } from '../../../core/test/support/emulated.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

const TOPIC = '/data/AccountChangeEvent';
const WINDOW = 40;

describe('Redis is down', function () {
  this.timeout(180_000);
  let emulator: Emulator;
  let server: RedisServer;
  let redis: Redis;

  beforeEach(async () => {
    emulator = await startEmulator({ seed: 1 });
    server = await startRedis({ aof: true });
    redis = new Redis(server.port, { retryStrategy: () => 20 });
    redis.on('error', () => undefined);
  });

  afterEach(async () => {
    redis.disconnect();
    await server.stop();
    await emulator.stop();
  });

  const make = (count: number) => {
    for (let index = 0; index < count; index++) emulator.org.create('Account', { Name: `account ${index}` });
  };

  /** A process of its own, as far as the store and the service can tell. */
  const reader = (store = redisReplayStore(redis)) => {
    const client = clientOf(emulator, { logger: { warn: () => undefined } });
    const ids: string[] = [];
    const told: string[] = [];
    const errors: unknown[] = [];
    client.status$.subscribe(({ type }) => told.push(type));
    client
      .changes('Account', { replay: { store, from: 'earliest', commitIntervalMs: 5 }, window: WINDOW })
      .pipe(
        handle(({ id }) => {
          ids.push(id);
          return Promise.resolve();
        }),
      )
      .subscribe({ error: (error: unknown) => errors.push(error) });
    return { client, ids, told, errors };
  };

  const until = async (isSo: () => boolean) => {
    while (!isSo()) await setTimeout(2);
  };

  it('commits wait, no more than a window comes, and all goes on when it is back: once each, in order', async () => {
    make(500);
    const { client, ids, told, errors } = reader();
    await until(() => ids.length > 100);
    await server.kill('SIGKILL');
    await until(() => told.includes('commitFailed'));
    make(500);
    const handled = ids.length;
    await until(() => told.filter((type) => type === 'commitFailed').length > 1);
    expect(ids.length).to.be.at.most(handled + WINDOW);
    expect(ids.length).to.be.below(1_000);
    await server.start();
    await until(() => ids.length >= 1_000 || errors.length > 0);
    expect([errors, told.includes('replayReset')]).to.deep.equal([[], false]);
    expect(ids).to.deep.equal(emulator.log(TOPIC).map(({ id }) => id));
    expect(await client.drain()).to.include({ unsettled: 0, uncommitted: 0 });
  });

  it('at the start nothing is read, and all from the stored position when it is back', async () => {
    make(100);
    const first = reader();
    await until(() => first.ids.length === 100);
    await first.client.drain();
    await server.kill('SIGKILL');
    make(50);
    const second = reader(redisReplayStore(redis));
    await until(() => second.told.includes('waiting'));
    expect(second.ids).to.deep.equal([]);
    await server.start();
    await until(() => second.ids.length >= 50 || second.errors.length > 0);
    expect(second.errors).to.deep.equal([]);
    expect(second.ids).to.deep.equal(
      emulator
        .log(TOPIC)
        .slice(100)
        .map(({ id }) => id),
    );
    await second.client.drain();
  });
});
