import type { DeadLetterQueueError, Result } from '@rxforce/core/model';
import type { DeadLetter, DeadLetterQueue } from '@rxforce/dead-letters';
import { expect } from 'chai';
import type { Redis } from 'ioredis';
import sinon from 'sinon';
import { TAKE } from '../../src/dead-letter-scripts.js';
import { seeded, suiteSeed } from '../../../core/test/fault/support/seeded.js';
import { redisDeadLetterQueue, type RedisDeadLetterQueue } from '../../src/redis-dead-letter-queue.js';
import { errorOf, put } from '../../../dead-letters/src/testing/queue-kit.js';
import { idsOf, letterOf, listed, taken } from '../support/letters.js';
import { succeeds } from '../support/positions.js';
import { startRedis, until, type RedisServer, type RedisServerOptions } from '../support/redis-server.js';

const STREAM = '{rxforce:dlq:dead-letters}';
const PLACES = `${STREAM}:places`;
const ORDER = `${STREAM}:order`;

describe('A redisDeadLetterQueue, when Redis fails', function () {
  this.timeout(180_000);
  const seed = suiteSeed(20_261_128);
  let server: RedisServer;
  let redis: Redis;
  let queue: RedisDeadLetterQueue;

  async function start(options?: RedisServerOptions): Promise<void> {
    server = await startRedis(options);
    redis = server.client();
    queue = redisDeadLetterQueue(redis, { timeoutMs: 500 });
  }

  afterEach(async () => {
    await queue.close();
    redis.disconnect();
    await server.stop();
  });

  /** The errors of all calls. */
  const errorsOfAll = async () => {
    return [
      await errorOf(queue.put([letterOf('x')])),
      await errorOf(answersOf(queue)),
      await errorOf(queue.take({ limit: 1 })),
      await errorOf(queue.release(['a'])),
      await errorOf(queue.remove(['a'])),
      await errorOf(queue.purge(1)),
      await errorOf(queue.depth()),
    ];
  };

  it('has all letters that were confirmed, and their claims, when Redis is killed', async () => {
    await start({ aof: true });
    const confirmed: string[] = [];
    // Those that write give up soon. A Redis that is slow is no other answer to those that look.
    const reader = redisDeadLetterQueue(redis, { timeoutMs: 20_000 });
    await put(reader, letterOf('taken', 0));
    const taker = redisDeadLetterQueue(redis);
    expect(await taken(taker)).to.deep.equal(['taken']);
    const random = seeded(seed);
    for (let round = 0; round < 6; round++) {
      const [before, wanted] = [confirmed.length, random.below(300)];
      const writers = idsOf(10, `${round}-`).map(async (writer) => {
        for (let count = 0; ; count++) {
          const id = `${writer}-${count}`;
          if (!(await succeeds(queue.put([letterOf(`${id}a`), letterOf(`${id}b`)])))) return;
          confirmed.push(`${id}a`, `${id}b`);
        }
      });
      await until(() => confirmed.length > before + wanted);
      await server.kill();
      await Promise.all(writers);
      await server.start();
      await until(() => succeeds(queue.depth()));
    }
    const there = await listed(reader);
    expect(there).to.include.members(confirmed);
    there.slice(1).forEach((id) => expect(there).to.include(id.replace(/.$/, id.endsWith('a') ? 'b' : 'a')));
    expect(await taken(reader)).to.deep.equal(there.slice(1));
    await Promise.all([taker.close(), reader.close()]);
  });

  it('answers with errors that may pass while Redis is away, and goes on once it is back', async () => {
    await start({ aof: true });
    await put(queue, letterOf('a'));
    await server.kill();
    const error = await errorOf(queue.put([letterOf('b')]));
    expect(error).to.include({ code: 'dead-letter-queue', retriable: true });
    expect(error.message).to.match(/^Putting letters into the dead-letter queue "dead-letters" on Redis failed: \S/);
    expect((await errorOf(queue.take({ limit: 1 }))).retriable).to.equal(true);
    await server.start();
    await until(() => succeeds(queue.put([letterOf('b')])));
    expect(await listed(queue)).to.deep.equal(['a', 'b']);
  });

  it('gives back what it has taken, when it cannot take the rest', async () => {
    await start();
    await put(queue, ...idsOf(150).map((id) => letterOf(id)));
    const own = server.client();
    let takes = 0;
    const evaluate = own.eval.bind(own) as (...args: unknown[]) => Promise<unknown>;
    sinon.replace(own, 'eval', (lua: string, ...args: unknown[]) => {
      if (lua === TAKE.lua && ++takes === 2) throw new Error('LOADING Redis is loading the dataset in memory');
      return evaluate(lua, ...args);
    });
    const taker = redisDeadLetterQueue(own);
    expect(await errorOf(taker.take({ limit: 150 }))).to.include({ retriable: true });
    expect(await taken(queue)).to.have.length(150);
    own.disconnect();
  });

  it('lets others take what was handed out too late', async () => {
    await start();
    const other = redisDeadLetterQueue(server.options);
    await put(queue, letterOf('a'));
    await server.kill('SIGSTOP');
    expect((await errorOf(queue.take({ limit: 1 }))).retriable).to.equal(true);
    await server.kill('SIGCONT');
    await until(async () => ((await redis.xinfo('CONSUMERS', STREAM, 'redrive')) as unknown[]).length === 1);
    await until(async () => (await taken(other)).length === 1);
    await other.close();
  });

  it('says so, when a key is something else, and changes nothing', async () => {
    await start();
    for (const key of [STREAM, PLACES, ORDER]) {
      await redis.flushall();
      await put(queue, letterOf('a'));
      await redis.set(key, 'not a letter');
      for (const error of [...(await errorsOfAll()), await errorOf(queue.purge())]) {
        expect(error.retriable, key).to.equal(false);
        expect(error.message).to.contain('WRONGTYPE').and.contain('Another program uses this key');
      }
      expect(await redis.get(key)).to.equal('not a letter');
      expect((await redis.keys('*')).sort()).to.deep.equal([STREAM, ORDER, PLACES]);
      if (key !== STREAM) expect(await redis.xlen(STREAM)).to.equal(1);
    }
  });

  it('says so, when a key was deleted, until it is purged', async () => {
    await start();
    for (const key of [STREAM, PLACES, ORDER]) {
      await put(queue, letterOf('a'), letterOf('b'));
      await redis.del(key);
      for (const error of await errorsOfAll()) {
        expect(error.retriable, key).to.equal(false);
        expect(error.message).to.contain('is damaged').and.contain(`XRANGE '${STREAM}' - +`);
      }
      expect(await queue.purge()).to.equal(2);
      expect(await listed(queue)).to.deep.equal([]);
    }
  });

  it('says so, when an entry was exchanged by hand', async () => {
    await start();
    await put(queue, letterOf('a'));
    const [[entry]] = (await redis.xrange(STREAM, '-', '+')) as unknown as [[string]];
    await redis.xdel(STREAM, entry);
    await redis.xadd(STREAM, '*', 'id', 'a', 'letter', '{}');
    expect((await errorOf(answersOf(queue))).message).to.contain('is damaged');
    expect((await errorOf(queue.purge(5))).message).to.contain('is damaged');
  });

  it('takes none, when one cannot be read, and lists the others', async () => {
    await start();
    await put(queue, letterOf('z', 9));
    await redis.xadd(STREAM, '99999999999999-5', 'id', 'a', 'letter', '{"no":"letter"}');
    await redis.hset(PLACES, 'a', '099999999999999-0000000005 099999999999999-0000000005');
    await redis.zadd(ORDER, 1, '099999999999999-0000000005');
    const letters = await answersOf(queue);
    expect(letters[0])
      .to.have.nested.property('val.message')
      .that.contains('The dead letter a of')
      .and.contains('it is no dead letter');
    expect(letters[1]!.unwrap().id).to.equal('z');
    expect((await errorOf(queue.take({ limit: 5 }))).retriable).to.equal(false);
    expect(((await redis.xpending(STREAM, 'redrive')) as [number])[0]).to.equal(0);
    await queue.remove(['a']);
    expect(await taken(queue)).to.deep.equal(['z']);
  });

  it('hands out letters again, when its consumer group was destroyed', async () => {
    await start();
    await put(queue, letterOf('a'));
    await redis.xgroup('DESTROY', STREAM, 'redrive');
    await queue.release(['a']);
    expect(await taken(queue)).to.deep.equal(['a']);
  });

  it('says so, when the password is wrong', async () => {
    await start({ password: 'right' });
    const wrong = redisDeadLetterQueue({ ...server.options, password: 'wrong' });
    const error = await errorOf(wrong.depth());
    expect(error.retriable).to.equal(false);
    expect(error.message).to.contain('WRONGPASS').and.contain('right username and password');
    await wrong.close();
  });

  it('puts all or none, when Redis is full, and makes room by what is taken and removed', async () => {
    await start({ maxmemory: '4mb' });
    const value = 'x'.repeat(50_000);
    let count = 0;
    let full: DeadLetterQueueError | undefined;
    for (; !full; count++) {
      const isPut = queue.put([letterOf(`${count}a`, count, value), letterOf(`${count}b`, count, value)]);
      if (!(await succeeds(isPut))) full = await errorOf(isPut);
    }
    expect(full.retriable).to.equal(true);
    expect(full.message).to.contain('Redis is full');
    const there = await listed(queue);
    expect(there).to.have.length(2 * (count - 1));
    const other = redisDeadLetterQueue(server.options);
    await other.remove(await taken(other, there.length - 2));
    await put(queue, letterOf('more', 0, value));
    expect(await listed(queue)).to.deep.equal(['more', ...there.slice(-2)]);
    await other.close();
  });
});

async function answersOf(queue: DeadLetterQueue): Promise<Result<DeadLetter, DeadLetterQueueError>[]> {
  const answers: Result<DeadLetter, DeadLetterQueueError>[] = [];
  for await (const answer of queue.list()) answers.push(answer);
  return answers;
}
