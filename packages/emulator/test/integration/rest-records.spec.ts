import { expect } from 'chai';
import { changesOn, errorOf, RestClient } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

const TOPIC = '/data/AccountChangeEvent';

describe('Records of the REST API', () => {
  it('cause the change events of a create, an update and a delete', () =>
    withEmulator({}, async (emulator, client) => {
      const rest = new RestClient(emulator, 'v58.0');
      const id = await rest.create('Account', {
        Name: 'Abel',
        BillingCity: 'Oslo',
        BillingCountry: 'Norway',
        Phone: '1',
      });
      const headers = { 'Sforce-Call-Options': 'client=crm/1, defaultNamespace=x' };
      const updated = await rest.request(
        'PATCH',
        `/sobjects/Account/${id.slice(0, 15)}`,
        { BillingCity: 'Lyon', Phone: null, BillingCountry: 'Norway' },
        headers,
      );
      expect([updated.status, updated.text]).to.deep.equal([204, '']);
      expect((await rest.request('DELETE', `/sobjects/Account/${id}`)).status).to.equal(204);

      const [create, update, remove] = await changesOn(client, TOPIC, 3);
      expect(create!.header).to.include({ changeType: 'CREATE', changeOrigin: 'com/salesforce/api/rest/58.0' });
      expect(create!.data).to.deep.include({ Name: 'Abel', Phone: '1' });
      expect(create!.data.BillingAddress).to.include({ City: 'Oslo', Country: 'Norway' });
      expect(update!.header).to.deep.include({
        changeType: 'UPDATE',
        changeOrigin: 'com/salesforce/api/rest/58.0;client=crm/1',
        recordIds: [id],
        // Phone is field 7, LastModifiedDate field 23, and the city the second part of field 5.
        changedFields: ['0x800080', '5-0x02'],
        nulledFields: ['0x80'],
      });
      expect(remove!.header).to.deep.include({ changeType: 'DELETE', recordIds: [id] });
    }));

  it('tell where a new record is, and give it back', () =>
    withEmulator({ now: () => Date.UTC(2024, 1, 29, 10, 0, 0, 900) }, async (emulator) => {
      const rest = new RestClient(emulator);
      const { status, headers, body } = await rest.request('POST', '/sobjects/account', {
        attributes: { type: 'Account' },
        name: 'Abel',
        Customer_Since__c: '2020-05-01',
        Support_Opens__c: '08:30:00.000Z',
        Headquarters__Latitude__s: 59.9,
        AnnualRevenue: '12.5',
      });
      const { id } = body as { id: string };
      expect([status, body]).to.deep.equal([201, { id, success: true, errors: [] }]);
      expect(headers.get('location')).to.equal(`/services/data/v64.0/sobjects/Account/${id}`);
      const { body: record } = await rest.request('GET', `/sobjects/Account/${id}`);
      expect(record).to.deep.include({
        attributes: { type: 'Account', url: `/services/data/v64.0/sobjects/Account/${id}` },
        Id: id,
        IsDeleted: false,
        Name: 'Abel',
        FirstName: null,
        Customer_Since__c: '2020-05-01',
        Support_Opens__c: '08:30:00.000Z',
        Headquarters__c: { latitude: 59.9, longitude: null },
        Headquarters__Latitude__s: 59.9,
        AnnualRevenue: 12.5,
        BillingAddress: null,
        Key_Account__c: false,
        CreatedDate: '2024-02-29T10:00:00.000+0000',
        SystemModstamp: '2024-02-29T10:00:00.000+0000',
      });
    }));

  it('have the fields that are asked for, when a request names them', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const AccountId = await rest.create('Account', { Name: 'Abel' });
      const id = await rest.create('Contact', { FirstName: 'Ada', LastName: 'Abel', Salutation: 'Ms.', AccountId });
      const { body } = await rest.request('GET', `/sobjects/Contact/${id}?fields=Name, Account.Name`);
      expect(body).to.deep.equal({
        attributes: { type: 'Contact', url: `/services/data/v64.0/sobjects/Contact/${id}` },
        Name: 'Ada Abel',
        Account: {
          attributes: { type: 'Account', url: `/services/data/v64.0/sobjects/Account/${AccountId}` },
          Name: 'Abel',
        },
      });
      expect(errorOf(await rest.request('GET', `/sobjects/Contact/${id}?fields=Nothing`))).to.include({
        status: 400,
        errorCode: 'INVALID_FIELD',
      });
    }));

  it('have the name of a person, when an account has a last name in the place of a name', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const id = await rest.create('Account', { FirstName: 'Ada', LastName: 'Abel' });
      expect((await rest.request('GET', `/sobjects/Account/${id}?fields=Name,LastName`)).body).to.include({
        Name: 'Ada Abel',
        LastName: 'Abel',
      });
    }));

  it('keep their name, when a client sends back all fields of a company, empty ones too', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const noPerson = { Salutation: null, FirstName: null, LastName: null };
      const id = await rest.create('Account', { Name: 'Abel', ...noPerson });
      expect(emulator.org.record('Account', id).Name).to.equal('Abel');
      for (const body of [{ Name: 'Abel & Co', ...noPerson }, noPerson]) {
        expect((await rest.request('PATCH', `/sobjects/Account/${id}`, body)).status).to.equal(204);
        expect(emulator.org.record('Account', id).Name).to.equal('Abel & Co');
      }
    }));

  it('keep their name, when a company is given one of a person, or a person one of a company', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const company = await rest.create('Account', { Name: 'Abel' });
      const person = await rest.create('Account', { FirstName: 'Ada', LastName: 'Abel' });
      const refusal = (...fields: string[]) => ({ status: 400, errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields });
      const both = { Name: 'a', LastName: 'b' };
      expect(errorOf(await rest.request('POST', '/sobjects/Account', both))).to.deep.include(refusal('LastName'));
      const toCompany = await rest.request('PATCH', `/sobjects/Account/${company}`, { LastName: 'b' });
      expect(errorOf(toCompany)).to.deep.include(refusal('LastName'));
      const toPerson = await rest.request('PATCH', `/sobjects/Account/${person}`, both);
      expect(errorOf(toPerson)).to.deep.include(refusal('Name'));
      expect(emulator.org.record('Account', company).Name).to.equal('Abel');
      expect(emulator.org.record('Account', person).Name).to.deep.equal({ FirstName: 'Ada', LastName: 'Abel' });
      expect((await rest.request('PATCH', `/sobjects/Account/${person}`, { FirstName: 'Eve' })).status).to.equal(204);
    }));

  const refused: readonly (readonly [string, object | string, object])[] = [
    ['Account', {}, { errorCode: 'REQUIRED_FIELD_MISSING', fields: ['Name'] }],
    ['Account', { Name: '' }, { errorCode: 'REQUIRED_FIELD_MISSING', fields: ['Name'] }],
    ['Lead', { FirstName: 'a' }, { errorCode: 'REQUIRED_FIELD_MISSING', fields: ['LastName', 'Company'] }],
    ['Account', { Name: 'a', Nothing: 1 }, { errorCode: 'INVALID_FIELD' }],
    ['Account', { Name: 'a', Id: '001' }, { errorCode: 'INVALID_FIELD', fields: ['Id'] }],
    [
      'Account',
      { Name: 'a', CreatedDate: '2024-01-01T00:00:00Z', IsDeleted: true },
      { errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: ['CreatedDate', 'IsDeleted'] },
    ],
    ['Contact', { LastName: 'a', Name: 'a' }, { errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: ['Name'] }],
    ['Account', { Name: 'a'.repeat(256) }, { errorCode: 'STRING_TOO_LONG', fields: ['Name'] }],
    ['Account', { Name: 'a', AnnualRevenue: 'much' }, { errorCode: 'JSON_PARSER_ERROR' }],
    ['Account', { Name: 'a', AnnualRevenue: ' ' }, { errorCode: 'JSON_PARSER_ERROR' }],
    ['Account', { Name: 'a', AnnualRevenue: '0x10' }, { errorCode: 'JSON_PARSER_ERROR' }],
    ['Account', { Name: 'a', NumberOfEmployees: 2147483648 }, { errorCode: 'JSON_PARSER_ERROR' }],
    ['Account', '{ "Name": ', { errorCode: 'JSON_PARSER_ERROR' }],
    ['Account', '[]', { errorCode: 'JSON_PARSER_ERROR' }],
    ['Contact', { LastName: 'a', AccountId: '12' }, { errorCode: 'MALFORMED_ID', fields: ['AccountId'] }],
    ['Contact', { LastName: 'a', AccountId: '003Hs0000000001' }, { errorCode: 'MALFORMED_ID', fields: ['AccountId'] }],
    [
      'Contact',
      { LastName: 'a', AccountId: '001Hs0000000001' },
      { errorCode: 'INVALID_CROSS_REFERENCE_KEY', fields: ['AccountId'] },
    ],
    ['User', { Username: 'a' }, { errorCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY' }],
  ];
  for (const [object, body, error] of refused) {
    it(`are not created, when ${object} is given ${JSON.stringify(body).slice(0, 70)}`, () =>
      withEmulator({}, async (emulator) => {
        const rest = new RestClient(emulator);
        const found = errorOf(await rest.request('POST', `/sobjects/${object}`, body));
        expect(found).to.deep.include({ status: 400, ...error });
        expect(found.message).to.be.a('string').that.is.not.empty;
        expect(emulator.log('/data/ChangeEvents')).to.have.length(0);
      }));
  }

  it('are not emptied of what they need, when an update would', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const id = await rest.create('Account', { Name: 'Abel' });
      const answer = await rest.request('PATCH', `/sobjects/Account/${id}`, { Name: null });
      expect(errorOf(answer)).to.include({ status: 400, errorCode: 'REQUIRED_FIELD_MISSING' });
      const withId = await rest.request('PATCH', `/sobjects/Account/${id}`, { Id: id });
      expect(errorOf(withId)).to.include({ status: 400, errorCode: 'INVALID_FIELD' });
    }));

  it('cannot be found, when there is no such object or record', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        const body = method === 'PATCH' ? {} : undefined;
        for (const path of ['/sobjects/Nothing/001Hs0000000001', '/sobjects/Account/001Hs0000000001']) {
          const error = errorOf(await rest.request(method, path, body));
          expect(error, `${method} ${path}`).to.include({ status: 404, errorCode: 'NOT_FOUND' });
        }
      }
      expect(errorOf(await rest.request('GET', '/sobjects/Account/12'))).to.include({ status: 404 });
      expect(errorOf(await rest.request('DELETE', '/sobjects/Account/12'))).to.include({
        status: 400,
        errorCode: 'MALFORMED_ID',
      });
      expect(errorOf(await rest.request('PATCH', '/sobjects/Account/003Hs0000000001', {}))).to.include({
        status: 400,
        errorCode: 'MALFORMED_ID',
      });
    }));

  it('are gone, when they were deleted', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const id = await rest.create('Account', { Name: 'Abel' });
      await rest.request('DELETE', `/sobjects/Account/${id}`);
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        const body = method === 'PATCH' ? {} : undefined;
        const error = errorOf(await rest.request(method, `/sobjects/Account/${id}`, body));
        expect(error, method).to.include({ status: 404, errorCode: 'ENTITY_IS_DELETED' });
      }
      const contact = await rest.request('POST', '/sobjects/Contact', { LastName: 'Abel', AccountId: id });
      expect(errorOf(contact)).to.include({ status: 400, errorCode: 'ENTITY_IS_DELETED' });
    }));

  it('are published, when they are platform events', () =>
    withEmulator({}, async (emulator, client) => {
      const rest = new RestClient(emulator);
      const { status, body } = await rest.request('POST', '/sobjects/Order_Event__e', {
        Order_Number__c: 'O-1',
        Ordered_At__c: '2024-01-01T00:00:00Z',
      });
      const { errors } = body as { errors: { statusCode: string; message: string }[] };
      expect([status, errors[0]!.statusCode]).to.deep.equal([201, 'OPERATION_ENQUEUED']);
      expect(emulator.log('/event/Order_Event__e').map(({ id }) => id)).to.deep.equal([errors[0]!.message]);
      const [event] = await changesOn(client, '/event/Order_Event__e', 1);
      expect(event!.data).to.deep.include({ Order_Number__c: 'O-1', Ordered_At__c: Date.UTC(2024, 0) });
      expect(event!.data).to.include.keys('CreatedDate', 'CreatedById').and.not.key('Status__c');

      const wrong = await rest.request('POST', '/sobjects/Order_Event__e', { Nothing__c: 1 });
      expect(errorOf(wrong)).to.include({ status: 400, errorCode: 'INVALID_FIELD' });
    }));
});
