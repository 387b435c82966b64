import { status } from '@grpc/grpc-js';
import {
  parseSchema,
  type WireConsumerEvent,
  WireReplayPreset,
  type WireSchemaInfo,
  type WireTopicInfo,
} from '@rxforce/core/codec';
import { expect } from 'chai';
import { decodeEvent } from '../support/decoding.js';
import { liveStream } from '../support/live-stream.js';
import { trailersOf } from '../support/raw-client.js';
import { withEmulator } from '../support/with-emulator.js';

const CHANNEL = '/data/Sales__chn';
const { EARLIEST, CUSTOM } = WireReplayPreset;

describe('a custom channel', () => {
  it('is a topic with the schema of its only member, and with none when it has several', () =>
    withEmulator({}, async ({ org }, client) => {
      const getTopic = () => client.call<WireTopicInfo>('GetTopic', { topicName: CHANNEL });
      org.createChannel('Sales__chn', { members: [{ entity: 'Lead' }] });
      const { schemaId } = org.entities().find(({ name }) => name === 'Lead')!;
      expect(await getTopic()).to.include({ topicName: CHANNEL, schemaId, canSubscribe: true, canPublish: false });
      org.addChannelMember('Sales__chn', { entity: 'Account' });
      expect(await getTopic()).to.include({ schemaId: '' });
    }));

  it('goes on being served to who is there already, when its members change', () =>
    withEmulator({}, async (emulator, client) => {
      const { org } = emulator;
      org.createChannel('Sales__chn', { members: [{ entity: 'Account' }] });
      const stream = await liveStream(emulator, client, { topicName: CHANNEL });
      const nextName = async () => (await decodeEvent(client, (await stream.next()).events[0]!)).data.Name;
      org.create('Account', { Name: 'a' });
      expect(await nextName()).to.equal('a');
      org.removeChannelMember('Sales__chn', 'Account');
      org.addChannelMember('Sales__chn', { entity: 'Opportunity' });
      org.create('Account', { Name: 'b' });
      org.create('Opportunity', { Name: 'c' });
      expect(await nextName()).to.equal('c');
    }));

  it('ends the streams on it, and is unknown to new ones, when it is deleted', () =>
    withEmulator({}, async (emulator, client) => {
      emulator.org.createChannel('Sales__chn', { members: [{ entity: 'Account' }] });
      const live = await liveStream(emulator, client, { topicName: CHANNEL });
      const other = await liveStream(emulator, client);
      emulator.org.deleteChannel('Sales__chn');
      const ends = [await live.status, await client.open().request({ topicName: CHANNEL, numRequested: 1 }).status];
      for (const end of ends) {
        expect(end.code).to.equal(status.PERMISSION_DENIED);
        expect(end.details).to.contain(CHANNEL);
        expect(trailersOf(end)).to.have.property('rpc-id');
      }
      emulator.org.create('Account', { Name: 'a' });
      expect((await other.next()).events).to.have.length(1);
    }));
});

describe('a custom channel with enriched fields', () => {
  const members = [{ entity: 'Account', enrichedFields: ['Industry'] }];

  it('delivers all events that share a replay id, however few are asked for at a time', () =>
    withEmulator({}, async ({ org }, client) => {
      org.createChannel('Sales__chn', { members });
      const ids = org.create('Account', [{ Name: 'a' }, { Name: 'b' }, { Name: 'c' }]);
      org.delete('Account', ids);
      const stream = client.open();
      const received: WireConsumerEvent[] = [];
      for (const numRequested of [4, 1, 1]) {
        stream.request({ topicName: CHANNEL, replayPreset: EARLIEST, numRequested });
        received.push(...(await stream.events(numRequested)).flatMap(({ events }) => events));
      }
      const deleted = received.slice(3);
      expect(new Set(deleted.map(({ replayId }) => replayId.toString('hex'))).size).to.equal(1);
      const headers = await Promise.all(deleted.map(async (event) => (await decodeEvent(client, event)).header));
      expect(headers.map(({ recordIds }) => recordIds)).to.deep.equal(ids.map((id) => [id]));
    }));

  it('starts behind all events that share a replay id, when it is asked for', () =>
    withEmulator({}, async ({ org }, client) => {
      org.createChannel('Sales__chn', { members });
      const ids = org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
      org.delete('Account', ids);
      org.undelete('Account', ids[0]!);
      const [response] = await client
        .open()
        .request({ topicName: CHANNEL, replayPreset: EARLIEST, numRequested: 3 })
        .events(3);
      const { replayId } = response!.events[2]!;
      const start = { topicName: CHANNEL, replayPreset: CUSTOM, replayId, numRequested: 5 };
      const { events } = await client.open().request(start).next();
      const { header } = await decodeEvent(client, events[0]!);
      expect(header.changeType).to.equal('UNDELETE');
    }));

  it('has the values of the moment of delivery, when events are replayed', () =>
    withEmulator({}, async ({ org }, client) => {
      org.createChannel('Sales__chn', { members });
      const id = org.create('Account', { Name: 'a', Industry: 'Energy' });
      org.update('Account', id, { Phone: '1' });
      const replayed = async () => {
        const stream = client.open().request({ topicName: CHANNEL, replayPreset: EARLIEST, numRequested: 2 });
        return decodeEvent(client, (await stream.next()).events[1]!);
      };
      expect((await replayed()).data).to.include({ Phone: '1', Industry: 'Energy' });
      org.update('Account', id, { Industry: 'Retail' });
      expect((await replayed()).data).to.include({ Phone: '1', Industry: 'Retail' });
    }));

  it('delivers the half of payloads, for as long as they are kept, when they are corrupted', () =>
    withEmulator({}, async ({ org, faults }, client) => {
      org.createChannel('Sales__chn', { members });
      const id = org.create('Account', { Name: 'a', Industry: 'Energy' });
      faults.corruptPayload({ topic: CHANNEL });
      org.update('Account', id, { Phone: '1' });
      org.update('Account', id, { Phone: '2' });
      for (let time = 0; time < 2; time++) {
        const stream = client.open().request({ topicName: CHANNEL, replayPreset: EARLIEST, numRequested: 3 });
        const [, spoilt, whole] = (await stream.next()).events;
        expect(await failure(decodeEvent(client, spoilt!))).to.be.an('error');
        expect((await decodeEvent(client, whole!)).data).to.include({ Phone: '2', Industry: 'Energy' });
      }
    }));
});

describe('a platform event of one’s own', () => {
  it('is published and received, when it was created', () =>
    withEmulator({}, async ({ org }, client) => {
      const { topic, schemaId } = org.createPlatformEvent('Thing__e', { Name__c: 'Text' });
      expect(await client.call<WireTopicInfo>('GetTopic', { topicName: topic })).to.include({
        schemaId,
        canPublish: true,
      });
      const type = parseSchema((await client.call<WireSchemaInfo>('GetSchema', { schemaId })).schemaJson);
      const values = { CreatedDate: 1_700_000_000_000, CreatedById: '005Hs0000000001AAA', Name__c: 'a' };
      await client.call('Publish', { topicName: topic, events: [{ schemaId, payload: type.toBuffer(values) }] });
      const { events } = await client
        .open()
        .request({ topicName: topic, replayPreset: EARLIEST, numRequested: 1 })
        .next();
      expect({ ...(type.fromBuffer(events[0]!.event!.payload) as object) }).to.deep.equal(values);
    }));
});

describe('an object of one’s own', () => {
  it('has change events that are delivered, when it was created', () =>
    withEmulator({}, async (emulator, client) => {
      const { topic } = emulator.org.createObject('Thing__c', { fields: { Size__c: 'Double' } });
      const stream = await liveStream(emulator, client, { topicName: topic });
      const id = emulator.org.create('Thing__c', { Name: 'a', Size__c: 2.5 });
      const { header, data } = await decodeEvent(client, (await stream.next()).events[0]!);
      expect(header).to.deep.include({ entityName: 'Thing__c', recordIds: [id], changeType: 'CREATE' });
      expect(data).to.include({ Name: 'a', Size__c: 2.5 });
    }));
});

async function failure(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error;
  }
}
