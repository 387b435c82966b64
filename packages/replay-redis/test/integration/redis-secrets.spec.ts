import { inspect } from 'node:util';
import { deadLetterOf } from '@rxforce/dead-letters';
import { expect } from 'chai';
import type { Redis } from 'ioredis';
import { redisDeadLetterQueue } from '../../src/redis-dead-letter-queue.js';
import { redisLease } from '../../src/redis-lease.js';
import { redisReplayStore } from '../../src/redis-replay-store.js';
import { errorOf } from '../../../dead-letters/src/testing/queue-kit.js';
import { idOf, KEY, rejection } from '../../../core/test/support/stored-positions.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

const PASSWORD = 'correct-horse';
const PAYLOAD = 'payload-of-a-letter';
const quiet = { warn: () => undefined };

/** What an error that nobody caught, a debugger, or a log that inspects errors can show, at most. */
const shown = (value: unknown) => inspect(value, { depth: Infinity, showHidden: true, maxStringLength: Infinity });

describe('What Redis refuses', () => {
  let server: RedisServer;

  afterEach(() => server.stop());

  it('has no password in its errors', async () => {
    server = await startRedis({ password: 'right' });
    const options = { ...server.options, password: PASSWORD };
    const store = redisReplayStore(options, { logger: quiet });
    const lease = redisLease(options, { logger: quiet });
    const queue = redisDeadLetterQueue(options, { logger: quiet });
    const errors = [
      await rejection(store.load(KEY)),
      await rejection(store.save(KEY, idOf(1))),
      await rejection(store.lock(KEY)),
      await rejection(store.reachedBefore(KEY, new Date())),
      await rejection(lease.acquire(KEY)),
      await rejection(queue.depth()),
    ];
    for (const error of errors) {
      expect((error as Error).cause).to.be.instanceOf(Error);
      expect(shown(error))
        .to.match(/WRONGPASS/)
        .and.not.include(PASSWORD);
    }
    await Promise.all([store.close(), lease.close(), queue.close()]);
  });

  it('has no dead letter in its errors, whatever refuses it', async () => {
    server = await startRedis();
    const redis = server.client();
    const queue = redisDeadLetterQueue(redis, { logger: quiet });
    const put = () => queue.put([deadLetterOf(PAYLOAD, new Error('no'))]);
    const errors: unknown[] = [];
    await redis.config('SET', 'maxmemory', '1');
    errors.push(await errorOf(put()));
    await redis.config('SET', 'maxmemory', '0');
    await redis.set('{rxforce:dlq:dead-letters}', 'of another type');
    errors.push(await errorOf(put()));
    await redis.acl('SETUSER', 'default', '-eval');
    errors.push(await errorOf(put()));
    await redis.acl('SETUSER', 'default', '+eval');
    redis.disconnect();
    errors.push(await errorOf(put()));
    for (const [index, says] of [/OOM/, /WRONGTYPE/, /NOPERM/, /closed/].entries()) {
      expect(shown(errors[index])).to.match(says).and.not.include(PAYLOAD);
    }
  });

  it('has no dead letter in its errors, when Redis repeats what it was sent', async () => {
    server = await startRedis();
    await server.configure('rename-command EVAL ""');
    await server.restart();
    const redis = server.client();
    const queue = redisDeadLetterQueue(redis, { logger: quiet });
    const val = await errorOf(queue.put([deadLetterOf(PAYLOAD, new Error('no'))]));
    expect(shown(val)).to.match(/unknown command 'eval'/i);
    expect(shown(val)).not.to.include(PAYLOAD).and.not.to.include('args beginning').and.not.to.include('KEYS');
    redis.disconnect();
  });

  it('has no password in a store, lease or queue that is printed', async () => {
    server = await startRedis({ password: PASSWORD });
    for (const make of [redisReplayStore, redisLease, redisDeadLetterQueue]) {
      const made = make({ ...server.options, lazyConnect: true });
      expect(shown(made)).not.to.include(PASSWORD);
      await made.close();
    }
  });

  it('has no URL in the error of a connection that is one', async () => {
    server = await startRedis();
    const url = `redis://:${PASSWORD}@127.0.0.1` as unknown as Redis;
    for (const make of [redisReplayStore, redisLease, redisDeadLetterQueue]) {
      expect(() => make(url))
        .to.throw(/connection is a text, but .*new Redis\(/)
        .with.property('message')
        .that.does.not.include(PASSWORD);
    }
  });
});
