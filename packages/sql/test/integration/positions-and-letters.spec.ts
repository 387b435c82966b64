import type { PositionKey } from '@rxforce/core';
import { ReplayId } from '@rxforce/core/model';
import { deadLetterOf } from '@rxforce/dead-letters';
import { changeEvent } from '@rxforce/core/testing';
import { expect } from 'chai';
import { once } from 'node:events';
import { inspect } from 'node:util';
import { Pool } from 'pg';
import { sqlDeadLetterQueue, sqlMirror, sqlReplayStore } from '../../src/index.js';
import { change, idOf } from '../support/changes.js';
import { postgresEngine, sqliteEngine } from '../support/engines.js';
import { failureOf } from '../support/mirrors.js';
import { schemaClient } from '../support/schemas.js';

const KEY: PositionKey = { organizationId: '00D000000000001', topic: '/data/AccountChangeEvent', name: 'crm' };
const id = (byte: number) => ReplayId.fromBytes(Uint8Array.of(0, byte));
const letter = (text: string) => ({
  ...deadLetterOf(changeEvent({ id: text }), new Error('x'), { attempts: 1 }),
  id: text,
});

for (const engine of [postgresEngine(), sqliteEngine()]) {
  describe(`Positions in ${engine.name}`, () => {
    before(() => engine.start());
    beforeEach(() => engine.clear());
    after(() => engine.stop());

    it('are kept from the holder of an older lease', async () => {
      const store = sqlReplayStore(engine.open());
      await store.save(KEY, id(1), 7);
      await store.save(KEY, id(2), 9_007_199_254_740_991);
      expect(await failureOf(store.save(KEY, id(3), 8))).to.include({ code: 'position-in-use', retriable: false });
      expect((await store.load(KEY))?.toString()).to.equal(id(2).toString());
      expect(await failureOf(store.save(KEY, id(3), NaN))).to.include({ code: 'replay-store', retriable: false });
    });

    it('keep the largest token, when a subscription without a lease saves', async () => {
      const store = sqlReplayStore(engine.open());
      await store.save(KEY, id(1), 7);
      await store.save(KEY, id(2));
      expect(await failureOf(store.save(KEY, id(3), 6))).to.include({ code: 'position-in-use' });
    });

    it('are refused to a process whose lock another one has taken', async () => {
      const [first, second] = [sqlReplayStore(engine.open(), { lockTtlMs: 100 }), sqlReplayStore(engine.open())];
      await first.lock(KEY);
      // As a process that stands still: it renews no more.
      await engine.query('UPDATE rx_positions SET lock_until = 0');
      const lock = await second.lock(KEY);
      expect(await failureOf(first.save(KEY, id(1)))).to.include({ code: 'position-in-use' });
      await second.save(KEY, id(2));
      await lock.release();
      await first.close();
    });

    it('may be free soon, unless the lock of the other process is seen to be renewed', async () => {
      const [first, second] = [sqlReplayStore(engine.open()), sqlReplayStore(engine.open())];
      const lock = await first.lock(KEY);
      expect(await failureOf(second.lock(KEY))).to.include({ code: 'position-in-use', retriable: true });
      await engine.query('UPDATE rx_positions SET lock_until = lock_until + 50');
      expect(await failureOf(second.lock(KEY))).to.include({ code: 'position-in-use', retriable: false });
      await lock.release();
    });

    it('are corrupted, when the row holds something else', async () => {
      const store = sqlReplayStore(engine.open());
      await store.save(KEY, id(1));
      for (const position of ['', 'not base64', '==']) {
        await engine.query('UPDATE rx_positions SET position = $1', [position]);
        expect(await failureOf(store.load(KEY))).to.include({ code: 'position-corrupted' });
      }
    });

    it('can be in a table of another name, made again when it was dropped', async () => {
      const store = sqlReplayStore(engine.open(), { table: 'other' });
      await store.save(KEY, id(1));
      await engine.query('DROP TABLE other');
      expect(await failureOf(store.save(KEY, id(2)))).to.include({ code: 'replay-store' });
      await store.save(KEY, id(2));
      expect((await store.load(KEY))?.toString()).to.equal(id(2).toString());
    });
  });

  describe(`Dead letters in ${engine.name}`, () => {
    before(() => engine.start());
    beforeEach(() => engine.clear());
    after(() => engine.stop());

    it('are taken by one process at a time, until its claim has run out', async () => {
      const [first, second] = [sqlDeadLetterQueue(engine.open()), sqlDeadLetterQueue(engine.open())];
      await first.put([letter('a'), letter('b')]);
      expect(await first.take({ limit: 5 })).to.have.length(2);
      expect(await second.take({ limit: 5 })).to.have.length(0);
      await second.release(['a', 'b']);
      expect(await second.take({ limit: 5 })).to.have.length(0);
      // As after the death of the first process.
      await engine.query('UPDATE rx_dead_letters SET claimed_until = 0');
      expect(await second.take({ limit: 5 })).to.have.length(2);
      await first.release(['a']);
      expect(await first.take({ limit: 5 })).to.have.length(0);
      await Promise.all([first.close(), second.close()]);
    });

    it('are given to one of many processes that ask at the same time', async () => {
      const queues = Array.from({ length: 6 }, () => sqlDeadLetterQueue(engine.open()));
      const ids = Array.from({ length: 60 }, (_, index) => `l${index}`);
      await queues[0]!.put(ids.map(letter));
      const taken: string[] = [];
      // A taker that meets letters which others are just claiming gets none of these, and asks again.
      while (taken.length < ids.length) {
        const letters = await Promise.all(queues.map((queue) => queue.take({ limit: 7 })));
        taken.push(...letters.flat().map((each) => each.id));
      }
      expect(taken.sort()).to.deep.equal(ids.sort());
      await Promise.all(queues.map((queue) => queue.close()));
    });

    it('are of one queue each', async () => {
      const database = engine.open();
      const [one, other] = [
        sqlDeadLetterQueue(database, { name: 'one' }),
        sqlDeadLetterQueue(database, { name: 'other' }),
      ];
      await one.put([letter('a')]);
      expect([await one.depth(), await other.depth()]).to.deep.equal([1, 0]);
      expect(await other.purge()).to.equal(0);
      expect(await one.purge()).to.equal(1);
    });

    it('that cannot be read are an Err of the list, and fail a take, which gives the others back', async () => {
      const queue = sqlDeadLetterQueue(engine.open());
      await queue.put([letter('a'), letter('b')]);
      await engine.query("UPDATE rx_dead_letters SET letter = '{' WHERE id = 'b'");
      const listed: boolean[] = [];
      for await (const each of queue.list()) listed.push(each.ok);
      expect(listed).to.deep.equal([true, false]);
      expect(await failureOf(queue.take({ limit: 2 }))).to.include({ code: 'dead-letter-queue', retriable: false });
      expect(await queue.take({ limit: 1 })).to.have.length(1);
      await queue.close();
    });
  });
}

describe('A database that cannot be reached', () => {
  it('is a retriable error of each kind, without the password', async () => {
    const server = (await import('node:net')).createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    const url = `postgres://user:secret@127.0.0.1:${port}/name`;
    const store = sqlReplayStore(url);
    const queue = sqlDeadLetterQueue(new Pool({ connectionString: url }));
    const mirror = sqlMirror({ database: url, entity: 'Account', client: schemaClient() });
    const failures = await Promise.all([
      failureOf(store.load(KEY)),
      failureOf(queue.depth()),
      failureOf(mirror.write(changeEvent())),
    ]);
    expect(failures.map(({ code }) => code)).to.deep.equal(['replay-store', 'dead-letter-queue', 'sink']);
    for (const failure of failures) {
      expect(failure).to.include({ retriable: true });
      expect(failure.message).to.include('ECONNREFUSED');
      expect(inspect(failure, { depth: 9, showHidden: true })).not.to.include('secret');
    }
    expect(inspect([store, queue, mirror], { depth: 9 })).not.to.include('secret');
    await Promise.all([store.close(), queue.close(), mirror.close()]);
  });
});

describe('Positions and dead letters by the URL of a mirror', () => {
  const engine = postgresEngine();
  before(() => engine.start());
  after(() => engine.stop());

  it('do not wait for its writes', async () => {
    const { url } = engine.server();
    const mirror = sqlMirror({ database: url, entity: 'Account', client: schemaClient() });
    await mirror.write(change({}));
    const other = await engine.server().pool().connect();
    await other.query('BEGIN; LOCK TABLE account IN ACCESS EXCLUSIVE MODE');
    // More than a pool has connections.
    const writes = Array.from({ length: 12 }, (_, number) => mirror.write(change({ recordIds: [idOf(number)] })));
    const waiting = "SELECT count(*)::int AS n, pg_sleep(0.02) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    while ((await engine.query(waiting))[0]?.n !== 10);
    const [store, queue] = [sqlReplayStore(url), sqlDeadLetterQueue(url)];
    await store.save(KEY, id(1));
    expect(await queue.depth()).to.equal(0);
    await other.query('COMMIT');
    other.release();
    await Promise.all(writes);
    await Promise.all([mirror.close(), store.close(), queue.close()]);
  });
});

describe('A transaction that the program has open on the connection of SQLite', () => {
  const engine = sqliteEngine();
  before(() => engine.start());
  after(() => engine.stop());

  it('fails calls for as long as it is open', async () => {
    const connection = engine.open() as { exec(sql: string): unknown };
    const store = sqlReplayStore(connection as never);
    connection.exec('BEGIN');
    expect(await failureOf(store.save(KEY, id(1)))).to.include({ code: 'replay-store', retriable: true });
    connection.exec('ROLLBACK');
    await store.save(KEY, id(1));
  });
});
