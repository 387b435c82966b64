import { expect } from 'chai';
import { BehaviorSubject } from 'rxjs';
import { EventLogError, ReplayId, type DroppedUnread, type LogEntry } from '@rxforce/core';
import { eventLogContract } from '@rxforce/core/testing';
import { redisLog, type RedisLog } from '@rxforce/replay-redis';
import { Redis } from 'ioredis';
import { startRedis, until, type RedisServer } from '../support/redis-server.js';

const TOPIC = '/data/AccountChangeEvent';
const PARTITIONS = 8;

describe('redisLog', function () {
  this.timeout(120_000);
  let server: RedisServer;
  let clients: Redis[] = [];
  let logs: RedisLog[] = [];
  let names = 0;

  before(async () => {
    server = await startRedis();
  });

  after(() => server.stop());

  const client = () => {
    const redis = new Redis({ ...server.options, lazyConnect: true });
    redis.on('error', () => undefined);
    clients.push(redis);
    return redis;
  };
  const logOf = (name: string, options = {}) => {
    const log = redisLog(client(), { name, timeoutMs: 2_000, ...options });
    logs.push(log);
    return log;
  };
  const dispose = async () => {
    await server.kill('SIGCONT');
    await Promise.all(logs.map((log) => log.close()));
    clients.forEach((redis) => redis.disconnect());
    clients = [];
    logs = [];
  };

  describe('keeps the contract', () => {
    const cases = eventLogContract({
      open: (settings) => logOf(`log-${++names}`, settings),
      reopen: (_log, settings) => logOf(`log-${names}`, settings),
      fail: () => server.kill('SIGSTOP'),
      dispose,
    });
    for (const { name, run } of cases) it(name, run);
  });

  describe('wakes who waits', () => {
    afterEach(dispose);

    /** Waits in all partitions, and looks by itself only once a minute. */
    const waitingIn = (log: RedisLog) =>
      Array.from({ length: PARTITIONS }, (_, partition) => {
        const found: string[] = [];
        const errors: unknown[] = [];
        const demand = new BehaviorSubject(1_000);
        log.read({ topic: TOPIC, partition, from: 'earliest' }, demand).subscribe({
          next: ({ entries }) => entries.forEach(({ id }) => found.push(id)),
          error: (error: unknown) => errors.push(error),
        });
        return { found, errors };
      });
    const fill = async (log: RedisLog, first: number) => {
      const some = Array.from({ length: PARTITIONS }, (_, partition) => entryOf(first + partition, partition));
      await log.append(TOPIC, some);
    };
    const slow = { partitions: PARTITIONS, keepaliveMs: 60_000 };

    it('of all partitions, by one connection for a topic', async () => {
      const log = logOf('woken', slow);
      const waiting = waitingIn(log);
      for (let round = 1; round <= 10; round++) {
        await fill(log, round * 100);
        await until(() => waiting.every(({ found }) => found.length === round));
      }
      expect(await blocked()).to.have.length.at.most(1);
    });

    it('also when the connection that waits is cut', async () => {
      const log = logOf('cut', slow);
      const waiting = waitingIn(log);
      const redis = client();
      for (let round = 1; round <= 3; round++) {
        await fill(log, round * 100);
        await until(() => waiting.every(({ found }) => found.length === round));
        let ids: readonly string[] = [];
        await until(async () => (ids = await blocked()).length > 0);
        for (const id of ids) await redis.client('KILL', 'ID', id);
      }
      await fill(log, 1_000);
      await until(() => waiting.every(({ found }) => found.length === 4));
    });

    it('when Redis was away, by the error of their readings', async () => {
      const log = logOf('away', { ...slow, timeoutMs: 300 });
      const waiting = waitingIn(log);
      await fill(log, 100);
      await until(() => waiting.every(({ found }) => found.length === 1));
      await server.kill('SIGSTOP');
      await until(() => waiting.every(({ errors }) => errors.length === 1));
      expect(waiting.every(({ errors: [error] }) => EventLogError.is(error) && error.retriable)).to.equal(true);
    });

    it('no more, when the last reading is over', async () => {
      const log = logOf('over', slow);
      const demand = new BehaviorSubject(10);
      let responses = 0;
      const reading = log.read({ topic: TOPIC, partition: 0, from: 'earliest' }, demand).subscribe(() => responses++);
      await until(async () => responses > 0 && (await blocked()).length > 0);
      reading.unsubscribe();
      await until(async () => (await blocked()).length === 0);
    });

    /** The ids of the connections that wait for entries. */
    async function blocked(): Promise<readonly string[]> {
      const list = String(await client().client('LIST'));
      return list.split('\n').flatMap((line) => (line.includes('cmd=xread') ? (/id=(\d+)/.exec(line)?.[1] ?? []) : []));
    }
  });

  describe('drops old entries', () => {
    afterEach(dispose);

    const old = { partitions: 1, retentionMs: 1 };
    /** Appends, one call for each entry, so that time passes. */
    const appendEach = async (log: RedisLog, first: number, last: number) => {
      for (let number = first; number <= last; number++) {
        const before = Date.now();
        await log.append(TOPIC, [entryOf(number, 0)]);
        await until(() => Date.now() > before + 2);
      }
    };
    const kept = async (log: RedisLog) => (await log.lag(TOPIC, 0, undefined)).events;

    it('at the next append, once they are older than retentionMs', async () => {
      const log = logOf('old', old);
      await appendEach(log, 1, 10);
      expect(await kept(log)).to.be.within(1, 2);
    });

    it('and tells of those that are too old for all, as no group has a position, and of none that a group has read', async () => {
      const log = logOf('unread', old);
      const told: DroppedUnread[] = [];
      log.dropped$.subscribe((each) => told.push(each));
      await appendEach(log, 1, 4);
      expect(await kept(log)).to.be.within(1, 2);
      const total = told.reduce((sum, { entries }) => sum + entries, 0);
      expect(total).to.equal(4 - ((await kept(log)) ?? 0));
      expect(told[0]).to.include({ topic: TOPIC, partition: 0, group: undefined });
      const newest = (await positions(log)).at(-1);
      await log.reached({ topic: TOPIC, partition: 0, group: 'sync', position: newest! });
      const before = told.length;
      await appendEach(log, 5, 8);
      expect(await kept(log)).to.equal(4);
      expect(told).to.have.length(before);
    });

    it('only up to the slowest group, and no matter whom beyond maxEntries', async () => {
      const log = logOf('groups', old);
      await appendEach(log, 1, 1);
      const [first] = await positions(log);
      await log.reached({ topic: TOPIC, partition: 0, group: 'slow', position: first! });
      await appendEach(log, 2, 10);
      expect(await kept(log)).to.equal(9);
      const [, , , , fifth] = await positions(log, first);
      await log.reached({ topic: TOPIC, partition: 0, group: 'fast', position: fifth! });
      await appendEach(log, 11, 12);
      expect(await kept(log)).to.equal(11);
      await log.reached({ topic: TOPIC, partition: 0, group: 'slow', position: fifth! });
      await appendEach(log, 13, 13);
      expect(await kept(log)).to.equal(7);
      const bounded = logOf('groups', { ...old, maxEntries: 3 });
      await appendEach(bounded, 14, 14);
      expect(await kept(bounded)).to.equal(3);
    });

    async function positions(log: RedisLog, after?: ReplayId): Promise<readonly ReplayId[]> {
      const events = (await log.lag(TOPIC, 0, after)).events ?? 0;
      const read$ = log.read({ topic: TOPIC, partition: 0, from: after ?? 'earliest' }, new BehaviorSubject(events));
      const found: ReplayId[] = [];
      await new Promise<void>((resolve, reject) => {
        const reading = read$.subscribe({
          next: ({ entries }) => {
            entries.forEach(({ position }) => found.push(position));
            if (found.length >= events) resolve();
          },
          error: reject,
        });
        clients.at(0)?.once('end', () => reading.unsubscribe());
      });
      return found;
    }
  });

  describe('is careful', () => {
    afterEach(dispose);

    it('and errors, when it has another number of partitions than the one that is given', async () => {
      await logOf('number', { partitions: 4 }).open();
      expect(await logOf('number').open()).to.deep.equal({ id: 'log:number', partitions: 4 });
      const failure: unknown = await logOf('number', { partitions: 8 })
        .open()
        .catch((error: unknown) => error);
      expect(failure).to.include({ code: 'event-log', reason: 'mismatch', retriable: false });
      expect(await logOf('new').open()).to.include({ partitions: 32 });
    });

    it('and is found, or not, without being made', async () => {
      expect(await logOf('found', { partitions: 4 }).find()).to.equal(undefined);
      await logOf('found', { partitions: 8 }).open();
      expect(await logOf('found', { partitions: 8 }).find()).to.deep.equal({ id: 'log:found', partitions: 8 });
      const failure: unknown = await logOf('found', { partitions: 4 })
        .find()
        .catch((error: unknown) => error);
      expect(failure).to.have.property('reason', 'mismatch');
    });

    it('and refuses a Redis that may delete its keys', async () => {
      const redis = client();
      await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
      const failure: unknown = await logOf('lru')
        .open()
        .catch((error: unknown) => error);
      await redis.config('SET', 'maxmemory-policy', 'noeviction');
      expect(failure).to.include({ code: 'event-log', reason: 'refused', retriable: false });
      expect(String(failure)).to.include('noeviction');
    });

    it('and has ids that grow, also when the clock of Redis goes back', async () => {
      const log = logOf('clock', { partitions: 1 });
      await log.append(TOPIC, [entryOf(1, 0)]);
      const redis = client();
      const [state] = await redis.keys('*log:clock:*:state');
      const [stream] = await redis.keys('*log:clock:*:0');
      // As if the last entry were of a time to come, at the end of its millisecond.
      await redis.hset(state!, '0:top', '9000000000000-1048574');
      await redis.xadd(
        stream!,
        '9000000000000-1048574',
        'i',
        '2',
        'r',
        'AAAA',
        's',
        '',
        'p',
        '',
        'h',
        '',
        'm',
        '',
        'n',
        '2',
      );
      for (const number of [3, 4, 5]) await log.append(TOPIC, [entryOf(number, 0)]);
      const ids = (await redis.xrange(stream!, '9000000000000-0', '+')).map(([id]) => id);
      expect(ids).to.deep.equal([
        '9000000000000-1048574',
        '9000000000000-1048575',
        '9000000000001-0',
        '9000000000001-1',
      ]);
    });

    it('and throws a ConfigurationError, when an option cannot be right', () => {
      const wrong = [
        { name: '' },
        { partitions: 0 },
        { partitions: 2_000 },
        { retentionMs: 0 },
        { maxEntries: 0 },
        { keepaliveMs: 60_001 },
        { prefix: 'a b' },
      ];
      for (const options of wrong) {
        expect(() => redisLog(client(), { name: 'x', ...options }))
          .to.throw()
          .with.property('code', 'configuration');
      }
    });
  });
});

function entryOf(number: number, partition: number): LogEntry {
  const origin = ReplayId.fromBytes(Buffer.from(String(number).padStart(10, '0')));
  return { partition, id: `event-${number}`, origin, schemaId: 'schema', payload: Buffer.from(String(number)) };
}
