import { parseSchema } from '@rxforce/core/codec';
import { expect } from 'chai';
import { errorOf, RestClient } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

type Json = Record<string, unknown>;

describe('What programs ask of an org', () => {
  it('is there, when they ask what org it is, as the sf command line does behind a login', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const soql =
        'SELECT Id, Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType FROM Organization';
      const [org, ...others] = await rest.records(soql);
      expect(others).to.deep.equal([]);
      expect(org).to.include({ Id: emulator.credentials.organizationId, IsSandbox: false, NamespacePrefix: null });
      expect((await rest.request('GET', `/sobjects/Organization/${String(org!.Id).slice(0, 15)}`)).status).to.equal(
        200,
      );
      expect(await rest.records(soql, 'tooling/query')).to.deep.equal([org]);
      const created = await rest.request('POST', '/sobjects/Organization', { Name: 'x' });
      expect(errorOf(created).errorCode).to.equal('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY');
    }));

  it('is there, when they ask who the user is', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const [user] = await rest.records('SELECT Username, Profile.Name, UserType FROM User');
      expect(user).to.include({ Username: emulator.credentials.username, UserType: 'Standard' });
      expect(user).to.have.nested.property('Profile.Name', 'System Administrator');
    }));

  it('is there, when they ask what objects there are, with events and with what was added', () =>
    withEmulator({}, async (emulator) => {
      emulator.org.createObject('Parcel__c', { fields: { Weight__c: 'Double' } });
      emulator.org.createPlatformEvent('Sent__e', { Where__c: 'Text' });
      for (const resource of ['query', 'tooling/query']) {
        const rest = new RestClient(emulator);
        const entities = await rest.records('SELECT QualifiedApiName, IsQueryable FROM EntityDefinition', resource);
        expect(entities).to.deep.include.members([
          { QualifiedApiName: 'Account', IsQueryable: true },
          { QualifiedApiName: 'Parcel__c', IsQueryable: true },
          { QualifiedApiName: 'Parcel__ChangeEvent', IsQueryable: false },
          { QualifiedApiName: 'Sent__e', IsQueryable: false },
        ]);
      }
    }));

  it('is there, when they ask what fields an object has, by the object or with it', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const fields = await rest.records(
        "SELECT QualifiedApiName, DataType, EntityDefinition.Label FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Contact' AND DataType LIKE 'Lookup(%' ORDER BY QualifiedApiName",
      );
      expect(fields[0]).to.include({ QualifiedApiName: 'AccountId', DataType: 'Lookup(Account)' });
      const [account] = await rest.records(
        "SELECT Label, (SELECT QualifiedApiName FROM Fields) FROM EntityDefinition WHERE DurableId = 'Account'",
        'tooling/query',
      );
      const { records } = account!.Fields as { records: Json[] };
      expect(records.map(({ QualifiedApiName }) => QualifiedApiName)).to.include.members(['Name', 'ERP_Key__c']);
    }));
});

describe('The describe of events', () => {
  it('tells of a platform event what can be published', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const { status, body } = await rest.request('GET', '/sobjects/order_event__e/describe');
      expect(status).to.equal(200);
      expect(body).to.include({ name: 'Order_Event__e', createable: true, queryable: false, custom: true });
      const { fields } = body as { fields: Json[] };
      const field = (name: string) => fields.find((each) => each.name === name);
      expect(field('Order_Number__c')).to.include({ type: 'string', createable: true });
      expect(field('ReplayId')).to.include({ createable: false });
      expect(field('CreatedDate')).to.include({ type: 'datetime', createable: false });
    }));

  it('tells of change events what an object has, and that they cannot be published', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      for (const name of ['AccountChangeEvent', 'Project__ChangeEvent']) {
        const { body } = await rest.request('GET', `/sobjects/${name}/describe`);
        expect(body).to.include({ name, createable: false, queryable: false, keyPrefix: null });
        const names = (body as { fields: Json[] }).fields.map((field) => field.name);
        expect(names).to.include.members(['ReplayId', 'ChangeEventHeader', 'Name', 'LastModifiedDate']);
        expect((await rest.request('POST', `/sobjects/${name}`, { Name: 'a' })).status).to.be.within(400, 404);
      }
      const { body } = await rest.request('GET', '/sobjects');
      const names = (body as { sobjects: Json[] }).sobjects.map(({ name }) => name);
      expect(names).to.include.members(['Account', 'AccountChangeEvent', 'Order_Event__e']);
    }));
});

describe('The schema of events over REST', () => {
  it('is the one of the Pub/Sub API, when it is asked for by name or by id', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const { schemaId } = emulator.org.platformEvents()[0]!;
      const byName = await rest.request('GET', '/sobjects/Order_Event__e/eventSchema?payloadFormat=COMPACT');
      expect(byName.body).to.include({ name: 'Order_Event__e', type: 'record', uuid: schemaId });
      expect(parseSchema(byName.text).name).to.equal('com.sforce.eventbus.Order_Event__e');
      const byId = await rest.request('GET', `/event/eventSchema/${schemaId}?payloadFormat=compact`);
      expect(byId.body).to.deep.equal(byName.body);
      const changes = await rest.request('GET', '/sobjects/AccountChangeEvent/eventSchema');
      expect(changes.body).to.include({ name: 'AccountChangeEvent', type: 'expanded-record' });
    }));

  it('has what comes with an event around it, unless it is to be compact', () =>
    withEmulator({}, async (emulator) => {
      const { body } = await new RestClient(emulator).request('GET', '/sobjects/Order_Event__e/eventSchema');
      const { fields } = body as { fields: { name: string; type: unknown }[] };
      expect(fields.map(({ name }) => name)).to.deep.equal(['data', 'channel']);
      expect(fields[0]).to.have.nested.property('type.fields[1].type.fields[0].name', 'CreatedDate');
      expect(fields[0]).to.have.nested.property('type.fields[2].type.fields[0].name', 'replayId');
    }));

  it('is not there, when there is no such event or schema, and is refused in another format', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      for (const path of [
        '/sobjects/Nothing__e/eventSchema',
        '/sobjects/Account/eventSchema',
        '/event/eventSchema/x',
      ]) {
        expect(errorOf(await rest.request('GET', path)), path).to.include({ status: 404, errorCode: 'NOT_FOUND' });
      }
      const answer = await rest.request('GET', '/sobjects/Order_Event__e/eventSchema?payloadFormat=XML');
      expect(errorOf(answer)).to.include({ status: 400, errorCode: 'INVALID_ARGUMENT' });
    }));
});
