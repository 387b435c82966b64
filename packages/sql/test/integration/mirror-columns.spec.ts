import { expect } from 'chai';
import { change, idOf, snapshot } from '../support/changes.js';
import { postgresEngine, sqliteEngine } from '../support/engines.js';
import { failureOf, mirrorIn, rowsOf, writeEach } from '../support/mirrors.js';
import { FIELDS, schemaClient, type SchemaField } from '../support/schemas.js';

const EMOJI = 'Ünï 😀 "quoted" \\ \n\t\' ; DROP TABLE account; --';
const BIG = 'x'.repeat(2_000_000);

for (const engine of [postgresEngine(), sqliteEngine()]) {
  describe(`The columns of a sqlMirror in ${engine.name}`, () => {
    before(() => engine.start());
    beforeEach(() => engine.clear());
    after(() => engine.stop());
    const isPostgres = engine.name === 'PostgreSQL';

    const written = async (data: Record<string, unknown>, columns: string) => {
      await mirrorIn(engine).write(change({ data }));
      return (await rowsOf(engine, columns))[0];
    };

    it('hold values of every kind', async () => {
      const data = {
        Name: EMOJI,
        Description: BIG,
        AnnualRevenue: 0.1,
        NumberOfEmployees: -7,
        Serial__c: 1_709_303_151_782_928_388n,
        IsActive: true,
        BillingAddress: { Street: null, City: EMOJI, Latitude: -0.5 },
        ShippingAddress: { Street: 'S', City: null, Latitude: null },
        Order: 'a reserved word',
      };
      const columns =
        'name, description, annual_revenue, number_of_employees, CAST(serial__c AS text) AS serial, is_active, ' +
        'billing_street, billing_city, billing_latitude, shipping_street, "order"';
      const row = await written(data, columns);
      expect({ ...row, number_of_employees: Number(row?.number_of_employees) }).to.deep.equal({
        name: EMOJI,
        description: BIG,
        annual_revenue: 0.1,
        number_of_employees: -7,
        serial: '1709303151782928388',
        is_active: true,
        billing_city: EMOJI,
        billing_latitude: -0.5,
        shipping_street: 'S',
        order: 'a reserved word',
      });
    });

    it('hold times that the functions of the database understand, also of before 1970', async () => {
      const data = { CreatedDate: -86_399_999, Birthdate: Date.UTC(1815, 11, 10), OpensAt__c: 36_900_123 };
      const columns = isPostgres
        ? "to_char(created_date AT TIME ZONE 'UTC' + interval '1 day', 'YYYY-MM-DD HH24:MI:SS.MS') AS next, " +
          "to_char(birthdate + 1, 'YYYY-MM-DD') AS birthday, to_char(opensat__c + interval '1 hour', 'HH24:MI:SS.MS') AS later"
        : "strftime('%Y-%m-%d %H:%M:%f', created_date, '+1 day') AS next, date(birthdate, '+1 day') AS birthday, " +
          "strftime('%H:%M:%f', opensat__c, '+1 hour') AS later";
      expect(await written(data, columns)).to.deep.equal({
        next: '1970-01-01 00:00:00.001',
        birthday: '1815-12-11',
        later: '11:15:00.123',
      });
    });

    it('hold times that were read as texts from the REST API', async () => {
      const data = {
        CreatedDate: '2026-11-28T16:37:05.000+0000',
        Birthdate: '1815-12-10',
        OpensAt__c: '10:15:00.123Z',
      };
      const columns = 'CAST(created_date AS text) AS a, CAST(birthdate AS text) AS b, CAST(opensat__c AS text) AS c';
      const row = await written(data, columns);
      expect(Date.parse(String(row?.a))).to.equal(Date.UTC(2026, 10, 28, 16, 37, 5));
      expect(row).to.deep.include({ b: '1815-12-10', c: '10:15:00.123' });
    });

    it('hold numbers that are none as far as the database can', async () => {
      await mirrorIn(engine).write([
        change({ recordIds: [idOf(1)], data: { AnnualRevenue: Infinity } }),
        change({ recordIds: [idOf(2)], data: { AnnualRevenue: -Infinity } }),
        change({ recordIds: [idOf(3)], data: { AnnualRevenue: NaN } }),
      ]);
      const rows = await rowsOf(engine, 'annual_revenue');
      expect(rows.map(({ annual_revenue }) => annual_revenue)).to.deep.equal([
        Infinity,
        -Infinity,
        isPostgres ? NaN : undefined,
      ]);
    });

    it('hold a NUL as U+FFFD where the database has none, and half a surrogate', async () => {
      const row = await written({ Name: 'a\0b', Industry: 'c\ud800d' }, 'name, industry');
      expect(row).to.deep.equal({ name: isPostgres ? 'a\ufffdb' : 'a\0b', industry: 'c\ufffdd' });
    });

    for (const [what, data] of Object.entries({
      'a text for a number': { AnnualRevenue: 'secret' },
      'a number for a boolean': { IsActive: 7 },
      'a fraction for a count': { NumberOfEmployees: 1.5 },
      'a time that is none': { CreatedDate: NaN },
      'a time beyond the calendar': { CreatedDate: 8.64e15 },
      'a day for a time of day': { OpensAt__c: 86_400_000 },
    })) {
      it(`reject ${what}, and name the field and not the value`, async () => {
        const failure = await failureOf(mirrorIn(engine).write(change({ data })));
        expect(failure).to.include({ code: 'sink', retriable: false });
        expect(failure.message).to.include(Object.keys(data)[0]).and.include(idOf(1));
        expect(failure.message).not.to.match(/secret|86400000/);
      });
    }

    it('hold the name of a company as a text, and of a person in parts', async () => {
      const mirror = mirrorIn(engine);
      await mirror.write(change({ data: { Name: { FirstName: 'Ada', LastName: 'Lovelace' } } }));
      expect(await rowsOf(engine, 'name, first_name, last_name')).to.deep.equal([
        { first_name: 'Ada', last_name: 'Lovelace' },
      ]);
      await mirror.write(change({ at: 2, changeType: 'UPDATE', data: { Name: 'Ada Ltd.' } }));
      expect(await rowsOf(engine, 'name, first_name, last_name')).to.deep.equal([{ name: 'Ada Ltd.' }]);
    });

    const LATER: readonly SchemaField[] = [...FIELDS, ['Tier__c', 'string', 'DynamicEnum']];
    const withLater = () => {
      const client = schemaClient();
      client.add('later', LATER);
      return client;
    };
    const later = (at: number) =>
      change({ at, changeType: 'UPDATE', schemaId: 'later', data: { Tier__c: 'Gold', Name: 'New' } });

    it('are added for new fields, and filled by a snapshot again', async () => {
      const mirror = mirrorIn(engine, { client: withLater() });
      await writeEach(
        mirror,
        snapshot({ at: 100, data: { Name: 'Old' } }),
        later(200),
        change({ at: 300, changeType: 'UPDATE', data: { Industry: 'x' } }),
      );
      expect(await rowsOf(engine, 'name, industry, tier__c')).to.deep.equal([
        { name: 'New', industry: 'x', tier__c: 'Gold' },
      ]);
    });

    it('are added once, when two processes meet the new field at the same time', async () => {
      const mirrors = [1, 2, 3, 4].map(() => mirrorIn(engine, { client: withLater() }));
      const events = mirrors.map((_mirror, index) =>
        change({
          recordIds: [idOf(1), idOf(index + 2)],
          schemaId: index % 2 ? 'later' : 'schema',
          data: { Name: 'x' },
        }),
      );
      await Promise.all(mirrors.map((mirror, index) => mirror.write(events[index]!)));
      await Promise.all(mirrors.map((mirror, index) => mirror.write({ ...later(index + 2), schemaId: 'later' })));
      expect((await rowsOf(engine, 'id, tier__c')).filter(({ tier__c }) => tier__c === 'Gold')).to.have.length(1);
      expect(await rowsOf(engine, 'id')).to.have.length(5);
    });

    it('are left out, when new fields are ignored', async () => {
      await mirrorIn(engine).write(change({ data: { Name: 'Old' } }));
      await mirrorIn(engine, { client: withLater(), columns: 'ignore' }).write(later(2));
      const [row] = await rowsOf(engine);
      expect(row).to.include({ name: 'New' });
      expect(await engine.query('SELECT * FROM account')).to.satisfy(([first]: object[]) => !('tier__c' in first!));
    });

    it('fail the write, when new fields fail', async () => {
      await mirrorIn(engine).write(change({ data: { Name: 'Old' } }));
      const failure = await failureOf(mirrorIn(engine, { client: withLater(), columns: 'fail' }).write(later(2)));
      expect(failure).to.include({ code: 'sink', retriable: false });
      expect(failure.message).to.include('tier__c text'.slice(0, 7));
      expect(await rowsOf(engine, 'name')).to.deep.equal([{ name: 'Old' }]);
    });

    it('are made again, when somebody dropped one', async () => {
      const mirror = mirrorIn(engine);
      await mirror.write(change({ data: { Industry: 'x' } }));
      await engine.query('ALTER TABLE account DROP COLUMN industry');
      const again = change({ at: 2, changeType: 'UPDATE', data: { Industry: 'y' } });
      const failure = await failureOf(mirror.write(again));
      expect(failure).to.include({ code: 'sink' });
      await mirror.write(again);
      expect(await rowsOf(engine, 'industry')).to.deep.equal([{ industry: 'y' }]);
    });

    it('reject a field of another type, and take it once the column is a text', async () => {
      const client = schemaClient();
      client.add('other', [
        ['Industry', 'double', 'Double'],
        ['AnnualRevenue', 'string', 'Text'],
      ]);
      const other = change({
        at: 2,
        changeType: 'UPDATE',
        schemaId: 'other',
        data: { Industry: 7.5, AnnualRevenue: 'much' },
      });
      const mirror = mirrorIn(engine, { client });
      await mirror.write(change({ data: { Industry: 'x', AnnualRevenue: 1 } }));
      const failure = await failureOf(mirror.write(other));
      expect(failure).to.include({ code: 'sink', retriable: false });
      expect(failure.message).to.include('annual_revenue').and.include('text');
      if (!isPostgres) return;
      await engine.query('ALTER TABLE account ALTER COLUMN annual_revenue TYPE text');
      await mirror.write(other);
      await mirror.write(change({ at: 3, changeType: 'UPDATE', data: { Industry: 'z' } }));
      expect(await rowsOf(engine, 'industry, annual_revenue')).to.deep.equal([
        { industry: 'z', annual_revenue: 'much' },
      ]);
    });

    it('take the names of `nameOf`, and say where two fields have the same', async () => {
      const mirror = mirrorIn(engine, { table: 'crm', nameOf: (path) => `f_${path.replace('.', '_').toLowerCase()}` });
      await mirror.write(change({ data: { Industry: 'x' } }));
      expect(await rowsOf(engine, 'f_industry', 'crm')).to.deep.equal([{ f_industry: 'x' }]);
      const failure = await failureOf(mirrorIn(engine, { nameOf: () => 'same' }).write(change({})));
      expect(failure).to.include({ code: 'schema-invalid' });
      expect(failure.message).to.include('nameOf');
    });
  });
}
