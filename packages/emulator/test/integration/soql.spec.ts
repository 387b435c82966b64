import { expect } from 'chai';
import type { Emulator } from '../../src/index.js';
import { errorOf, type RestAnswer, RestClient } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

interface QueryAnswer {
  readonly totalSize: number;
  readonly done: boolean;
  readonly nextRecordsUrl?: string;
  readonly records: { readonly Name: string }[];
}

describe('Queries of the REST API', () => {
  it('give the records that fit, with what they select', () =>
    withEmulator({ now: () => Date.UTC(2024, 1, 29, 10) }, async (emulator) => {
      const { org } = emulator;
      const rest = new RestClient(emulator);
      const id = org.create('Account', {
        Name: "Abel's",
        Industry: 'Energy',
        AnnualRevenue: 5,
        BillingAddress: { City: 'Oslo' },
        Customer_Since__c: Date.UTC(2020, 4, 1),
      });
      org.create('Account', { Name: 'Other', Industry: 'Retail' });
      org.create('Contact', { AccountId: id, Name: { FirstName: 'Ada', LastName: 'Abel' } });
      const found = await rest.query(
        String.raw`SELECT Id, Name, BillingCity, BillingAddress FROM Account WHERE Name = 'abel\'s'`,
      );
      expect(found.body).to.have.nested.property('records[0].BillingAddress').that.includes({ city: 'Oslo' });
      expect(found.body).to.deep.include({ totalSize: 1, done: true });
      expect(found.body).to.have.deep.nested.property('records[0].attributes', {
        type: 'Account',
        url: `/services/data/v64.0/sobjects/Account/${id}`,
      });
      const names = async (where: string) =>
        (await rest.records(`SELECT Name FROM Account WHERE ${where}`)).map(({ Name }) => Name);
      expect(await names("BillingCity LIKE 'o%' AND AnnualRevenue >= 5")).to.deep.equal(["Abel's"]);
      expect(await names("Industry NOT IN ('Energy') OR BillingCity = null")).to.deep.equal(['Other']);
      expect(await names('Customer_Since__c = 2020-05-01')).to.deep.equal(["Abel's"]);
      expect(await names('CreatedDate = TODAY AND CreatedDate > 2024-02-29T09:59:59Z')).to.have.length(2);
      expect(await names('Key_Account__c = false')).to.have.length(2);
      expect(await names(`Id = '${id.slice(0, 15)}'`)).to.have.length(1);
      const [contact] = await rest.records(
        "SELECT name, account.name, Account.Owner.Name, ReportsTo.Name FROM contact c WHERE c.Account.Industry = 'Energy'",
      );
      expect(contact).to.deep.include({ Name: 'Ada Abel', ReportsTo: null });
      expect(contact).to.have.nested.property('Account.Name', "Abel's");
      expect(contact).to.have.nested.property('Account.Owner.Name', 'Integration User');
    }));

  it('leave deleted records out, unless all are asked for', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const [kept, gone] = emulator.org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
      emulator.org.delete('Account', gone!);
      const soql = 'SELECT Id, IsDeleted FROM Account';
      expect(await rest.records(soql)).to.deep.equal([{ Id: kept, IsDeleted: false }]);
      expect(await rest.records(soql, 'queryAll')).to.deep.equal([
        { Id: kept, IsDeleted: false },
        { Id: gone, IsDeleted: true },
      ]);
    }));

  it('count, when they are asked for COUNT()', () =>
    withEmulator({}, async (emulator) => {
      emulator.org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
      const { body } = await new RestClient(emulator).query('SELECT COUNT() FROM Account');
      expect(body).to.deep.equal({ totalSize: 2, done: true, records: [] });
    }));

  it('give their records in batches, as they were when the query ran', () =>
    withEmulator({}, async (emulator) => {
      const ids = createAccounts(emulator, 4001);
      const rest = new RestClient(emulator);
      const first = answerOf(await rest.query('SELECT Name FROM Account'));
      expect([first.records.length, first.totalSize, first.done]).to.deep.equal([2000, 4001, false]);
      emulator.org.delete('Account', ids.slice(2000));
      const second = answerOf(await next(rest, first));
      expect([second.records.length, second.totalSize, second.done]).to.deep.equal([2000, 4001, false]);
      const again = answerOf(await next(rest, first));
      expect(again.records).to.deep.equal(second.records);
      const third = answerOf(await next(rest, second));
      expect([third.records.length, third.done, third.nextRecordsUrl]).to.deep.equal([1, true, undefined]);
      const names = [first, second, third].flatMap(({ records }) => records.map(({ Name }) => Name));
      expect(new Set(names).size).to.equal(4001);
    }));

  it('give batches of another size, when a client wants them', () =>
    withEmulator({}, async (emulator) => {
      createAccounts(emulator, 300);
      const rest = new RestClient(emulator);
      const sizeWith = async (batchSize: number) => {
        const headers = { 'Sforce-Query-Options': `batchSize=${batchSize}` };
        return answerOf(await rest.query('SELECT Name FROM Account', headers)).records.length;
      };
      expect([await sizeWith(250), await sizeWith(1), await sizeWith(9999)]).to.deep.equal([250, 200, 300]);
    }));

  it('refuse a locator, when it is of no open query', () =>
    withEmulator({}, async (emulator) => {
      createAccounts(emulator, 300);
      const rest = new RestClient(emulator);
      const headers = { 'Sforce-Query-Options': 'batchSize=200' };
      const open = async () => answerOf(await rest.query('SELECT Name FROM Account', headers));
      const oldest = await open();
      for (let cursors = 1; cursors < 10; cursors++) {
        await open();
      }
      expect((await next(rest, oldest)).status).to.equal(200);
      await open();
      for (const answer of [await next(rest, oldest), await rest.request('GET', '/query/01gNothing-200')]) {
        expect(errorOf(answer)).to.include({ status: 400, errorCode: 'INVALID_QUERY_LOCATOR' });
      }
    }));

  it('are refused with the place, when they cannot be run', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      expect(errorOf(await rest.query('SELECT Id FROM Account WHERE'))).to.deep.equal({
        status: 400,
        errorCode: 'MALFORMED_QUERY',
        message:
          '\nSELECT Id FROM Account WHERE\n                            ^\nERROR at Row:1:Column:29\n' +
          "unexpected token: '<EOF>', expecting a name",
      });
      const codes: readonly (readonly [string, string])[] = [
        ['SELECT Id FROM Nothing', 'INVALID_TYPE'],
        ['SELECT Nothing FROM Account', 'INVALID_FIELD'],
        ["SELECT Id FROM Account WHERE Description = 'x'", 'INVALID_FIELD'],
        ['SELECT Id FROM Account WHERE AnnualRevenue = false', 'INVALID_FIELD'],
      ];
      for (const [soql, errorCode] of codes) {
        expect(errorOf(await rest.query(soql)), soql).to.include({ status: 400, errorCode });
      }
      expect(errorOf(await rest.request('GET', '/query'))).to.include({ status: 400, errorCode: 'MALFORMED_QUERY' });
    }));
});

function createAccounts({ org }: Emulator, count: number): string[] {
  return org.create(
    'Account',
    Array.from({ length: count }, (_, index) => ({ Name: `${index}` })),
  );
}

function answerOf({ body }: RestAnswer): QueryAnswer {
  return body as QueryAnswer;
}

function next(rest: RestClient, { nextRecordsUrl }: QueryAnswer): Promise<RestAnswer> {
  return rest.request('GET', nextRecordsUrl!.replace('/services/data/v64.0', ''));
}
