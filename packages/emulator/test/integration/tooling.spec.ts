import { expect } from 'chai';
import { changesOn, errorOf, type RestAnswer, RestClient } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

const MANAGED = '/tooling/sobjects/ManagedEventSubscription';
const CHANNEL = '/tooling/sobjects/PlatformEventChannel';
const MEMBER = '/tooling/sobjects/PlatformEventChannelMember';
const Metadata = {
  label: 'Sample',
  topicName: '/data/AccountChangeEvent',
  defaultReplay: 'EARLIEST',
  errorRecoveryReplay: 'LATEST',
  state: 'RUN',
  version: '60.0',
};

describe('ManagedEventSubscription of the Tooling API', () => {
  it('is created, read, found, changed and deleted', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const created = await rest.request('POST', MANAGED, { FullName: 'Sample', Metadata });
      const id = idOf(created);
      expect(emulator.managedSubscriptions.get(id)).to.deep.equal({ id, developerName: 'Sample', ...Metadata });
      const { body } = await rest.request('GET', `${MANAGED}/${id.slice(0, 15)}`);
      expect(body).to.deep.equal({
        attributes: { type: 'ManagedEventSubscription', url: `/services/data/v64.0${MANAGED}/${id}` },
        Id: id,
        DeveloperName: 'Sample',
        MasterLabel: 'Sample',
        TopicName: '/data/AccountChangeEvent',
        DefaultReplay: 'EARLIEST',
        ErrorRecoveryReplay: 'LATEST',
        State: 'RUN',
        Version: '60.0',
        FullName: 'Sample',
        Metadata,
      });
      const found = await rest.records(
        "SELECT Id, Metadata FROM ManagedEventSubscription WHERE DeveloperName = 'Sample' AND State = 'RUN'",
        'tooling/query',
      );
      expect(found).to.deep.equal([{ Id: id, Metadata }]);
      const changed = await rest.request('PATCH', `${MANAGED}/${id}`, { Metadata: { ...Metadata, state: 'STOP' } });
      expect(changed.status).to.equal(204);
      expect(emulator.managedSubscriptions.get(id)).to.include({ state: 'STOP' });
      expect((await rest.request('DELETE', `${MANAGED}/${id}`)).status).to.equal(204);
      expect(emulator.managedSubscriptions.list()).to.deep.equal([]);
      expect(errorOf(await rest.request('GET', `${MANAGED}/${id}`))).to.include({
        status: 404,
        errorCode: 'NOT_FOUND',
      });
    }));

  const refused: readonly (readonly [string, object, string])[] = [
    ['there is no topic', { FullName: 'A', Metadata: { label: 'A' } }, 'REQUIRED_FIELD_MISSING'],
    ['there is no name', { Metadata }, 'REQUIRED_FIELD_MISSING'],
    ['there is no metadata', { FullName: 'A' }, 'REQUIRED_FIELD_MISSING'],
    ['the topic does not exist', { FullName: 'A', Metadata: { topicName: '/data/X' } }, 'FIELD_INTEGRITY_EXCEPTION'],
    ['a preset is wrong', { FullName: 'A', Metadata: { ...Metadata, state: 'GO' } }, 'FIELD_INTEGRITY_EXCEPTION'],
    ['the name is wrong', { FullName: 'A B', Metadata }, 'FIELD_INTEGRITY_EXCEPTION'],
    ['a setting is unknown', { FullName: 'A', Metadata: { ...Metadata, speed: 1 } }, 'JSON_PARSER_ERROR'],
  ];
  for (const [condition, body, errorCode] of refused) {
    it(`is refused with ${errorCode}, when ${condition}`, () =>
      withEmulator({}, async (emulator) => {
        const answer = await new RestClient(emulator).request('POST', MANAGED, body);
        expect(errorOf(answer)).to.include({ status: 400, errorCode });
        expect(emulator.managedSubscriptions.list()).to.have.length(0);
      }));
  }

  it('gives names and metadata of one at a time, when it is queried', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      for (const name of ['A', 'B']) {
        await rest.request('POST', MANAGED, { FullName: name, Metadata });
      }
      const query = (soql: string) => rest.query(soql, {}, 'tooling/query');
      expect(errorOf(await query('SELECT Metadata FROM ManagedEventSubscription'))).to.include({
        status: 400,
        errorCode: 'MALFORMED_QUERY',
      });
      const { body } = await query('SELECT DeveloperName FROM ManagedEventSubscription ORDER BY DeveloperName DESC');
      expect(body).to.include({ size: 2, totalSize: 2, done: true, entityTypeName: 'ManagedEventSubscription' });
      expect(body).to.have.nested.property('records[0].DeveloperName', 'B');
      expect(errorOf(await query('SELECT Id FROM Account'))).to.include({ errorCode: 'INVALID_TYPE' });
    }));
});

describe('Channels of the Tooling API', () => {
  it('carry what their members select, enriched, once both were created', () =>
    withEmulator({}, async (emulator, client) => {
      const rest = new RestClient(emulator);
      const channel = idOf(
        await rest.request('POST', CHANNEL, {
          FullName: 'Sales__chn',
          Metadata: { channelType: 'data', label: 'Sales' },
        }),
      );
      const member = idOf(
        await rest.request('POST', MEMBER, {
          FullName: 'Sales_chn_AccountChangeEvent',
          Metadata: memberOf(['Industry']),
        }),
      );
      expect(emulator.org.channels()).to.deep.include({
        name: 'Sales__chn',
        topic: '/data/Sales__chn',
        label: 'Sales',
        members: [{ entity: 'Account', enrichedFields: ['Industry'] }],
      });
      const id = emulator.org.create('Account', { Name: 'Abel', Industry: 'Energy' });
      emulator.org.update('Account', id, { Phone: '1' });
      const [, update] = await changesOn(client, '/data/Sales__chn', 2);
      expect(update!.data).to.include({ Industry: 'Energy', Phone: '1' });

      expect((await rest.request('GET', `${CHANNEL}/${channel}`)).body).to.deep.include({
        DeveloperName: 'Sales',
        MasterLabel: 'Sales',
        ChannelType: 'data',
        FullName: 'Sales__chn',
        Metadata: { channelType: 'data', label: 'Sales' },
      });
      const records = await rest.records(
        `SELECT Id, DeveloperName, SelectedEntity, Metadata FROM PlatformEventChannelMember WHERE EventChannel = '${channel}'`,
        'tooling/query',
      );
      expect(records).to.deep.equal([
        {
          Id: member,
          DeveloperName: 'Sales_chn_AccountChangeEvent',
          SelectedEntity: 'AccountChangeEvent',
          Metadata: memberOf(['Industry']),
        },
      ]);
    }));

  it('change the fields of a member, and nothing else of it', () =>
    withEmulator({}, async (emulator) => {
      const { org } = emulator;
      const rest = new RestClient(emulator);
      org.createChannel('Sales__chn', { members: [{ entity: 'Account' }] });
      const [{ Id }] = (await rest.records('SELECT Id FROM PlatformEventChannelMember', 'tooling/query')) as [
        { Id: string },
      ];
      const patch = (metadata: object) => rest.request('PATCH', `${MEMBER}/${Id}`, { Metadata: metadata });
      expect((await patch(memberOf(['Phone']))).status).to.equal(204);
      expect(org.channels()[0]!.members).to.deep.equal([{ entity: 'Account', enrichedFields: ['Phone'] }]);
      expect(errorOf(await patch({ ...memberOf([]), selectedEntity: 'LeadChangeEvent' }))).to.include({
        errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE',
      });
      expect(errorOf(await patch(memberOf(['Nothing'])))).to.include({ errorCode: 'FIELD_INTEGRITY_EXCEPTION' });
      expect(org.channels()[0]!.members).to.deep.equal([{ entity: 'Account', enrichedFields: ['Phone'] }]);
      expect((await rest.request('DELETE', `${MEMBER}/${Id}`)).status).to.equal(204);
      expect(org.channels()[0]!.members).to.deep.equal([]);
    }));

  it('are gone with their topics, and have other ids when they come back', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const body = { FullName: 'Sales__chn', Metadata: { channelType: 'data', label: 'Sales' } };
      const first = idOf(await rest.request('POST', CHANNEL, body));
      expect(errorOf(await rest.request('POST', CHANNEL, body))).to.include({ errorCode: 'FIELD_INTEGRITY_EXCEPTION' });
      expect((await rest.request('DELETE', `${CHANNEL}/${first}`)).status).to.equal(204);
      expect(emulator.org.channels()).to.deep.equal([]);
      expect(errorOf(await rest.request('DELETE', `${CHANNEL}/${first}`))).to.include({ status: 404 });
      await rest.records('SELECT Id FROM PlatformEventChannel', 'tooling/query');
      expect(idOf(await rest.request('POST', CHANNEL, body))).to.not.equal(first);
    }));

  it('are refused, when type, event or channel are not there', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const event = { FullName: 'Sales__chn', Metadata: { channelType: 'event', label: 'Sales' } };
      expect(errorOf(await rest.request('POST', CHANNEL, event))).to.include({
        errorCode: 'FIELD_INTEGRITY_EXCEPTION',
      });
      const post = async (metadata: object) => errorOf(await rest.request('POST', MEMBER, { Metadata: metadata }));
      expect(await post(memberOf([]))).to.include({ errorCode: 'FIELD_INTEGRITY_EXCEPTION' });
      expect(await post({ ...memberOf([]), selectedEntity: 'Account' })).to.include({ status: 400 });
      expect(await post({ eventChannel: 'Sales__chn' })).to.include({ errorCode: 'REQUIRED_FIELD_MISSING' });
    }));

  it('are described like other objects, when a client asks', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const { body } = await rest.request('GET', `${CHANNEL}/describe/`);
      const { fields } = body as { fields: { name: string }[] };
      expect(fields.map(({ name }) => name)).to.include.members(['DeveloperName', 'ChannelType', 'Metadata']);
      const { body: global } = await rest.request('GET', '/tooling/sobjects');
      expect((global as { sobjects: { name: string }[] }).sobjects.map(({ name }) => name)).to.deep.equal([
        'ManagedEventSubscription',
        'PlatformEventChannel',
        'PlatformEventChannelMember',
      ]);
      expect(errorOf(await rest.request('POST', '/tooling/sobjects/ApexClass', {}))).to.include({ status: 404 });
    }));
});

describe('The members of ChangeEvents', () => {
  const standardMember = (selectedEntity: string) => ({
    FullName: `ChangeEvents_${selectedEntity}`,
    Metadata: { eventChannel: 'ChangeEvents', selectedEntity },
  });

  it('are all objects at the start, those that are added too', () =>
    withEmulator({}, async (emulator) => {
      emulator.org.createObject('Parcel__c');
      const records = await new RestClient(emulator).records(
        "SELECT DeveloperName, SelectedEntity, EventChannel FROM PlatformEventChannelMember WHERE EventChannel = 'ChangeEvents'",
        'tooling/query',
      );
      expect(records).to.deep.include.members([
        {
          DeveloperName: 'ChangeEvents_AccountChangeEvent',
          SelectedEntity: 'AccountChangeEvent',
          EventChannel: 'ChangeEvents',
        },
        {
          DeveloperName: 'ChangeEvents_Parcel_ChangeEvent',
          SelectedEntity: 'Parcel__ChangeEvent',
          EventChannel: 'ChangeEvents',
        },
      ]);
    }));

  it('are created once by a program that sets an org up, as if nobody had selected them', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const created = await rest.request('POST', MEMBER, standardMember('LeadChangeEvent'));
      expect(created.status).to.equal(201);
      const { id } = created.body as { id: string };
      const { body } = await rest.request('GET', `${MEMBER}/${id}`);
      expect(body).to.deep.include({ SelectedEntity: 'LeadChangeEvent', FullName: 'ChangeEvents_LeadChangeEvent' });
      const again = await rest.request('POST', MEMBER, standardMember('LeadChangeEvent'));
      expect(errorOf(again)).to.include({ status: 400, errorCode: 'DUPLICATE_VALUE' });
    }));

  it('make no events any more, when they are deleted, but on custom channels, until they are created again', () =>
    withEmulator({}, async (emulator) => {
      const { org } = emulator;
      const rest = new RestClient(emulator);
      org.createChannel('Sales__chn', { members: [{ entity: 'Lead' }] });
      const [{ Id }] = (await rest.records(
        "SELECT Id FROM PlatformEventChannelMember WHERE EventChannel = 'ChangeEvents' AND SelectedEntity = 'LeadChangeEvent'",
        'tooling/query',
      )) as [{ Id: string }];
      const counts = () =>
        ['/data/LeadChangeEvent', '/data/ChangeEvents', '/data/Sales__chn'].map((topic) => emulator.log(topic).length);
      const create = () => org.create('Lead', { Company: 'a', Name: { LastName: 'b' } });
      create();
      expect((await rest.request('DELETE', `${MEMBER}/${Id}`)).status).to.equal(204);
      create();
      expect(counts()).to.deep.equal([1, 1, 2]);
      org.create('Account', { Name: 'a' });
      expect(counts()).to.deep.equal([1, 2, 2]);
      expect((await rest.request('POST', MEMBER, standardMember('LeadChangeEvent'))).status).to.equal(201);
      create();
      expect(counts()).to.deep.equal([2, 3, 3]);
    }));

  it('are refused with fields to add, which only custom channels do here', () =>
    withEmulator({}, async (emulator) => {
      const { Metadata: plain } = standardMember('LeadChangeEvent');
      const answer = await new RestClient(emulator).request('POST', MEMBER, {
        Metadata: { ...plain, enrichedFields: [{ name: 'Company' }] },
      });
      expect(errorOf(answer)).to.include({ status: 400, errorCode: 'FIELD_INTEGRITY_EXCEPTION' });
    }));
});

function memberOf(enrichedFields: readonly string[]): object {
  return {
    eventChannel: 'Sales__chn',
    selectedEntity: 'AccountChangeEvent',
    enrichedFields: enrichedFields.map((name) => ({ name })),
  };
}

function idOf({ status, body, text }: RestAnswer): string {
  expect(status, text).to.equal(201);
  return (body as { id: string }).id;
}
