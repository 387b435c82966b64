import { expect } from 'chai';
import { errorOf, RestClient } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

interface Field {
  readonly name: string;
  readonly [property: string]: unknown;
}

describe('The REST API', () => {
  it('lists its versions, when nobody has logged in yet', () =>
    withEmulator({}, async ({ httpUrl }) => {
      const versions = (await (await fetch(`${httpUrl}/services/data/`)).json()) as object[];
      expect(versions).to.deep.include({ label: "Summer '25", url: '/services/data/v64.0', version: '64.0' });
    }));

  it('answers INVALID_SESSION_ID, when there is no valid session', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const invalid = { status: 401, message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' };
      expect(errorOf(await rest.request('GET', '/limits', undefined, { authorization: '' }))).to.deep.equal(invalid);
      expect(errorOf(await rest.request('GET', '/limits', undefined, { authorization: 'Bearer x' }))).to.include(
        invalid,
      );
      const oauth = { authorization: `OAuth ${emulator.credentials.accessToken}` };
      expect((await rest.request('GET', '/limits', undefined, oauth)).status).to.equal(200);
      emulator.faults.expireSessions();
      expect(errorOf(await rest.request('GET', '/limits'))).to.deep.equal(invalid);
    }));

  it('answers NOT_FOUND, when there is no such version or resource', () =>
    withEmulator({}, async (emulator) => {
      for (const version of ['v64', 'v12.0', 'v999.0']) {
        const answer = await new RestClient(emulator, version).request('GET', '/limits');
        expect(errorOf(answer), version).to.include({ status: 404, errorCode: 'NOT_FOUND' });
      }
      expect(errorOf(await new RestClient(emulator).request('GET', '/nothing'))).to.include({ status: 404 });
    }));

  it('tells where things are and counts the requests, on every version', () =>
    withEmulator({}, async (emulator) => {
      for (const version of ['v40.0', 'v64.0']) {
        const { body } = await new RestClient(emulator, version).request('GET', '/');
        expect(body).to.include({ sobjects: `/services/data/${version}/sobjects` });
      }
      const { body, headers } = await new RestClient(emulator).request('GET', '/limits');
      expect(headers.get('sforce-limit-info')).to.equal('api-usage=3/15000');
      expect(body).to.deep.equal({ DailyApiRequests: { Max: 15_000, Remaining: 14_998 } });
    }));

  it('answers as ever, when there is a slash at the end or the method is HEAD', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      expect((await rest.request('GET', '/sobjects/Account/describe/')).status).to.equal(200);
      expect((await rest.request('GET', '/query/?q=SELECT+Id+FROM+Account')).status).to.equal(200);
      const head = await rest.request('HEAD', '/sobjects/Account/describe');
      expect([head.status, head.text]).to.deep.equal([200, '']);
      expect((await rest.request('HEAD', '/sobjects/Nothing')).status).to.equal(404);
    }));

  it('refuses a body that is not JSON, when a client says so', () =>
    withEmulator({}, async (emulator) => {
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      const answer = await new RestClient(emulator).request('POST', '/sobjects/Account', 'Name=Abel', form);
      expect(errorOf(answer)).to.include({ status: 415, errorCode: 'UNSUPPORTED_MEDIA_TYPE' });
    }));

  it('lists the objects of the org, those that were added too', () =>
    withEmulator({}, async (emulator) => {
      emulator.org.createObject('Parcel__c', { fields: { Weight__c: 'Double', Home__c: 'Location' } });
      const rest = new RestClient(emulator);
      const { body } = await rest.request('GET', '/sobjects');
      const { sobjects } = body as { sobjects: Record<string, unknown>[] };
      expect(sobjects.map(({ name }) => name)).to.include.members(['Account', 'Project__c', 'Parcel__c', 'User']);
      expect(sobjects.find(({ name }) => name === 'Opportunity')).to.include({
        label: 'Opportunity',
        labelPlural: 'Opportunities',
        keyPrefix: '006',
        custom: false,
        createable: true,
      });
      const id = await rest.create('Parcel__c', { Name: 'a', Weight__c: 2, Home__Longitude__s: 1 });
      expect(emulator.org.record('Parcel__c', id)).to.deep.include({ Weight__c: 2, Home__c: { Longitude: 1 } });
      const info = await rest.request('GET', '/sobjects/parcel__c');
      expect(info.body).to.have.nested.property('objectDescribe.urls.describe').that.contains('/Parcel__c/describe');
    }));

  it('describes fields as its own answers have them, when an object is described', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const { body } = await rest.request('GET', '/sobjects/Account/describe');
      const { fields } = body as { fields: Field[] };
      const field = (name: string) => fields.find((each) => each.name === name);
      expect(field('Id')).to.include({ type: 'id', length: 18, updateable: false, nillable: false });
      expect(field('Name')).to.include({ type: 'string', nillable: false, createable: true, nameField: true });
      expect(field('BillingCity')).to.include({
        label: 'Billing City',
        length: 40,
        compoundFieldName: 'BillingAddress',
      });
      expect(field('BillingAddress')).to.include({ type: 'address', createable: false, filterable: false });
      expect(field('OwnerId')).to.deep.include({ type: 'reference', referenceTo: ['User'], relationshipName: 'Owner' });
      expect(field('ParentId')).to.deep.include({ referenceTo: ['Account'], relationshipName: 'Parent' });
      expect(field('LastModifiedDate')).to.include({ type: 'datetime', createable: false, updateable: false });
      expect(field('ERP_Key__c')).to.include({ custom: true, externalId: true, idLookup: true, label: 'ERP Key' });
      expect(field('Key_Account__c')).to.include({ type: 'boolean', defaultValue: false, nillable: false });
      const id = await rest.create('Account', { Name: 'Abel' });
      const { body: record } = await rest.request('GET', `/sobjects/Account/${id}`);
      expect(record).to.have.all.keys('attributes', ...fields.map(({ name }) => name));
    }));

  it('tells the values of pick lists, when an object is described', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const { body } = await rest.request('GET', '/sobjects/Lead/describe');
      const { fields } = body as { fields: { name: string; picklistValues: { value: string; active: boolean }[] }[] };
      const valuesOf = (name: string) => fields.find((field) => field.name === name)?.picklistValues;
      expect(valuesOf('Rating')?.map(({ value }) => value)).to.deep.equal(['Hot', 'Warm', 'Cold']);
      expect(valuesOf('Rating')?.every(({ active }) => active)).to.equal(true);
      expect(valuesOf('Company')).to.deep.equal([]);
    }));

  it('describes and takes a field, when it was added while the org ran', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      emulator.faults.switchSchema('Account');
      const id = await rest.create('Account', { Name: 'Abel', Added_1__c: 'new' });
      expect((await rest.request('GET', `/sobjects/Account/${id}?fields=Added_1__c`)).body).to.include({
        Added_1__c: 'new',
      });
    }));

  it('gives the user of all sessions, when somebody reads users', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const [user] = await rest.records('SELECT Id, Username FROM User');
      expect(user).to.include({ Username: emulator.credentials.username });
      const { body } = await rest.request('GET', `/sobjects/User/${String(user!.Id)}`);
      expect(body).to.include({ Name: 'Integration User', IsActive: true });
    }));
});
