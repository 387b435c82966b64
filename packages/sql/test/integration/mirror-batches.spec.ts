import type { ChangeEvent } from '@rxforce/core';
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { batchBy, retryWithDLQ } from '@rxforce/operators';
import { expect } from 'chai';
import { from, lastValueFrom, toArray } from 'rxjs';
import { inspect } from 'node:util';
import { sqlMirror } from '../../src/index.js';
import { change, idOf, snapshot } from '../support/changes.js';
import { postgresEngine, sqliteEngine } from '../support/engines.js';
import { failureOf, mirrorIn, rowsOf, writeEach } from '../support/mirrors.js';
import { schemaClient } from '../support/schemas.js';

const created = (number: number, data: Record<string, unknown> = { Name: `n${number}` }) =>
  change({ recordIds: [idOf(number)], data });
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

for (const engine of [postgresEngine(), sqliteEngine()]) {
  describe(`Batches of a sqlMirror in ${engine.name}`, () => {
    before(() => engine.start());
    beforeEach(() => engine.clear());
    after(() => engine.stop());

    it('write nothing of a batch, when one of it cannot be written', async () => {
      const mirror = mirrorIn(engine);
      await mirror.write(created(0));
      const bad = created(1, { AnnualRevenue: 'poison' });
      expect(await failureOf(mirror.write([created(2), bad, created(3)]))).to.include({ code: 'sink' });
      expect(await rowsOf(engine, 'id')).to.have.length(1);
    });

    it('put aside the one poison of 1,000, and write all others', async () => {
      const deadLetters = memoryDeadLetterQueue();
      const mirror = mirrorIn(engine);
      const events = range(1_000).map((number) =>
        created(number, number === 617 ? { AnnualRevenue: 'poison' } : { Name: 'x' }),
      );
      const work = from(events).pipe(
        batchBy<ChangeEvent>(1_000, 1_000),
        retryWithDLQ(mirror.write, { deadLetters, splitBatches: true, maxRetries: 0 }),
        toArray(),
      );
      await lastValueFrom(work);
      expect(await rowsOf(engine, 'id')).to.have.length(999);
      const [letter] = await deadLetters.take({ limit: 10 });
      expect(letter?.error).to.include({ name: 'SinkError', code: 'sink' });
      expect(letter?.value).to.deep.include({ data: events[617]!.data });
      expect(await deadLetters.depth()).to.equal(1);
    });

    it('write a record once, whose changes come many times in a batch', async () => {
      const updates = range(300).map((number) =>
        change({ at: number + 2, changeType: 'UPDATE', data: { AnnualRevenue: number } }),
      );
      await mirrorIn(engine).write([created(1), ...updates.reverse(), ...updates]);
      expect(await rowsOf(engine, 'name, annual_revenue')).to.deep.equal([{ name: 'n1', annual_revenue: 299 }]);
    });

    it('write all changes, when many processes write the same records at the same time', async () => {
      const fields = ['Name', 'Industry', 'Order', 'Description'];
      const mirrors = fields.map(() => mirrorIn(engine));
      const writeAll = (from: number, value: string) =>
        Promise.all(
          mirrors.map((mirror, index) => {
            const data = { [fields[index]!]: value };
            const fieldsOf = (number: number) => ({ at: from + index, recordIds: [idOf(number)], data });
            return mirror.write(range(200).map((number) => change({ changeType: 'UPDATE', ...fieldsOf(number) })));
          }),
        );
      const all = (value: string) =>
        range(200).map(() => ({ name: value, industry: value, order: value, description: value }));
      // First the rows are new, then they are there, and then the age of each field shows that nothing was lost.
      for (const [from, value, result] of [
        [1, 'new', 'new'],
        [100, 'newer', 'newer'],
        [50, 'late', 'newer'],
      ] as const) {
        await writeAll(from, value);
        expect(await rowsOf(engine, 'name, industry, "order", description')).to.deep.equal(all(result));
      }
    });

    for (const deletes of ['mark', 'delete'] as const) {
      it(`sweep the rows that a snapshot did not have, when deletes is ${deletes}`, async () => {
        let now = Date.UTC(2026, 0, 1);
        const mirror = mirrorIn(engine, { deletes, scheduler: { now: () => now } });
        await mirror.write([
          ...range(1_200).map((number) => created(number)),
          change({ recordIds: [idOf(5)], at: 2, changeType: 'DELETE' }),
        ]);
        now += 60_000;
        const startedAt = now;
        await mirror.write([
          snapshot({ recordIds: [idOf(1)], at: 1 }),
          snapshot({ recordIds: [idOf(2)], at: 90, data: { Name: 'new' } }),
        ]);
        now += 1;
        expect(await mirror.sweep('Account', startedAt)).to.equal(1_197);
        now -= 1;
        expect(await mirror.sweep('Account', new Date(startedAt))).to.equal(0);
        const seen = await rowsOf(engine, 'rx_seen_at');
        expect(seen.filter(({ rx_seen_at }) => Date.parse(String(rx_seen_at)) >= startedAt)).to.have.length(2);
        const there = (await rowsOf(engine, 'id, rx_deleted')).filter(({ rx_deleted }) => !rx_deleted);
        expect(there.map(({ id }) => id)).to.deep.equal([idOf(1), idOf(2)]);
        // A late event says nothing new; a row that is read again, and a later change, do.
        await mirror.write([
          created(7),
          snapshot({ recordIds: [idOf(8)], at: 1 }),
          change({ recordIds: [idOf(9)], at: 3, changeType: 'UPDATE', data: { Name: 'x' } }),
        ]);
        const again = (await rowsOf(engine, 'id, rx_deleted')).filter(({ rx_deleted }) => !rx_deleted);
        expect(again.map(({ id }) => id)).to.deep.equal([idOf(1), idOf(2), idOf(8), idOf(9)]);
      });
    }

    it('leave no row of a deleted record, when its CREATE and its DELETE are written at the same time', async () => {
      for (const from of [0, 1_000, 2_000]) {
        const ids = range(300).map((number) => from + number);
        const [creator, deleter] = [mirrorIn(engine, { deletes: 'delete' }), mirrorIn(engine, { deletes: 'delete' })];
        const deleted = (number: number) => change({ at: 2, recordIds: [idOf(number)], changeType: 'DELETE' });
        await Promise.all([
          creator.write(ids.map((number) => created(number))),
          deleter.write(ids.map((number) => deleted(number))),
        ]);
        expect(await rowsOf(engine, 'id')).to.deep.equal([]);
      }
    });

    it('spare what was seen shortly before the time of a sweep', async () => {
      let now = Date.UTC(2026, 0, 1);
      const mirror = mirrorIn(engine, { scheduler: { now: () => now } });
      await mirror.write(created(1));
      now += 9_999;
      expect(await mirror.sweep('Account', now)).to.equal(0);
      now += 2;
      expect(await mirror.sweep('Account', now)).to.equal(1);
    });

    it('reject events of another object, and a sweep of one', async () => {
      const mirror = mirrorIn(engine);
      expect(await failureOf(mirror.write(change({ entityName: 'Contact' })))).to.include({ code: 'configuration' });
      expect(await failureOf(mirror.sweep('Contact', 0))).to.include({ code: 'configuration' });
      expect(await failureOf(mirror.sweep('Account', NaN))).to.include({ code: 'configuration' });
    });

    it('ask for a schema once, and again when it could not be had', async () => {
      const client = schemaClient();
      const mirror = mirrorIn(engine, { client });
      await mirror.write([created(1), created(2)]);
      await mirror.write(created(3));
      expect(client.asked).to.deep.equal(['schema']);
    });

    it('can be looked at before, which writes nothing', async () => {
      const mirror = mirrorIn(engine);
      await mirror.check();
      expect(await failureOf((async () => engine.query('SELECT * FROM account'))())).to.be.instanceOf(Error);
      await mirror.write(created(1));
      await mirror.check();
      expect(await rowsOf(engine, 'id')).to.have.length(1);
    });

    it('name no value of a record, when a constraint refuses it', async () => {
      await mirrorIn(engine).write(created(1));
      await engine.query('CREATE UNIQUE INDEX one_name ON account (name)');
      const mirror = mirrorIn(engine);
      await mirror.write(created(2, { Name: 'secret-name' }));
      const failure = await failureOf(mirror.write(created(3, { Name: 'secret-name' })));
      expect(failure).to.include({ code: 'sink', retriable: false });
      expect(inspect(failure, { depth: 9, showHidden: true })).not.to.include('secret-name');
      expect(failure.message).to.match(/one_name|account\.name/);
    });
  });
}

describe('A sqlMirror', () => {
  const engine = postgresEngine();
  before(() => engine.start());
  after(() => engine.stop());

  it('writes a batch again, when its connection was killed in the middle of it', async () => {
    const mirror = mirrorIn(engine);
    await mirror.write(created(0));
    // A trigger that ends the connection which fires it, the first time only.
    await engine.query('CREATE TABLE kills (n int)');
    await engine.query(
      'CREATE FUNCTION kill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ' +
        'IF NOT EXISTS (SELECT FROM kills) THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$',
    );
    await engine.query('CREATE TRIGGER kill BEFORE INSERT ON account FOR EACH ROW EXECUTE FUNCTION kill()');
    const batch = [
      created(1),
      created(2),
      change({ recordIds: [idOf(0)], at: 2, changeType: 'UPDATE', data: { Name: 'New' } }),
    ];
    const failure = await failureOf(mirror.write(batch));
    expect(failure).to.include({ code: 'sink', retriable: true });
    expect(await rowsOf(engine, 'name')).to.deep.equal([{ name: 'n0' }]);
    await engine.query('INSERT INTO kills VALUES (1)');
    await mirror.write(batch);
    expect(await rowsOf(engine, 'name')).to.deep.equal([{ name: 'New' }, { name: 'n1' }, { name: 'n2' }]);
  });

  it('writes to the table of a schema, and says how to make one that is missing', async () => {
    const mirror = mirrorIn(engine, { table: 'crm.people', deletes: 'delete' });
    const failure = await failureOf(mirror.write(created(1)));
    expect(failure).to.include({ code: 'sink', retriable: false });
    expect(failure.message).to.include('CREATE SCHEMA');
    await engine.query('CREATE SCHEMA crm');
    await mirror.write(created(1));
    await mirror.write(change({ at: 2, recordIds: [idOf(1)], changeType: 'DELETE' }));
    expect(await engine.query('SELECT id FROM crm.people__deleted')).to.have.length(1);
  });

  it('says what to do, when it is looked at and cannot write', async () => {
    expect(await failureOf(mirrorIn(engine, { table: 'nowhere.people' }).check())).to.include({ code: 'sink' });
    await engine.query('CREATE SCHEMA locked');
    await engine.query('CREATE ROLE reader LOGIN');
    await engine.query('GRANT USAGE ON SCHEMA locked TO reader');
    const database = engine
      .server()
      .url.replace(/\/\/[^@/]*@?/, (login) => (login.includes('@') ? '//reader@' : login));
    const mirror = sqlMirror({ database, entity: 'Account', client: schemaClient(), table: 'locked.people' });
    const failure = await failureOf(mirror.check());
    await mirror.close();
    expect(failure).to.include({ code: 'sink', retriable: false });
    expect(failure.message).to.include('may not write');
    const silent = sqlMirror({ database: 'postgres://u@127.0.0.1:1/d', entity: 'Account', client: schemaClient() });
    expect(await failureOf(silent.check())).to.include({ code: 'sink', retriable: true });
    await silent.close();
  });

  it('opens and closes a database by its URL', async () => {
    const { url } = engine.server();
    const mirror = sqlMirror({ database: url, entity: 'Account', client: schemaClient(), table: 'by_url' });
    await mirror.write(created(1));
    await mirror.close();
    expect(await rowsOf(engine, 'name', 'by_url')).to.deep.equal([{ name: 'n1' }]);
    expect(await failureOf(mirror.write(created(2)))).to.include({ code: 'sink', retriable: false });
  });

  it('writes again once the server is back', async () => {
    const mirror = mirrorIn(engine, { table: 'back' });
    await writeEach(mirror, created(1));
    await engine.server().kill();
    expect(await failureOf(mirror.write(created(2)))).to.include({ code: 'sink', retriable: true, outage: true });
    await engine.server().start();
    // The pool may still have connections of before.
    for (let failed = true; failed;)
      failed = await mirror.write(created(2)).then(
        () => false,
        () => true,
      );
    expect(await rowsOf(engine, 'name', 'back')).to.deep.equal([{ name: 'n1' }, { name: 'n2' }]);
  });
});
