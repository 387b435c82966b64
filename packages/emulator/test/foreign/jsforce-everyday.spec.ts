import { expect } from 'chai';
import jsforce from 'jsforce';
import { type Emulator, startEmulator } from '../../src/index.js';

type Connection = InstanceType<typeof jsforce.Connection>;

describe('jsforce, unchanged, and what else one calls every day', () => {
  let emulator: Emulator;
  let connection: Connection;
  let account: string;

  before(async () => {
    emulator = await startEmulator({ tls: false, seed: 1 });
    const { instanceUrl, accessToken } = emulator.credentials;
    // With a slash behind the address, which it puts another one behind.
    connection = new jsforce.Connection({ instanceUrl: `${instanceUrl}/`, accessToken, version: '62.0' });
    account = emulator.org.create('Account', { Name: 'Abel', ERP_Key__c: 'k' });
    emulator.org.create('Contact', { Name: { LastName: 'Ada' }, AccountId: account });
  });

  after(() => emulator.stop());

  const calls: readonly (readonly [string, () => PromiseLike<unknown>, (answer: unknown) => void])[] = [
    [
      'a query with the records of a relationship',
      () => connection.query('SELECT Id, (SELECT LastName FROM Contacts) FROM Account'),
      (answer) => expect(answer).to.have.nested.property('records[0].Contacts.records[0].LastName', 'Ada'),
    ],
    [
      'a query with included records, written by itself',
      () =>
        connection
          .sobject('Account')
          .find({ Name: 'Abel' })
          .select('Id, Name')
          .include('Contacts')
          .select('LastName')
          .end()
          .run(),
      (answer) => expect(answer).to.have.nested.property('[0].Contacts.records[0].LastName', 'Ada'),
    ],
    [
      'a query of groups',
      () => connection.query('SELECT Name, COUNT(Id) n FROM Account GROUP BY Name'),
      (answer) => expect(answer).to.have.nested.property('records[0].n', 1),
    ],
    [
      'the plan of a query',
      () => connection.query('SELECT Id FROM Account').explain(),
      (answer) => expect(answer).to.have.nested.property('plans[0].sobjectType', 'Account'),
    ],
    [
      'a search',
      () => connection.search('FIND {abel} IN ALL FIELDS RETURNING Account(Id, Name)'),
      (answer) => expect(answer).to.have.nested.property('searchRecords[0].Name', 'Abel'),
    ],
    [
      'the records that changed last',
      () => connection.recent('Account'),
      (answer) => expect(answer).to.have.nested.property('[0].Id', account),
    ],
    [
      'the records that were updated',
      () => {
        const now = Date.now();
        return connection.sobject('Account').updated(new Date(now - 3_600_000), new Date(now + 120_000));
      },
      (answer) => expect(answer).to.have.deep.property('ids', [account]),
    ],
    [
      'the records that were deleted',
      () => {
        const now = Date.now();
        return connection.sobject('Account').deleted(new Date(now - 3_600_000), new Date(now + 120_000));
      },
      (answer) => expect(answer).to.have.deep.property('deletedRecords', []),
    ],
    [
      'a composite',
      () =>
        connection.requestPost('/composite', {
          compositeRequest: [
            { method: 'GET', url: `/services/data/v62.0/sobjects/Account/${account}`, referenceId: 'a' },
          ],
        }),
      (answer) => expect(answer).to.have.nested.property('compositeResponse[0].body.Name', 'Abel'),
    ],
    [
      'the describe of a platform event',
      () => connection.describe('Order_Event__e'),
      (answer) => expect(answer).to.include({ createable: true, queryable: false }),
    ],
    [
      'what org it is',
      () => connection.query('SELECT Id, Name FROM Organization'),
      (answer) => expect(answer).to.have.nested.property('records[0].Id', emulator.credentials.organizationId),
    ],
    [
      'a PATCH that goes as a POST',
      () =>
        connection.request({
          method: 'POST',
          url: '/sobjects/Account/ERP_Key__c/k?_HttpMethod=PATCH',
          body: '{"Phone":"1"}',
          headers: { 'content-type': 'application/json' },
        }),
      (answer) => expect(answer).to.include({ success: true, created: false }),
    ],
    ['layouts', () => connection.sobject('Account').layouts(), (answer) => expect(answer).to.have.property('layouts')],
    [
      'compact layouts',
      () => connection.sobject('Account').compactLayouts(),
      (answer) => expect(answer).to.have.property('compactLayouts'),
    ],
    [
      'approval layouts',
      () => connection.sobject('Account').approvalLayouts(),
      (answer) => expect(answer).to.have.property('approvalLayouts'),
    ],
    [
      'list views',
      () => connection.sobject('Account').listviews(),
      (answer) => expect(answer).to.include({ size: 0, sobjectType: 'Account' }),
    ],
    [
      'quick actions of an object',
      () => connection.sobject('Account').quickActions(),
      (answer) => expect(answer).to.deep.equal([]),
    ],
    ['quick actions', () => connection.quickActions(), (answer) => expect(answer).to.deep.equal([])],
    ['tabs', () => connection.tabs(), (answer) => expect(answer).to.deep.equal([])],
    ['the theme', () => connection.theme(), (answer) => expect(answer).to.deep.equal({ themeItems: [] })],
  ];
  for (const [what, call, check] of calls) {
    it(`gets ${what}`, async () => check(await call()));
  }
});
