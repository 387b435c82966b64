import { expect } from 'chai';
import jsforce from 'jsforce';
import type { Emulator } from '../../src/index.js';
import type { RawClient } from '../support/raw-client.js';
import { changesOn } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

type Connection = InstanceType<typeof jsforce.Connection>;

const TOPIC = '/data/AccountChangeEvent';

describe('jsforce, unchanged', () => {
  it('knows who it is, when it has logged in', () =>
    withSession(async (connection, emulator) => {
      const { user_id, organization_id, username } = await connection.identity();
      expect(organization_id).to.equal(emulator.credentials.organizationId);
      expect(username).to.equal(emulator.credentials.username);
      const [user] = (await connection.query('SELECT Id FROM User')).records;
      expect(user!.Id).to.equal(user_id);
    }));

  it('creates, updates, reads and deletes many records at once, each time in one transaction', () =>
    withSession(async (connection, _emulator, client) => {
      const created = await connection.sobject('Account').create([{ Name: 'a' }, { Name: 'b' }]);
      const [a, b] = created.map(({ id }) => id!);
      await connection.sobject('Account').update([
        { Id: a!, Industry: 'Energy' },
        { Id: b!, Industry: 'Energy' },
      ]);
      const records = await connection.sobject('Account').retrieve([b!, a!]);
      expect(records.map(({ Name, Industry }) => [Name, Industry] as unknown)).to.deep.equal([
        ['b', 'Energy'],
        ['a', 'Energy'],
      ]);
      await connection.sobject('Account').destroy([a!, b!]);
      const events = await changesOn(client, TOPIC, 4);
      expect(events.map(({ header: { changeType, recordIds } }) => [changeType, recordIds])).to.deep.equal([
        ['CREATE', [a]],
        ['CREATE', [b]],
        ['UPDATE', [a, b]],
        ['DELETE', [a, b]],
      ]);
      expect(new Set(events.map(({ header }) => header.transactionKey)).size).to.equal(3);
      expect(events[0]!.header.changeOrigin).to.equal('com/salesforce/api/rest/64.0;client=crm');
    }));

  it('is told what failed, when some of many records cannot be saved', () =>
    withSession(async (connection) => {
      const results = await connection.sobject('Account').create([{ Name: 'a' }, { Phone: '1' }]);
      expect(results.map(({ success }) => success)).to.deep.equal([true, false]);
      expect(results[1]!.errors[0]).to.include({ statusCode: 'REQUIRED_FIELD_MISSING' });
      const none = await connection.sobject('Account').create([{ Name: 'b' }, { Phone: '1' }], { allOrNone: true });
      expect(none.map(({ success }) => success)).to.deep.equal([false, false]);
      expect(await connection.sobject('Account').count()).to.equal(1);
    }));

  it('upserts by an external id, one record and many', () =>
    withSession(async (connection) => {
      const accounts = connection.sobject('Account');
      const one = await accounts.upsert({ ERP_Key__c: 'K1', Name: 'a' }, 'ERP_Key__c');
      expect(one).to.include({ success: true, created: true });
      const many = await accounts.upsert(
        [
          { ERP_Key__c: 'K1', Name: 'b' },
          { ERP_Key__c: 'K2', Name: 'c' },
        ],
        'ERP_Key__c',
      );
      expect(many.map(({ created }) => created)).to.deep.equal([false, true]);
      const { records } = await connection.query<{ Name: string }>('SELECT Name FROM Account ORDER BY Name');
      expect(records.map(({ Name }) => Name)).to.deep.equal(['b', 'c']);
    }));

  it('fetches all records of a query, when they come in batches', () =>
    withSession(async (connection, { org }) => {
      org.create(
        'Account',
        Array.from({ length: 4500 }, (_, index) => ({ Name: `${index}`, NumberOfEmployees: index })),
      );
      const query = connection.query('SELECT Id, Name FROM Account WHERE NumberOfEmployees < 4200');
      const { records, totalSize, done } = await query.run({ autoFetch: true, maxFetch: 10_000 });
      expect([records.length, totalSize, done]).to.deep.equal([4200, 4200, true]);
      expect(new Set(records.map(({ Id }) => Id)).size).to.equal(4200);
      const first = await connection.query('SELECT Id FROM Account');
      const second = await connection.queryMore(first.nextRecordsUrl!);
      expect([first.records.length, second.records.length, second.done]).to.deep.equal([2000, 2000, false]);
    }));

  it('finds records with queries that it writes itself', () =>
    withSession(async (connection, { org }) => {
      const id = org.create('Account', { Name: "O'Neil", BillingAddress: { City: 'Oslo' } });
      org.create('Contact', { AccountId: id, Name: { LastName: 'Abel' } });
      const created = jsforce.SfDate.toDateTimeLiteral('2020-01-01T00:00:00Z');
      const found = await connection
        .sobject('Account')
        .find(
          { Name: { $like: "O'%" }, CreatedDate: { $gt: created }, BillingCity: { $in: ['Oslo', 'Rome'] } },
          'Id, Name',
        )
        .sort({ CreatedDate: -1 })
        .limit(5);
      expect(found.map(({ Id }) => Id)).to.deep.equal([id]);
      const contacts = await connection
        .sobject('Contact')
        .find({ 'Account.Name': "O'Neil" }, 'Name, Account.BillingCity');
      expect(contacts).to.have.nested.property('[0].Account.BillingCity', 'Oslo');
    }));

  it('learns what objects there are and what they are like', () =>
    withSession(async (connection) => {
      const { sobjects } = await connection.describeGlobal();
      expect(sobjects.map(({ name }) => name)).to.include.members(['Account', 'Project__c']);
      const { fields, keyPrefix } = await connection.describe('Account');
      expect(keyPrefix).to.equal('001');
      expect(fields.find(({ name }) => name === 'BillingCity')).to.include({ type: 'string', updateable: true });
      const limits = await connection.limits();
      expect(limits.DailyApiRequests!.Max - limits.DailyApiRequests!.Remaining).to.equal(
        connection.limitInfo.apiUsage!.used - 1,
      );
    }));

  it('throws what the service says, when something cannot be', () =>
    withSession(async (connection) => {
      expect(await errorCodeOf(connection.query('SELECT Id FROM Nothing'))).to.equal('INVALID_TYPE');
      expect(await errorCodeOf(connection.query('SELECT'))).to.equal('MALFORMED_QUERY');
      expect(await errorCodeOf(connection.sobject('Account').create({ Nothing: 1 }))).to.equal('INVALID_FIELD');
      expect(await errorCodeOf(connection.sobject('Account').retrieve('001Hs0000000001'))).to.equal('NOT_FOUND');
    }));

  it('creates, finds, changes and deletes a managed subscription with the Tooling API', () =>
    withSession(async (connection, { managedSubscriptions }) => {
      const subscriptions = connection.tooling.sobject('ManagedEventSubscription');
      const Metadata = {
        label: 'Sample',
        topicName: TOPIC,
        defaultReplay: 'EARLIEST',
        errorRecoveryReplay: 'EARLIEST',
        state: 'RUN',
        version: '60.0',
      };
      const { id } = await subscriptions.create({ FullName: 'Sample', Metadata });
      expect(managedSubscriptions.named('Sample')).to.deep.include({ id, ...Metadata });
      const { records } = await connection.tooling.query(
        "SELECT Id, State FROM ManagedEventSubscription WHERE DeveloperName = 'Sample'",
      );
      expect(records[0]).to.include({ Id: id, State: 'RUN' });
      await subscriptions.update({ Id: id!, Metadata: { ...Metadata, state: 'STOP' } });
      expect(managedSubscriptions.get(id!)).to.include({ state: 'STOP' });
      await subscriptions.destroy(id!);
      expect(managedSubscriptions.list()).to.deep.equal([]);
    }));

  it('publishes platform events as records, one and many', () =>
    withSession(async (connection, emulator) => {
      const events = connection.sobject('Order_Event__e');
      const { success } = await events.create({ Order_Number__c: 'O-1' });
      expect(success).to.be.true;
      const many = await events.create([{ Order_Number__c: 'O-2' }, { Order_Number__c: 'O-3' }]);
      expect(many.map((each) => each.success)).to.deep.equal([true, true]);
      expect(emulator.log('/event/Order_Event__e')).to.have.length(3);
    }));
});

/** Runs a test with a connection that was given a session. */
function withSession(
  test: (connection: Connection, emulator: Emulator, client: RawClient) => Promise<void>,
): Promise<void> {
  return withEmulator({}, async (emulator, client) => {
    const { instanceUrl, accessToken } = emulator.credentials;
    await test(
      new jsforce.Connection({ instanceUrl, accessToken, version: '64.0', callOptions: { client: 'crm' } }),
      emulator,
      client,
    );
  });
}

async function errorCodeOf(request: PromiseLike<unknown>): Promise<unknown> {
  try {
    await request;
  } catch (error) {
    return (error as { errorCode?: string }).errorCode;
  }
  throw new Error('The request succeeded.');
}
