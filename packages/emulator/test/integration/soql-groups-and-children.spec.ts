import { expect } from 'chai';
import type { Emulator } from '../../src/index.js';
import { errorOf, RestClient } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

type Json = Record<string, unknown>;

describe('Queries with the records of child relationships', () => {
  it('give them with each record, by their own conditions, order and limit, or null where there are none', () =>
    withEmulator({}, async (emulator) => {
      const { org } = emulator;
      const [a] = org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
      for (const LastName of ['x', 'y', 'z', 'none']) {
        org.create('Contact', { Name: { LastName }, AccountId: a! });
      }
      const [first, second] = await new RestClient(emulator).records(
        "SELECT Name, (SELECT LastName, Account.Name FROM Contacts c WHERE c.LastName != 'none' ORDER BY LastName DESC LIMIT 2), " +
          '(SELECT Id FROM ChildAccounts) FROM Account ORDER BY Name',
      );
      expect(first!.Contacts).to.deep.include({ totalSize: 2, done: true });
      expect((first!.Contacts as { records: Json[] }).records.map(({ LastName }) => LastName)).to.deep.equal([
        'z',
        'y',
      ]);
      expect(first).to.have.nested.property('Contacts.records[0].Account.Name', 'a');
      expect(first).to.have.nested.property('Contacts.records[0].attributes.type', 'Contact');
      expect(second).to.include({ Name: 'b', Contacts: null, ChildAccounts: null });
    }));

  it('follow lookups of custom objects both ways, when a field is called like the object', () =>
    withEmulator({}, async (emulator) => {
      emulator.org.createObject('Parcel__c', { fields: { Account__c: 'EntityId', Project__c: 'EntityId' } });
      const rest = new RestClient(emulator);
      const Account__c = await rest.create('Account', { Name: 'a' });
      const Project__c = await rest.create('Project__c', { Name: 'p' });
      await rest.create('Parcel__c', { Name: 'x', Account__c, Project__c });
      const [parcel] = await rest.records('SELECT Account__r.Name, Project__r.Name FROM Parcel__c');
      expect(parcel).to.have.nested.property('Account__r.Name', 'a');
      expect(parcel).to.have.nested.property('Project__r.Name', 'p');
      const [account] = await rest.records('SELECT (SELECT Name FROM Parcels__r) FROM Account');
      expect(account).to.have.nested.property('Parcels__r.records[0].Name', 'x');
      const { body } = await rest.request('GET', '/sobjects/Project__c/describe');
      expect((body as { childRelationships: Json[] }).childRelationships).to.have.length(1);
      expect(body).to.have.nested.property('childRelationships[0].relationshipName', 'Parcels__r');
    }));

  it('are refused, when there is no such relationship or they are no plain query', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const refused = async (soql: string) => errorOf(await rest.query(soql)).errorCode;
      expect(await refused('SELECT (SELECT Id FROM Nothing) FROM Account')).to.equal('INVALID_TYPE');
      expect(await refused('SELECT (SELECT Nothing FROM Contacts) FROM Account')).to.equal('INVALID_FIELD');
      expect(await refused('SELECT (SELECT COUNT() FROM Contacts) FROM Account')).to.equal('MALFORMED_QUERY');
      expect(await refused('SELECT (SELECT MAX(Name) FROM Contacts) FROM Account')).to.equal('MALFORMED_QUERY');
    }));

  it('look for records among those of another query, when one stands behind IN', () =>
    withEmulator({}, async (emulator) => {
      const { org } = emulator;
      const [a] = org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
      org.create('Contact', [{ Name: { LastName: 'x' }, AccountId: a! }, { Name: { LastName: 'y' } }]);
      const rest = new RestClient(emulator);
      const names = async (where: string) =>
        (await rest.records(`SELECT Name FROM Account WHERE ${where}`)).map(({ Name }) => Name);
      expect(await names('Id IN (SELECT AccountId FROM Contact)')).to.deep.equal(['a']);
      expect(await names("Id NOT IN (SELECT AccountId FROM Contact WHERE LastName = 'x')")).to.deep.equal(['b']);
      const wrong = await rest.query('SELECT Id FROM Account WHERE Id IN (SELECT LastName FROM Contact)');
      expect(errorOf(wrong)).to.include({ status: 400, errorCode: 'MALFORMED_QUERY' });
    }));

  it('look into lists of choices, when INCLUDES or EXCLUDES ask for it', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      for (const [Name, Skills__c] of [
        ['a', 'x;y'],
        ['b', 'y;z'],
        ['c', null],
      ]) {
        await rest.create('Project__c', { Name, Skills__c });
      }
      const names = async (where: string) =>
        (await rest.records(`SELECT Name FROM Project__c WHERE ${where}`)).map(({ Name }) => Name);
      expect(await names("Skills__c INCLUDES ('X;y', 'z')")).to.deep.equal(['a', 'b']);
      expect(await names("Skills__c INCLUDES ('x;z')")).to.deep.equal([]);
      expect(await names("Skills__c EXCLUDES ('x')")).to.deep.equal(['b', 'c']);
    }));
});

describe('Queries of groups', () => {
  it('give functions over them, by the names of the query or of the service', () =>
    withEmulator({}, async (emulator) => {
      createAccounts(emulator);
      const rest = new RestClient(emulator);
      const { body } = await rest.query(
        'SELECT Industry, COUNT(Id) n, SUM(AnnualRevenue), AVG(AnnualRevenue), MIN(Name) least, MAX(CreatedDate), ' +
          'COUNT_DISTINCT(AnnualRevenue) FROM Account GROUP BY Industry ORDER BY COUNT(Id) DESC, Industry',
      );
      expect(body).to.have.property('totalSize', 3);
      const { records } = body as { records: Json[] };
      expect(records[0]).to.deep.include({
        attributes: { type: 'AggregateResult' },
        Industry: 'Energy',
        n: 3,
        expr0: 6,
        expr1: 3,
        least: 'a',
        expr3: 2,
      });
      expect(records[0]!.expr2).to.match(/^\d{4}-.*\+0000$/);
      expect(records.slice(1).map(({ Industry, n, expr0 }) => [Industry, n, expr0])).to.deep.equal([
        [null, 1, null],
        ['Retail', 1, 1],
      ]);
    }));

  it('leave groups out by HAVING, and records by WHERE', () =>
    withEmulator({}, async (emulator) => {
      createAccounts(emulator);
      const rest = new RestClient(emulator);
      const found = await rest.records(
        "SELECT Owner.Name, Industry i FROM Account WHERE Name != 'c' GROUP BY Owner.Name, Industry HAVING COUNT(Id) > 1 AND Industry != null",
      );
      expect(found).to.deep.equal([{ Name: 'Integration User', i: 'Energy' }]);
    }));

  it('give one group of all records, when there is no GROUP BY', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      expect(await rest.records('SELECT COUNT(Id), MAX(Name) FROM Account')).to.deep.equal([{ expr0: 0, expr1: null }]);
      expect(await rest.records('SELECT Name, COUNT(Id) FROM Account GROUP BY Name')).to.deep.equal([]);
      createAccounts(emulator);
      expect(await rest.records('SELECT COUNT(Id), MAX(Name) FROM Account')).to.deep.equal([{ expr0: 5, expr1: 'e' }]);
    }));

  it('have every column, when one is called as no property should be', () =>
    withEmulator({}, async (emulator) => {
      createAccounts(emulator);
      const { text } = await new RestClient(emulator).query('SELECT MAX(Name) __proto__, COUNT(Id) n FROM Account');
      expect(text).to.contain('"__proto__":"e"').and.contain('"n":5');
    }));

  const refused: readonly (readonly [string, string])[] = [
    ['a field is not grouped', 'SELECT Name, COUNT(Id) FROM Account'],
    ['a field is not grouped by', 'SELECT Name FROM Account GROUP BY Industry'],
    ['a text is summed up', 'SELECT SUM(Name) FROM Account'],
    ['a function stands in WHERE', 'SELECT Id FROM Account WHERE COUNT(Id) > 1'],
    ['HAVING stands alone', 'SELECT Id FROM Account HAVING Id != null'],
    ['they are grouped by a long text', 'SELECT COUNT(Id) FROM Account GROUP BY Description'],
    ['a column has the name of another one', 'SELECT COUNT(Id) n, MAX(Name) n FROM Account'],
    ['COUNT() is to count groups', 'SELECT COUNT() FROM Account GROUP BY Industry'],
    ['a plain query names a column', 'SELECT Name n, Id FROM Account'],
  ];
  for (const [what, soql] of refused) {
    it(`are refused, when ${what}`, () =>
      withEmulator({}, async (emulator) => {
        expect(errorOf(await new RestClient(emulator).query(soql)).errorCode).to.equal('MALFORMED_QUERY');
      }));
  }
});

describe('What a query tells of its columns', () => {
  it('is what the sf command line makes its tables of', () =>
    withEmulator({}, async (emulator) => {
      const columns = await columnsOf(
        emulator,
        'SELECT Id, Key_Account__c, Owner.Name, Owner.Email, (SELECT LastName FROM Contacts) FROM Account',
      );
      expect(columns).to.include({ entityName: 'Account', groupBy: false, idSelected: true, keyPrefix: '001' });
      const [id, key, owner, contacts] = columns.columnMetadata;
      expect(id).to.deep.include({ columnName: 'Id', apexType: 'Id', aggregate: false, joinColumns: [] });
      expect(key).to.include({ columnName: 'Key_Account__c', booleanType: true, custom: true });
      expect(owner).to.include({ columnName: 'Owner', aggregate: false });
      expect(owner!.joinColumns.map(({ columnName }) => columnName)).to.deep.equal(['Name', 'Email']);
      expect(contacts).to.include({ columnName: 'Contacts', aggregate: true });
      expect(contacts!.joinColumns.map(({ columnName }) => columnName)).to.deep.equal(['LastName']);
    }));

  it('names functions as the query does, when it is of groups', () =>
    withEmulator({}, async (emulator) => {
      const columns = await columnsOf(
        emulator,
        'SELECT Industry, COUNT(Id), MAX(Name) m FROM Account GROUP BY Industry',
      );
      expect(columns.groupBy).to.equal(true);
      const names = columns.columnMetadata.map(({ columnName, displayName, aggregate }) => [
        columnName,
        displayName,
        aggregate,
      ]);
      expect(names).to.deep.equal([
        ['Industry', 'Industry', false],
        ['expr0', 'COUNT(Id)', true],
        ['m', 'MAX(Name)', true],
      ]);
    }));

  it('is a list without entries, when records are counted, and an error, when the query is wrong', () =>
    withEmulator({}, async (emulator) => {
      expect((await columnsOf(emulator, 'SELECT COUNT() FROM Account')).columnMetadata).to.deep.equal([]);
      const answer = await new RestClient(emulator).request('GET', '/query?columns=true&q=SELECT+Nothing+FROM+Account');
      expect(errorOf(answer).errorCode).to.equal('INVALID_FIELD');
    }));

  it('is there in the Tooling API, too', () =>
    withEmulator({}, async (emulator) => {
      const soql = 'SELECT Id FROM PlatformEventChannel';
      expect((await columnsOf(emulator, soql, '/tooling/query')).entityName).to.equal('PlatformEventChannel');
    }));
});

interface Columns {
  readonly entityName: string;
  readonly groupBy: boolean;
  readonly columnMetadata: readonly Column[];
}

interface Column {
  readonly columnName: string;
  readonly displayName: string;
  readonly aggregate: boolean;
  readonly joinColumns: readonly Column[];
}

async function columnsOf(emulator: Emulator, soql: string, resource = '/query'): Promise<Columns> {
  const { body } = await new RestClient(emulator).request(
    'GET',
    `${resource}?q=${encodeURIComponent(soql)}&columns=true`,
  );
  return body as Columns;
}

function createAccounts({ org }: Emulator): void {
  org.create('Account', [
    { Name: 'a', Industry: 'Energy', AnnualRevenue: 4 },
    { Name: 'b', Industry: 'Energy', AnnualRevenue: 2 },
    { Name: 'c', Industry: 'Retail', AnnualRevenue: 1 },
    { Name: 'd', Industry: 'Energy' },
    { Name: 'e' },
  ]);
}
