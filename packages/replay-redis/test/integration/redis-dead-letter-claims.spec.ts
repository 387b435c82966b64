import { expect } from 'chai';
import type { Redis } from 'ioredis';
import sinon from 'sinon';
import { RENEW } from '../../src/dead-letter-scripts.js';
import { redisDeadLetterQueue, type RedisDeadLetterQueueOptions } from '../../src/redis-dead-letter-queue.js';
import { put } from '../../../dead-letters/src/testing/queue-kit.js';
import { idsOf, letterOf, listed, taken } from '../support/letters.js';
import { RedriveProcess, type RedriveTask } from '../support/redrive-process.js';
import { startRedis, until, type RedisServer } from '../support/redis-server.js';

const STREAM = '{rxforce:dlq:dead-letters}';

describe('The claims of a redisDeadLetterQueue', function () {
  this.timeout(180_000);
  let server: RedisServer;
  let redis: Redis;
  let processes: RedriveProcess[] = [];

  before(async () => {
    server = await startRedis();
    redis = server.client();
  });
  beforeEach(() => redis.flushall());
  afterEach(async () => {
    await Promise.all(processes.map((each) => each.kill()));
    processes = [];
  });
  after(async () => {
    redis.disconnect();
    await server.stop();
  });

  const open = (options?: RedisDeadLetterQueueOptions) => redisDeadLetterQueue(redis, options);
  const start = (task: Omit<RedriveTask, 'port'>) => {
    const started = new RedriveProcess({ ...task, port: server.port });
    processes.push(started);
    return started;
  };
  /** How many milliseconds ago each claim was made or renewed. */
  const idleTimes = async () =>
    ((await redis.xpending(STREAM, 'redrive', '-', '+', 10)) as [string, string, number, number][]).map(
      ([, , idleMs]) => idleMs,
    );

  it('are of one queue alone, while it lives', async () => {
    const [one, other] = [open(), open()];
    await put(one, letterOf('a'), letterOf('b'), letterOf('c'));
    expect(await taken(one, 2)).to.deep.equal(['a', 'b']);
    expect(await taken(other)).to.deep.equal(['c']);
    expect(await taken(one)).to.deep.equal([]);
    await other.release(['a', 'b', 'c']);
    expect(await taken(one)).to.deep.equal(['c']);
    await Promise.all([one.close(), other.close()]);
  });

  it('are renewed while the work lasts', async () => {
    const [one, other] = [open({ claimMs: 3_000 }), open({ claimMs: 3_000 })];
    await put(one, letterOf('a'));
    expect(await taken(one)).to.deep.equal(['a']);
    for (let renewals = 0; renewals < 4; renewals++) {
      let before = 0;
      await until(async () => {
        const [idleMs = 0] = await idleTimes();
        const isRenewed = idleMs < before;
        before = idleMs;
        return isRenewed;
      });
      expect(await taken(other)).to.deep.equal([]);
    }
    await one.release(['a']);
    expect(await taken(other)).to.deep.equal(['a']);
    await Promise.all([one.close(), other.close()]);
  });

  it('end some time after a queue was closed, and are then left alone by it', async () => {
    const [one, other] = [open({ claimMs: 100 }), open({ claimMs: 100 })];
    await put(one, letterOf('a', 2), letterOf('b', 1));
    expect(await taken(one)).to.deep.equal(['b', 'a']);
    await one.close();
    const found: string[] = [];
    await until(async () => found.push(...(await taken(other))) === 2);
    expect(found).to.deep.equal(['b', 'a']);
    await one.release(['a', 'b']);
    expect(await taken(open())).to.deep.equal([]);
    await one.remove(['a']);
    expect(await listed(other)).to.deep.equal(['b']);
    await other.close();
  });

  it('are not renewed, when somebody else has them by now', async () => {
    const own = server.client();
    const calls = sinon.spy(own, 'eval');
    const [slow, other] = [redisDeadLetterQueue(own, { claimMs: 1_500 }), open({ claimMs: 100 })];
    await put(slow, letterOf('a'));
    expect(await taken(slow)).to.deep.equal(['a']);
    await until(async () => (await taken(other)).length === 1);
    const consumer = async () => ((await redis.xpending(STREAM, 'redrive', '-', '+', 1)) as [string, string][])[0]?.[1];
    const taker = await consumer();
    const renewals = () => calls.getCalls().filter(({ args: [lua] }) => (lua as unknown) === RENEW.lua);
    // Those before it was taken have renewed it.
    await until(async () => {
      const answers = (await Promise.all(renewals().map(({ returnValue }) => returnValue))) as unknown[][];
      return answers.some(([state, id]) => state === 'lost' && id === 'a');
    });
    expect(await consumer()).to.equal(taker);
    await Promise.all([slow.close(), other.close()]);
    own.disconnect();
  });

  it('are passed over, however many there are', async () => {
    const [one, other] = [open(), open()];
    const ids = idsOf(2_500);
    await put(one, ...ids.map((id, index) => letterOf(id, Math.floor(index / 700))));
    expect(await taken(one, 2_300)).to.deep.equal(ids.slice(0, 2_300));
    expect(await taken(other, 150)).to.deep.equal(ids.slice(2_300, 2_450));
    await one.release(ids.slice(5, 1_500));
    expect(await taken(other, 1_400)).to.deep.equal(ids.slice(5, 1_405));
    await Promise.all([one.close(), other.close()]);
  });

  it('leave no trace of takers that are gone', async () => {
    await put(open(), ...idsOf(10).map((id) => letterOf(id)));
    const holder = open();
    expect(await taken(holder, 1)).to.have.length(1);
    for (let count = 0; count < 5; count++) {
      const taker = open();
      await taker.remove(await taken(taker, 1));
    }
    expect(await redis.xinfo('CONSUMERS', STREAM, 'redrive')).to.have.length(2);
    expect(await idleTimes()).to.have.length(1);
    await holder.close();
  });

  it('give each letter to one of two processes that redrive at the same time', async () => {
    const ids = idsOf(400);
    await put(open(), ...ids.map((id) => letterOf(id)));
    const [one, other] = [0, 1].map(() => start({ claimMs: 60_000, hangsAfter: null })) as [
      RedriveProcess,
      RedriveProcess,
    ];
    expect(await Promise.all([one.ended, other.ended])).to.deep.equal([0, 0]);
    expect([...one.idsOf('started'), ...other.idsOf('started')].sort()).to.deep.equal(ids);
    expect([...one.idsOf('removed'), ...other.idsOf('removed')].sort()).to.deep.equal(ids);
  });

  it('give the letters of a process that was killed to another', async () => {
    const ids = idsOf(200);
    await put(open(), ...ids.map((id) => letterOf(id)));
    const killed = start({ claimMs: 3_000, hangsAfter: 50 });
    await until(() => killed.idsOf('started').length === 55 && killed.idsOf('removed').length === 50);
    const other = start({ claimMs: 3_000, hangsAfter: null });
    // It holds what it has taken, until it dies.
    const queue = open();
    await until(async () => {
      const [pending, , , takers] = (await redis.xpending(STREAM, 'redrive')) as [
        number,
        string,
        string,
        unknown[] | null,
      ];
      return takers?.length === 1 && pending === (await queue.depth());
    });
    expect(await queue.depth()).to.be.within(5, 25);
    await killed.kill();
    expect(await other.ended).to.equal(0);
    expect([...killed.idsOf('removed'), ...other.idsOf('removed')].sort()).to.deep.equal(ids);
    const twice = killed.idsOf('started').filter((id) => other.idsOf('started').includes(id));
    expect(twice).to.have.length(5);
  });
});
