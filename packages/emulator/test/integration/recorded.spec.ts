import { ConfigurationError } from '@rxforce/core/model';
import { parseSchema, schemaIdOf, type WireTopicInfo } from '@rxforce/core/codec';
import { expect } from 'chai';
import type { RecordedEvent } from '../../src/index.js';
import { decodeEvent } from '../support/decoding.js';
import { hasRecordings, recorded } from '../support/recorded.js';
import { withEmulator } from '../support/with-emulator.js';

const SCHEMA = JSON.stringify({
  type: 'record',
  name: 'Visit__e',
  namespace: 'com.sforce.eventbus',
  fields: [{ name: 'Guest__c', type: ['null', 'string'], default: null }],
});
const SCHEMA_ID = schemaIdOf(parseSchema(SCHEMA));
const REPLAY_ID = Buffer.from('0000000000a748390000', 'hex');

describe('serveRecorded', () => {
  it('serves events under their own ids, when the topic did not exist', () =>
    withEmulator({}, async ({ serveRecorded }, client) => {
      serveRecorded('/event/Visit__e', { schemas: [SCHEMA], events: [visit('Ada'), visit('Ben')] });
      const info = await client.call<WireTopicInfo>('GetTopic', { topicName: '/event/Visit__e' });
      expect(info.schemaId).to.equal(SCHEMA_ID);
      const stream = client.open().request({ topicName: '/event/Visit__e', replayPreset: 1, numRequested: 2 });
      const { events } = await stream.next();
      expect(events.map(({ event }) => event!.id)).to.deep.equal(['Ada', 'Ben']);
      expect(events[0]!.replayId).to.deep.equal(REPLAY_ID);
      expect((await decodeEvent(client, events[1]!)).data).to.deep.equal({ Guest__c: 'Ben' });
    }));

  it('starts behind a recorded event, when its replay id is given', () =>
    withEmulator({}, async ({ serveRecorded, org }, client) => {
      const topicName = '/data/AccountChangeEvent';
      org.create('Account', { Name: 'before' });
      serveRecorded(topicName, { schemas: [SCHEMA], events: [visit('Ada')] });
      org.create('Account', { Name: 'after' });
      for (const replayId of [REPLAY_ID, REPLAY_ID.subarray(0, 8)]) {
        const stream = client.open().request({ topicName, replayPreset: 2, replayId, numRequested: 5 });
        const { events } = await stream.next();
        expect(events).to.have.length(1);
        expect((await decodeEvent(client, events[0]!)).data).to.include({ Name: 'after' });
      }
    }));

  it('throws a ConfigurationError, when the schema of an event is missing', () =>
    withEmulator({}, ({ serveRecorded }) => {
      expect(() => serveRecorded('/event/Visit__e', { schemas: [], events: [visit('Ada')] })).to.throw(
        ConfigurationError,
        SCHEMA_ID,
      );
      return Promise.resolve();
    }));

  it('serves what the live service sent, when the recordings are there', function () {
    if (!hasRecordings) this.skip();
    return withEmulator({}, async ({ serveRecorded }, client) => {
      const events = JSON.parse(recorded('events/account-update.2023-07.json')) as RecordedEvent[];
      serveRecorded('/data/RecordedChangeEvent', {
        schemas: [recorded('schemas/AccountChangeEvent.2023-07.avsc')],
        events,
      });
      const stream = client.open();
      stream.request({ topicName: '/data/RecordedChangeEvent', replayPreset: 1, numRequested: events.length });
      const received = (await stream.next()).events;
      expect(received.map(({ event, replayId }) => [event!.id, replayId.toString('base64')])).to.deep.equal(
        events.map(({ event, replayId }) => [event.id, replayId]),
      );
      const { header, data } = await decodeEvent(client, received[1]!);
      expect(header).to.deep.include({ changedFields: ['0x0400800000000000000000'], sequenceNumber: 2 });
      expect(data).to.deep.equal({ Some_Email__c: 'a345@mgmf.com', Some_Check_Box__c: false });
    });
  });
});

function visit(guest: string): RecordedEvent {
  const payload = parseSchema(SCHEMA).toBuffer({ Guest__c: guest }).toString('base64');
  return { event: { id: guest, schemaId: SCHEMA_ID, payload }, replayId: REPLAY_ID.toString('base64') };
}
