import { deadLetterQueueContract } from '@rxforce/dead-letters/testing';
import { expect } from 'chai';
import type { Cluster, Redis } from 'ioredis';
import { redisDeadLetterQueue } from '../../src/redis-dead-letter-queue.js';
import { errorOf, put } from '../../../dead-letters/src/testing/queue-kit.js';
import { idsOf, letterOf, listed, taken } from '../support/letters.js';
import { startCluster, type RedisCluster } from '../support/redis-groups.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

describe('A redisDeadLetterQueue of a standalone Redis', () => {
  let server: RedisServer;
  let redis: Redis;

  before(async () => {
    server = await startRedis();
    redis = server.client();
  });
  beforeEach(() => redis.flushall());
  after(async () => {
    redis.disconnect();
    await server.stop();
  });

  const open = () => redisDeadLetterQueue(redis);
  for (const { name, run } of deadLetterQueueContract({ open, reopen: open })) it(name, run);

  it('lists and hands out many letters that failed at the same time, in the order in which they were put', async () => {
    const [ids, others] = [idsOf(350, 'a'), idsOf(350, 'b')];
    await put(open(), ...others.map((id) => letterOf(id, 1e12 + 0.5)), ...ids.map((id) => letterOf(id, 1e12)));
    expect(await listed(open())).to.deep.equal([...ids, ...others]);
    const queue = open();
    expect(await taken(queue, 400)).to.deep.equal([...ids, ...others.slice(0, 50)]);
    await queue.close();
  });

  it('lists and hands out letters of which a few are a page', async () => {
    const ids = idsOf(5);
    await put(open(), ...ids.map((id) => letterOf(id, 1, 'x'.repeat(700_000))));
    expect(await listed(open())).to.deep.equal(ids);
    const queue = open();
    expect(await taken(queue, 4)).to.deep.equal(ids.slice(0, 4));
    await queue.close();
  });

  it('lists what was there at the start, when others remove and put meanwhile', async () => {
    const ids = idsOf(300);
    const other = open();
    await put(other, ...ids.map((id) => letterOf(id)));
    const seen: string[] = [];
    for await (const letter of open().list()) {
      const { id } = letter.unwrap();
      seen.push(id);
      await other.remove([id]);
      await put(other, letterOf(`new ${id}`, 5));
    }
    expect(seen).to.deep.equal(ids);
    expect(await listed(other)).to.deep.equal(ids.map((id) => `new ${id}`));
  });

  it('lists no letter that the same queue has removed before, wherever it is', async () => {
    const queue = open();
    const ids = idsOf(40);
    await put(queue, ...ids.map((id) => letterOf(id)));
    const seen: string[] = [];
    for await (const letter of queue.list()) {
      seen.push(letter.unwrap().id);
      if (seen.length === 12) await queue.remove(ids.slice(12, 30));
    }
    expect(seen).to.deep.equal([...ids.slice(0, 12), ...ids.slice(30)]);
  });

  it('comes to an end, when what it lists is put again each time', async () => {
    const queue = open();
    await put(queue, letterOf('a', 1), letterOf('b', 2), letterOf('c', 3));
    const seen: string[] = [];
    for await (const letter of queue.list()) {
      const { id } = letter.unwrap();
      seen.push(id);
      await put(queue, letterOf(id, 10 + seen.length));
    }
    expect(seen).to.deep.equal(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  it('purges more letters than go into one call', async () => {
    await put(open(), ...idsOf(2_500).map((id, index) => letterOf(id, index)));
    expect(await open().purge(2_200)).to.equal(2_200);
    expect(await open().depth()).to.equal(300);
  });

  it('does what it is told in that order, when Redis has forgotten its scripts', async () => {
    const queue = open();
    await redis.script('FLUSH');
    await put(queue, letterOf('b'));
    const answers = await Promise.all([queue.put([letterOf('a')]), queue.remove(['a']), queue.put([letterOf('a')])]);
    expect(answers).to.deep.equal([undefined, undefined, undefined]);
    expect(await listed(queue)).to.deep.equal(['b', 'a']);
  });

  it('keeps no more letters than it may, and drops none', async () => {
    const queue = redisDeadLetterQueue(redis, { maxLetters: 3 });
    await put(queue, letterOf('a'), letterOf('b'));
    const full = await errorOf(queue.put([letterOf('a', 9), letterOf('c'), letterOf('d')]));
    expect(full.retriable).to.equal(true);
    expect(full).to.have.property('message').that.contains('has 2 of the 3 letters').and.contains('for 2 more');
    expect(await listed(queue)).to.deep.equal(['a', 'b']);
    await put(queue, letterOf('a', 9), letterOf('c'));
    const tooMany = await errorOf(queue.put(idsOf(4).map((id) => letterOf(id))));
    expect(tooMany.retriable).to.equal(false);
    await put(redisDeadLetterQueue(redis, { maxLetters: 1 }), letterOf('b', 10));
    expect(await listed(queue)).to.deep.equal(['c', 'a', 'b']);
  });

  it('shares nothing with a queue of another name or prefix', async () => {
    const queues = [{}, { name: 'other' }, { name: 'a:b' }, { prefix: 'other' }].map((options) =>
      redisDeadLetterQueue(redis, options),
    );
    for (const [index, queue] of queues.entries()) await put(queue, letterOf(String(index)));
    for (const [index, queue] of queues.entries()) expect(await listed(queue)).to.deep.equal([String(index)]);
  });

  it('leaves nothing in Redis but an empty stream, when all letters are gone', async () => {
    const queue = open();
    await put(queue, letterOf('a'), letterOf('b'));
    await queue.remove(['a', 'b']);
    expect(await redis.keys('*')).to.deep.equal(['{rxforce:dlq:dead-letters}']);
    await queue.purge();
    expect(await redis.keys('*')).to.deep.equal([]);
  });

  it('refuses options that are out of their range', () => {
    for (const options of [{ name: '' }, { name: 5 as never }, { claimMs: 99 }, { maxLetters: 0 }, { prefix: '{' }]) {
      expect(() => redisDeadLetterQueue(redis, options), JSON.stringify(options)).to.throw('must be');
    }
  });
});

describe('A redisDeadLetterQueue of a Redis Cluster', () => {
  let servers: RedisCluster;
  let redis: Cluster;
  let count = 0;

  before(async () => {
    servers = await startCluster();
    redis = servers.client();
  });
  after(async () => {
    redis.disconnect();
    await servers.stop();
  });

  const open = () => redisDeadLetterQueue(redis, { name: `queue ${count}` });
  beforeEach(() => {
    count++;
  });
  for (const { name, run } of deadLetterQueueContract({ open, reopen: open })) it(name, run);
});
