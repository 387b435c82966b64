import { expect } from 'chai';
import { Redis } from 'ioredis';
import { redisReplayStore } from '../../src/redis-replay-store.js';
import { countOf, expectRejection, idOf, KEY, rejection } from '../../../core/test/support/stored-positions.js';
import { TAG } from '../support/positions.js';
import { timeOf, until } from '../support/redis-server.js';
import { oneRedis } from '../support/one-redis.js';
import { fulfilsTheContract } from '../support/store-contract.js';

describe('redisReplayStore', function () {
  this.timeout(90_000);

  describe('on one server', () => {
    const suite = oneRedis();
    const { store } = suite;

    fulfilsTheContract(() => suite.redis);

    it('has only keys that share a slot, and no time to live but that of the lock', async () => {
      const kept = store({ history: { everyMs: 1 } });
      await kept.lock(KEY);
      await kept.save(KEY, idOf(1));
      expect((await suite.redis.keys('*')).sort()).to.deep.equal([TAG, `${TAG}:history`, `${TAG}:lock`]);
      expect(await suite.redis.ttl(TAG)).to.equal(-1);
      expect(await suite.redis.ttl(`${TAG}:history`)).to.equal(-1);
      expect(await suite.redis.pttl(`${TAG}:lock`)).to.be.within(1, 30_000);
    });

    it('leaves nothing of a position that is deleted', async () => {
      const kept = store({ history: { everyMs: 1 } });
      const lock = await kept.lock(KEY);
      await kept.save(KEY, idOf(1));
      await kept.delete(KEY);
      await lock.release();
      expect(await suite.redis.keys('*')).to.deep.equal([]);
    });

    it('needs less than 200 bytes for a subscription without a history', async () => {
      await store().save(KEY, idOf(1), Date.now());
      expect(await suite.redis.keys('*')).to.deep.equal([TAG]);
      expect(await suite.redis.memory('USAGE', TAG)).to.be.below(200);
    });

    it('saves in one call of Redis, once the script is known', async () => {
      const kept = store();
      await kept.save(KEY, idOf(1));
      await suite.redis.config('RESETSTAT');
      for (let count = 2; count < 12; count++) await kept.save(KEY, idOf(count), 1);
      const calls = /cmdstat_evalsha:calls=(\d+)/.exec(await suite.redis.info('commandstats'))?.[1];
      const others = (await suite.redis.info('commandstats')).match(/cmdstat_(eval|info|script)[:|]/g);
      expect(calls).to.equal('10');
      expect(others).to.deep.equal(['cmdstat_info:']);
    });

    it('goes on, when Redis has forgotten its scripts', async () => {
      const kept = store();
      await kept.save(KEY, idOf(1));
      await suite.redis.script('FLUSH');
      await kept.save(KEY, idOf(2));
      expect(countOf(await kept.load(KEY))).to.equal(2);
    });

    it('makes a connection of its own, when it is given options, and closes it', async () => {
      const owner = redisReplayStore(suite.server.options);
      await owner.save(KEY, idOf(7));
      await owner.close();
      await expectRejection(owner.load(KEY), { code: 'replay-store', retriable: false, says: /client is closed/ });
      expect(countOf(await store().load(KEY))).to.equal(7);
    });

    it('leaves the connection open that it was given, when it is closed', async () => {
      await store().close();
      expect(await suite.redis.ping()).to.equal('PONG');
    });

    it('connects, when the client that it was given has not', async () => {
      const lazy = new Redis({ ...suite.server.options, lazyConnect: true });
      await redisReplayStore(lazy).save(KEY, idOf(1));
      lazy.disconnect();
    });

    it('works with a client that has a key prefix, gives numbers as texts, and has no offline queue', async () => {
      const options = { keyPrefix: 'app:', stringNumbers: true, enableOfflineQueue: false, lazyConnect: true };
      const odd = new Redis({ ...suite.server.options, ...options });
      const kept = redisReplayStore(odd);
      const lock = await kept.lock(KEY);
      await kept.save(KEY, idOf(1));
      expect(countOf(await kept.load(KEY))).to.equal(1);
      await lock.release();
      expect(await suite.redis.keys('*')).to.deep.equal([`app:${TAG}`]);
      odd.disconnect();
    });

    it('gives back from memory what Redis has lost, and says so', async () => {
      const warnings: string[] = [];
      const kept = store({ logger: { warn: (message) => warnings.push(message) } });
      await kept.save(KEY, idOf(5));
      await suite.redis.flushall();
      expect(countOf(await kept.load(KEY))).to.equal(5);
      expect(warnings).to.have.lengthOf(1);
      expect(warnings[0]).to.match(/lost the position "crm-sync" of .data.AccountChangeEvent/);
      expect(countOf(await store().load(KEY)), 'Redis has it again').to.equal(5);
      expect(await suite.redis.get(TAG)).to.match(/^1i 0 - /);
    });

    it('gives back nothing, when another one saves in between', async () => {
      const other = store();
      let saved: Promise<unknown> | undefined;
      // Warned about between finding nothing and giving back: what is called then is sent first.
      const warn = () => {
        saved ??= suite.redis.set(TAG, `1i 7 - ${idOf(6).toString()}`);
      };
      const kept = store({ logger: { warn } });
      await kept.save(KEY, idOf(5));
      await suite.redis.flushall();
      expect(countOf(await kept.load(KEY))).to.equal(6);
      expect(await saved).to.equal('OK');
      await rejection(other.save(KEY, idOf(8), 6));
    });

    it('keeps its lock, when it gives a position back', async () => {
      const kept = store({ logger: { warn: () => undefined } });
      const lock = await kept.lock(KEY);
      await kept.save(KEY, idOf(5));
      await suite.redis.flushall();
      expect(countOf(await kept.load(KEY))).to.equal(5);
      await kept.save(KEY, idOf(6));
      await rejection(store().lock(KEY));
      await lock.release();
    });

    describe('with a history', () => {
      const MINUTES = 60_000;
      const kept = (everyMs: number, keepMs?: number) =>
        store({ history: { everyMs, ...(keepMs === undefined ? {} : { keepMs }) } });
      const now = () => timeOf(suite.redis);

      it('knows the newest position that was reached 5 minutes before a time', async () => {
        const at = await now();
        await suite.redis.zadd(`${TAG}:history`, at, idOf(1).toString(), at + MINUTES, idOf(2).toString());
        const reached = async (time: number) => countOf(await store().reachedBefore(KEY, new Date(time)));
        expect(await reached(at + 5 * MINUTES - 1)).to.equal(0);
        expect(await reached(at + 5 * MINUTES)).to.equal(1);
        expect(await reached(at + 6 * MINUTES - 1)).to.equal(1);
        expect(await reached(at + 6 * MINUTES)).to.equal(2);
      });

      it('notes a position down by the clock of Redis, with its first time, and no time of day', async () => {
        const before = await now();
        const historic = kept(1);
        await historic.save(KEY, new Date());
        expect(await suite.redis.exists(`${TAG}:history`)).to.equal(0);
        await historic.save(KEY, idOf(1));
        const [id, score] = await suite.redis.zrange(`${TAG}:history`, '0', '-1', 'WITHSCORES');
        expect(id).to.equal(idOf(1).toString());
        expect(Number(score)).to.be.at.least(before);
        await until(async () => (await now()) > Number(score));
        await historic.save(KEY, idOf(1));
        expect(await suite.redis.zrange(`${TAG}:history`, '0', '-1', 'WITHSCORES')).to.deep.equal([id, score]);
      });

      it('has at most one mark in a span', async () => {
        const historic = kept(60 * MINUTES);
        for (const count of [1, 2, 3]) await historic.save(KEY, idOf(count));
        expect(await suite.redis.zrange(`${TAG}:history`, '0', '-1')).to.deep.equal([idOf(1).toString()]);
      });

      it('drops what is too old', async () => {
        const at = await now();
        const [old, young] = [at - 72 * 60 * MINUTES - MINUTES, at - 71 * 60 * MINUTES];
        await suite.redis.zadd(`${TAG}:history`, old, idOf(1).toString(), young, idOf(2).toString());
        await kept(MINUTES).save(KEY, idOf(3));
        const marks = await suite.redis.zrange(`${TAG}:history`, '0', '-1');
        expect(marks).to.deep.equal([idOf(2).toString(), idOf(3).toString()]);
      });

      it('keeps none, unless it is told to', async () => {
        await store().save(KEY, idOf(1));
        expect(await suite.redis.exists(`${TAG}:history`)).to.equal(0);
        expect(await store().reachedBefore(KEY, new Date())).to.equal(undefined);
      });
    });
  });
});
