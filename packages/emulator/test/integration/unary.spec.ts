import { status } from '@grpc/grpc-js';
import { parseSchema, schemaIdOf, type WireSchemaInfo, type WireTopicInfo } from '@rxforce/core/codec';
import { expect } from 'chai';
import type { WirePublishResponse } from '@rxforce/core/internal';
import { type RawClient, trailersOf } from '../support/raw-client.js';
import { withEmulator } from '../support/with-emulator.js';

const PREFIX = 'sfdc.platform.eventbus.grpc.';
const EVENT_TOPIC = '/event/Order_Event__e';

describe('GetTopic', () => {
  it('names the schema, when the topic carries one object', () =>
    withEmulator({}, async ({ org }, client) => {
      for (const { topic, schemaId } of org.entities()) {
        const info = await client.call<WireTopicInfo>('GetTopic', { topicName: topic });
        expect(info).to.include({ topicName: topic, schemaId, canSubscribe: true, canPublish: false });
      }
    }));

  it('names no schema, when the topic carries all objects', () =>
    withEmulator({}, async (_emulator, client) => {
      const info = await client.call<WireTopicInfo>('GetTopic', { topicName: '/data/ChangeEvents' });
      expect(info).to.include({ schemaId: '', canSubscribe: true });
      expect(info.tenantGuid).to.not.be.empty;
      expect(info.rpcId).to.not.be.empty;
    }));

  it('answers INVALID_ARGUMENT, when the topic has no name', () =>
    withEmulator({}, async (_emulator, client) => {
      const error = await client.fail('GetTopic', { topicName: '' });
      expect(error.code).to.equal(status.INVALID_ARGUMENT);
      expect(trailersOf(error)['error-code']).to.equal(`${PREFIX}topic.validation.empty`);
    }));

  it('answers PERMISSION_DENIED, when the topic does not exist', () =>
    withEmulator({}, async (_emulator, client) => {
      const error = await client.fail('GetTopic', { topicName: '/data/accountChangeEvent' });
      expect(error.code).to.equal(status.PERMISSION_DENIED);
      expect(error.details).to.match(new RegExp(`rpcId: ${trailersOf(error)['rpc-id']!}$`));
    }));
});

describe('Any call', () => {
  it('answers a message of some length only and goes on, when it is refused for a name of any length', () =>
    withEmulator({}, async (_emulator, client) => {
      for (const topicName of ['x'.repeat(100_000), '😀'.repeat(1000), `x${'😀'.repeat(1000)}`]) {
        const error = await client.fail('GetTopic', { topicName });
        expect(error.code).to.equal(status.PERMISSION_DENIED);
        expect(error.details)
          .to.have.length.below(1100)
          .and.match(new RegExp(`rpcId: ${trailersOf(error)['rpc-id']!}$`));
      }
      await client.call('GetTopic', { topicName: EVENT_TOPIC });
    }));
});

describe('GetSchema', () => {
  it('answers a schema that its id is made from, when it is known', () =>
    withEmulator({}, async ({ org }, client) => {
      for (const { schemaId } of org.entities()) {
        const { schemaJson } = await client.call<WireSchemaInfo>('GetSchema', { schemaId });
        expect(schemaIdOf(parseSchema(schemaJson))).to.equal(schemaId);
      }
    }));

  it('answers INVALID_ARGUMENT, when the id is empty', () =>
    withEmulator({}, async (_emulator, client) => {
      const error = await client.fail('GetSchema', { schemaId: '' });
      expect(error.code).to.equal(status.INVALID_ARGUMENT);
      expect(trailersOf(error)).to.include({ type: 'GetSchema' });
      expect(error.details).to.match(/^Schema validation failed\. The schema ID can't be blank\. rpcId: /);
    }));

  it('answers NOT_FOUND, when the id is unknown', () =>
    withEmulator({}, async (_emulator, client) => {
      const error = await client.fail('GetSchema', { schemaId: 'none' });
      expect(error.code).to.equal(status.NOT_FOUND);
      expect(trailersOf(error)['error-code']).to.equal(`${PREFIX}schema.not.found`);
    }));
});

describe('Publish', () => {
  it('delivers the event under its own id, when a subscriber waits', () =>
    withEmulator({}, async (_emulator, client) => {
      const { schemaId, payload } = await orderEvent(client, 'O-1');
      const request = { topicName: EVENT_TOPIC, events: [{ id: 'mine', schemaId, payload }] };
      const response = await client.call<WirePublishResponse>('Publish', request);
      expect(response).to.include({ schemaId });
      expect(response.results).to.have.length(1);
      expect(response.results[0]).to.include({ correlationKey: 'mine', error: null });

      const stream = client.open().request({ topicName: EVENT_TOPIC, replayPreset: 1, numRequested: 1 });
      const [event] = (await stream.next()).events;
      expect(event!.event).to.deep.include({ id: 'mine', schemaId, payload });
      expect(event!.replayId).to.deep.equal(response.results[0]!.replayId);
    }));

  it('takes the order event of the quick starts, which have a number, a city and an amount', () =>
    withEmulator({}, async (_emulator, client) => {
      const { schemaId } = await client.call<WireTopicInfo>('GetTopic', { topicName: EVENT_TOPIC });
      const schema = parseSchema((await client.call<WireSchemaInfo>('GetSchema', { schemaId })).schemaJson);
      const order = { CreatedDate: 1_700_000_000_000, CreatedById: '005Hs0000000001AAA' };
      const fields = { Order_Number__c: '100', City__c: 'Oslo', Amount__c: 12.5 };
      const events = [{ schemaId, payload: schema.toBuffer({ ...order, ...fields }) }];
      await client.call('Publish', { topicName: EVENT_TOPIC, events });
      const stream = client.open().request({ topicName: EVENT_TOPIC, replayPreset: 1, numRequested: 1 });
      const [event] = (await stream.next()).events;
      expect(schema.fromBuffer(event!.event!.payload)).to.include({ ...order, ...fields });
    }));

  it('makes an id, when the event has none', () =>
    withEmulator({}, async (_emulator, client) => {
      const event = await orderEvent(client, 'O-1');
      const response = await client.call<WirePublishResponse>('Publish', { topicName: EVENT_TOPIC, events: [event] });
      expect(response.results[0]!.correlationKey).to.match(
        /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
      );
    }));

  it('publishes the others, when some of the events cannot be', () =>
    withEmulator({}, async (_emulator, client) => {
      const good = await orderEvent(client, 'O-1');
      const events = [
        { ...good, id: 'good' },
        { ...good, id: 'truncated', payload: good.payload.subarray(0, -1) },
        { ...good, id: 'foreign', schemaId: 'none' },
        { ...good, id: 'large', payload: Buffer.alloc(1024 * 1024 + 1) },
        { ...good, id: 'good too' },
      ];
      const { results } = await client.call<WirePublishResponse>('Publish', { topicName: EVENT_TOPIC, events });
      expect(results.map(({ correlationKey, error }) => [correlationKey, error?.code ?? 0])).to.deep.equal([
        ['good', 0],
        ['truncated', 1],
        ['foreign', 1],
        ['large', 1],
        ['good too', 0],
      ]);
      expect(results[3]!.error!.msg).to.contain('1 MB');
      const stream = client.open().request({ topicName: EVENT_TOPIC, replayPreset: 1, numRequested: 5 });
      expect((await stream.next()).events.map(({ event }) => event!.id)).to.deep.equal(['good', 'good too']);
    }));

  it('answers PERMISSION_DENIED, when the topic carries change events', () =>
    withEmulator({}, async (_emulator, client) => {
      const request = { topicName: '/data/AccountChangeEvent', events: [await orderEvent(client, 'O-1')] };
      expect(await client.fail('Publish', request)).to.include({ code: status.PERMISSION_DENIED });
    }));

  it('answers PERMISSION_DENIED, when the topic does not exist', () =>
    withEmulator({}, async (_emulator, client) => {
      const request = { topicName: '/event/None__e', events: [await orderEvent(client, 'O-1')] };
      expect(await client.fail('Publish', request)).to.include({ code: status.PERMISSION_DENIED });
    }));

  it('answers INVALID_ARGUMENT, when there are no events', () =>
    withEmulator({}, async (_emulator, client) => {
      const error = await client.fail('Publish', { topicName: EVENT_TOPIC, events: [] });
      expect(error.code).to.equal(status.INVALID_ARGUMENT);
      expect(trailersOf(error)['error-code']).to.equal(`${PREFIX}publish.event.count.invalid`);
    }));

  it('answers UNAVAILABLE as a proxy does, in its documented words, when the request is larger than 4 MB', () =>
    withEmulator({}, async (_emulator, client) => {
      const { schemaId } = await orderEvent(client, 'O-1');
      const events = Array.from({ length: 5 }, () => ({ schemaId, payload: Buffer.alloc(1024 * 1024) }));
      const error = await client.fail('Publish', { topicName: EVENT_TOPIC, events });
      expect(error.code).to.equal(status.UNAVAILABLE);
      expect(error.details).to.equal(
        'upstream connect error or disconnect/reset before headers. reset reason: remote reset',
      );
      expect(trailersOf(error)).to.not.have.property('error-code');
    }));
});

async function orderEvent(client: RawClient, number: string): Promise<{ schemaId: string; payload: Buffer }> {
  const { schemaId } = await client.call<WireTopicInfo>('GetTopic', { topicName: EVENT_TOPIC });
  const { schemaJson } = await client.call<WireSchemaInfo>('GetSchema', { schemaId });
  const event = { CreatedDate: 1_700_000_000_000, CreatedById: '005Hs0000000001AAA', Order_Number__c: number };
  return { schemaId, payload: parseSchema(schemaJson).toBuffer(event) };
}
