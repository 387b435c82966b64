import { expect } from 'chai';
import { Redis } from 'ioredis';
import { redisLease } from '../../src/redis-lease.js';
import { redisReplayStore } from '../../src/redis-replay-store.js';
import { countOf, expectRejection, idOf, KEY, rejection } from '../../../core/test/support/stored-positions.js';
import { succeeds, TAG } from '../support/positions.js';
import { until, type RedisServer, type RedisServerOptions } from '../support/redis-server.js';
import { redisSuite } from '../support/redis-suite.js';
import { CODE, storeOf } from '../support/failing-stores.js';

describe('Redis that fails', function () {
  this.timeout(90_000);
  const { start, keep, clientOf } = redisSuite();

  it('is an error for good, when the password is wrong or missing', async () => {
    const server = await start({ password: 'right' });
    const wrong = keep(new Redis({ ...server.options, password: 'wrong' }));
    await expectRejection(storeOf(wrong).load(KEY), {
      code: CODE,
      retriable: false,
      says: /WRONGPASS.* right username/,
    });
    const none = keep(new Redis({ port: server.port }));
    await expectRejection(storeOf(none).load(KEY), {
      code: CODE,
      retriable: false,
      says: /NOAUTH.* Give ioredis the password/,
    });
    await storeOf(clientOf(server)).save(KEY, idOf(1));
  });

  it('is an error for good, when the user may not do what is needed', async () => {
    const server = await start();
    await clientOf(server).acl('SETUSER', 'app', 'on', '>secret', '~other:*', '+@all');
    const redis = keep(new Redis({ ...server.options, username: 'app', password: 'secret' }));
    await expectRejection(storeOf(redis).save(KEY, idOf(1)), {
      code: CODE,
      retriable: false,
      says: /NOPERM.* ACL SETUSER/,
    });
  });

  it('does with the permissions that its error names', async () => {
    const server = await start();
    const rules = ['on', '>secret', '~{rxforce:*', '+@read', '+@write', '+@scripting', '+info', '+time'];
    await clientOf(server).acl('SETUSER', 'app', ...rules);
    const redis = keep(new Redis({ ...server.options, username: 'app', password: 'secret' }));
    const store = storeOf(redis, { history: { everyMs: 1 } });
    const lock = await store.lock(KEY);
    await store.save(KEY, idOf(1));
    await store.load(KEY);
    await store.reachedBefore(KEY, new Date());
    await lock.release();
    const held = (await redisLease(redis).acquire(KEY))!;
    expect(await held.renew()).to.equal(true);
    await held.release();
    expect(await clientOf(server).keys('*:lease')).to.deep.equal([]);
  });

  it('is an error for good, when a key is of another type', async () => {
    const redis = clientOf(await start());
    await redis.lpush(TAG, 'x');
    await redis.lpush(`${TAG}:lease`, 'x');
    const store = storeOf(redis);
    const says = /WRONGTYPE.* Another program uses this key/;
    await expectRejection(store.load(KEY), { code: CODE, retriable: false, says });
    await expectRejection(store.save(KEY, idOf(1)), { code: CODE, retriable: false, says });
    await redis.lpush(`${TAG}:token`, 'x');
    await redis.del(`${TAG}:lease`);
    await expectRejection(redisLease(redis).acquire(KEY), { code: 'lease', retriable: false, says });
  });

  it('is a damaged position, when a key holds something else, and keeps that', async () => {
    const redis = clientOf(await start());
    const store = storeOf(redis);
    const rest = ['', 'x', '1i 0 -', '1i 0 - ', '1i 0 - AAA', '1i 0 - A===', '2i 0 - AAAA', '1x 0 - AAAA'];
    for (const value of [...rest, '1t 0 - 1e3', '1t 0 - 9999999999999999', '1i x - AAAA', '1i 0 - AAAA\n']) {
      await redis.set(TAG, value);
      const says = /^The Redis key \{rxforce:.*\} is not the position "crm-sync" of .data.*delete it/;
      await expectRejection(store.load(KEY), { code: 'position-corrupted', retriable: false, says });
    }
    await redis.set(TAG, 'x');
    expect(await rejection(store.save(KEY, idOf(1)))).to.have.property('code', 'position-corrupted');
    expect(await redis.get(TAG)).to.equal('x');
  });

  it('keeps nobody from closing the store, when it is away', async () => {
    const store = redisReplayStore(
      { host: '127.0.0.1', port: 1 },
      { timeoutMs: 3_600_000, logger: { warn: () => undefined } },
    );
    const loading = succeeds(store.load(KEY));
    await store.close();
    expect(await loading).to.equal(false);
  });

  it('is an error for good, when the client is closed', async () => {
    const redis = clientOf(await start());
    const store = storeOf(redis);
    await store.save(KEY, idOf(1));
    redis.disconnect();
    await until(() => redis.status === 'end');
    await expectRejection(store.save(KEY, idOf(2)), { code: CODE, retriable: false, says: /client is closed/ });
  });

  it('is an error for good, when its client gives up while it is waited for', async () => {
    const server = await start();
    await server.kill();
    const redis = keep(new Redis({ ...server.options, retryStrategy: () => null }));
    await expectRejection(storeOf(redis, { timeoutMs: 20_000 }).load(KEY), {
      code: CODE,
      retriable: false,
      says: /`retryStrategy` gave up/,
    });
  });

  describe('by its eviction policy', () => {
    it('is an error for good, where positions may be deleted, until that is changed', async () => {
      const redis = clientOf(await start({ maxmemoryPolicy: 'allkeys-lru' }));
      const store = storeOf(redis);
      const says = /"allkeys-lru".* loses events.* "noeviction"/;
      await expectRejection(store.load(KEY), { code: CODE, retriable: false, says });
      await expectRejection(store.lock(KEY), { code: CODE, retriable: false, says });
      await expectRejection(store.save(KEY, idOf(1)), { code: CODE, retriable: false, says });
      await expectRejection(redisLease(redis).acquire(KEY), { code: 'lease', retriable: false, says });
      expect(await redis.dbsize()).to.equal(0);
      await redis.config('SET', 'maxmemory-policy', 'noeviction');
      await store.save(KEY, idOf(1));
    });

    const warned = async (options: RedisServerOptions, user?: Parameters<typeof keepUser>[1]) => {
      const server = await start(options);
      const redis = user ? await keepUser(server, user) : clientOf(server);
      const warnings: string[] = [];
      const store = storeOf(redis, { allowEviction: true, logger: { warn: (message) => warnings.push(message) } });
      for (const count of [1, 2]) await store.save(KEY, idOf(count));
      return warnings;
    };
    const keepUser = async (server: RedisServer, rules: readonly string[]) => {
      await clientOf(server).acl('SETUSER', 'app', 'on', '>secret', '~*', '+@all', ...rules);
      const options = { ...server.options, username: 'app', password: 'secret', enableReadyCheck: false };
      return keep(new Redis(options));
    };

    it('warns once, where it is allowed all the same', async () => {
      const [warning, ...others] = await warned({ maxmemoryPolicy: 'allkeys-random' });
      expect(warning).to.match(/"allkeys-random"/);
      expect(others).to.deep.equal([]);
    });

    it('warns once, where only locks and leases may be deleted', async () => {
      const [warning, ...others] = await warned({ maxmemoryPolicy: 'volatile-ttl' });
      expect(warning).to.match(/"volatile-ttl": positions and dead letters are safe/);
      expect(others).to.deep.equal([]);
    });

    it('warns once, where it is not told', async () => {
      const [warning, ...others] = await warned({}, ['-info']);
      expect(warning).to.match(/does not tell its maxmemory-policy/);
      expect(others).to.deep.equal([]);
    });

    it('says nothing, where nothing is deleted', async () => {
      expect(await warned({ maxmemoryPolicy: 'noeviction' })).to.deep.equal([]);
    });

    it('keeps positions, when it is full and deletes what has a time to live', async () => {
      const redis = clientOf(await start({ maxmemoryPolicy: 'volatile-lru' }));
      const store = storeOf(redis);
      const keys = Array.from({ length: 50 }, (_, index) => ({ ...KEY, name: `c${index}` }));
      for (const key of keys) await store.save(key, idOf(1));
      const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
      await redis.config('SET', 'maxmemory', String(used + 500_000));
      const filler = 'x'.repeat(10_000);
      for (let index = 0; index < 200; index++) await redis.set(`cache:${index}`, filler, 'EX', 3600);
      expect(Number(/evicted_keys:(\d+)/.exec(await redis.info('stats'))?.[1])).to.be.above(0);
      for (const key of keys) expect(countOf(await storeOf(redis).load(key))).to.equal(1);
    });
  });

  it('refuses what is no connection', () => {
    for (const none of [undefined, null, 'redis://localhost', 6379]) {
      expect(() => redisReplayStore(none as never)).to.throw(/but must be a client of ioredis/);
    }
    const redis = keep(new Redis({ lazyConnect: true }));
    for (const lockTtlMs of [0, 99, NaN]) expect(() => redisReplayStore(redis, { lockTtlMs })).to.throw(/lockTtlMs is/);
    for (const everyMs of [0, 0.5]) {
      expect(() => redisReplayStore(redis, { history: { everyMs } })).to.throw(/history.everyMs is/);
    }
    expect(() => redisReplayStore(redis, { history: { everyMs: 1, keepMs: 0 } })).to.throw(/history.keepMs is/);
  });
});
