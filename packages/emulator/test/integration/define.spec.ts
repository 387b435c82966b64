import { parseSchema, type WireTopicInfo } from '@rxforce/core/codec';
import { expect } from 'chai';
import type { Definitions, Emulator } from '../../src/index.js';
import { decodeEvent } from '../support/decoding.js';
import { liveStream } from '../support/live-stream.js';
import { RestClient } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

describe('POST /emulator/define', () => {
  it('adds an object that records can be created of, with a topic that can be subscribed to', () =>
    withEmulator({}, async (emulator, client) => {
      const definitions: Definitions = {
        objects: { Depot__c: { fields: { Size__c: 'Number', Place__c: 'Location' } } },
      };
      const { status, body } = await define(emulator, definitions);
      expect([status, body]).to.deep.equal([
        200,
        { result: { objects: [emulator.org.entities().at(-1)], events: [] } },
      ]);
      const stream = await liveStream(emulator, client, { topicName: '/data/Depot__ChangeEvent' });
      const rest = new RestClient(emulator);
      const place = { Place__Latitude__s: 1, Place__Longitude__s: 2 };
      const id = await rest.create('Depot__c', { Name: 'a', Size__c: 3, ...place });
      const [created] = (await stream.next()).events;
      expect((await decodeEvent(client, created!)).data).to.deep.include({
        Size__c: 3,
        Place__c: { Latitude: 1, Longitude: 2 },
      });
      await rest.request('PATCH', `/sobjects/Depot__c/${id}`, { Place__Latitude__s: 5 });
      const [updated] = (await stream.next()).events;
      expect((await decodeEvent(client, updated!)).data.Place__c).to.deep.equal({ Latitude: 5, Longitude: 2 });
      expect(await rest.records('SELECT Place__Latitude__s, Place__c FROM Depot__c')).to.deep.equal([
        { Place__Latitude__s: 5, Place__c: { latitude: 5, longitude: 2 } },
      ]);
    }));

  it('gives fields to an object while streams of it are running, which get events of the new schema', () =>
    withEmulator({}, async (emulator, client) => {
      const { org } = emulator;
      org.createChannel('Accounts__chn', { members: [{ entity: 'Account' }] });
      const streams = await Promise.all(
        ['/data/AccountChangeEvent', '/data/ChangeEvents', '/data/Accounts__chn'].map((topicName) =>
          liveStream(emulator, client, { topicName }),
        ),
      );
      const id = org.create('Account', { Name: 'a' });
      await define(emulator, { objects: { Account: { fields: { Tier__c: 'Picklist' } } } });
      org.update('Account', id, { Tier__c: 'Gold' });
      const { schemaId } = await client.call<WireTopicInfo>('GetTopic', { topicName: '/data/AccountChangeEvent' });
      for (const stream of streams) {
        const [created, updated] = (await stream.events(2)).flatMap(({ events }) => events);
        expect(created!.event!.schemaId).to.not.equal(schemaId);
        expect(updated!.event!.schemaId).to.equal(schemaId);
        expect((await decodeEvent(client, updated!)).data).to.include({ Tier__c: 'Gold' });
      }
    }));

  it('adds a platform event that can be published, and gives it fields', () =>
    withEmulator({}, async (emulator, client) => {
      const topicName = '/event/Alarm__e';
      await define(emulator, { events: { Alarm__e: { fields: { Level__c: 'Number' } } } });
      const stream = await liveStream(emulator, client, { topicName });
      const publish = async (fields: object) => {
        const { schemaId } = await client.call<WireTopicInfo>('GetTopic', { topicName });
        const { schemaJson } = await client.call<{ schemaJson: string }>('GetSchema', { schemaId });
        const schema = parseSchema(schemaJson);
        const event = { CreatedDate: 1_700_000_000_000, CreatedById: '005Hs0000000001AAA', ...fields };
        await client.call('Publish', { topicName, events: [{ schemaId, payload: schema.toBuffer(event) }] });
        const [delivered] = (await stream.next()).events;
        expect(delivered!.event!.schemaId).to.equal(schemaId);
        return schema.fromBuffer(delivered!.event!.payload) as unknown;
      };
      expect(await publish({ Level__c: 1 })).to.include({ Level__c: 1 });
      await define(emulator, { events: { Alarm__e: { fields: { Place__c: 'Text' } } } });
      expect(await publish({ Level__c: 2, Place__c: 'Oslo' })).to.include({ Level__c: 2, Place__c: 'Oslo' });
    }));

  it('answers 400, where it stands and what was meant, when a definition is wrong', () =>
    withEmulator({}, async (emulator) => {
      for (const [body, code, message] of [
        ['{', 'JSON_PARSER_ERROR', 'definitions as a JSON object'],
        ['[]', 'JSON_PARSER_ERROR', 'definitions as a JSON object'],
        ['{ "objekts": {} }', 'INVALID_DEFINITION', 'Did you mean "objects"?'],
        [
          '{ "objects": { "Depot__c": { "fields": { "Size__c": "Nummber" } } } }',
          'INVALID_DEFINITION',
          'objects.Depot__c.fields.Size__c takes one of',
        ],
      ] as const) {
        const response = await fetch(emulator.defineUrl, { method: 'POST', body });
        const [error] = (await response.json()) as [{ errorCode: string; message: string }];
        expect([response.status, error.errorCode]).to.deep.equal([400, code]);
        expect(error.message).to.contain(message);
      }
    }));
});

describe('GET /emulator/define', () => {
  it('lists the objects and platform events of the org', () =>
    withEmulator({}, async ({ org, defineUrl }) => {
      expect(await (await fetch(defineUrl)).json()).to.deep.equal({
        objects: org.entities(),
        events: org.platformEvents(),
      });
    }));
});

async function define({ defineUrl }: Emulator, definitions: Definitions): Promise<{ status: number; body: unknown }> {
  const response = await fetch(defineUrl, { method: 'POST', body: JSON.stringify(definitions) });
  return { status: response.status, body: await response.json() };
}
