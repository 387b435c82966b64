import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { startEmulator } from '../../src/index.js';
import { TOPIC } from '../support/live-stream.js';
import { ORDER_TOPIC, orderMaker } from '../support/orders.js';
import { RawClient, trailersOf } from '../support/raw-client.js';
import { until } from '../support/until.js';
import { withEmulator } from '../support/with-emulator.js';
import { withOwnTime } from '../support/with-own-time.js';

const PREFIX = 'sfdc.platform.eventbus.grpc.';

describe('PublishStream', () => {
  it('answers each request in order with a result for each event', () =>
    withEmulator({}, async (emulator, client) => {
      const order = await orderMaker(client);
      const stream = client.openPublish();
      stream.request({ topicName: ORDER_TOPIC, events: [order('a'), order('b')] });
      stream.request({ topicName: ORDER_TOPIC, events: [order('c')] });
      const responses = [await stream.next(), await stream.next()];
      const { schemaId } = order('a');
      expect(responses.map((response) => response.schemaId)).to.deep.equal([schemaId, schemaId]);
      expect(responses[0]!.rpcId)
        .to.equal(responses[1]!.rpcId)
        .and.to.match(/^[\da-f-]{36}$/);
      const results = responses.map(({ results }) => results).flat();
      expect(results.map(({ correlationKey, error }) => [correlationKey, error])).to.deep.equal([
        ['a', null],
        ['b', null],
        ['c', null],
      ]);
      expect(results.map(({ replayId }) => replayId.toString('base64'))).to.deep.equal(
        emulator.log(ORDER_TOPIC).map(({ replayId }) => replayId),
      );
      stream.stream.end();
      expect(await stream.status).to.include({ code: status.OK });
    }));

  it('delivers what was published with its headers, when somebody subscribes', () =>
    withEmulator({}, async (_emulator, client) => {
      const order = await orderMaker(client);
      const headers = [{ key: 'trace', value: Buffer.from('0102', 'hex') }];
      const subscriber = client.open().request({ topicName: ORDER_TOPIC, replayPreset: 1, numRequested: 2 });
      client.openPublish().request({ topicName: ORDER_TOPIC, events: [{ ...order('a'), headers }, order('b')] });
      const events = (await subscriber.events(2)).flatMap((response) => response.events);
      expect(events.map(({ event }) => event)).to.deep.equal([
        { ...order('a'), headers },
        { ...order('b'), headers: [] },
      ]);
    }));

  it('keeps to its first topic, when a later request has none', () =>
    withEmulator({}, async (emulator, client) => {
      const order = await orderMaker(client);
      const stream = client.openPublish().request({ topicName: ORDER_TOPIC, events: [order('a')] });
      stream.request({ events: [order('b')] });
      await stream.next();
      expect((await stream.next()).results.map(({ correlationKey }) => correlationKey)).to.deep.equal(['b']);
      expect(emulator.publishStreams()).to.deep.equal([{ topic: ORDER_TOPIC, requests: 2, events: 2 }]);
    }));

  it('lets an event fail alone, when it is larger than 1 MB', () =>
    withEmulator({}, async (emulator, client) => {
      const order = await orderMaker(client);
      const large = { ...order('large'), payload: Buffer.alloc(1024 * 1024 + 1) };
      const stream = client.openPublish();
      const { results } = await stream
        .request({ topicName: ORDER_TOPIC, events: [order('a'), large, order('b')] })
        .next();
      expect(results.map(({ correlationKey, error }) => [correlationKey, error?.msg ?? ''])).to.deep.equal([
        ['a', ''],
        ['large', 'The event is larger than 1 MB.'],
        ['b', ''],
      ]);
      expect(emulator.log(ORDER_TOPIC).map(({ id }) => id)).to.deep.equal(['a', 'b']);
      stream.request({ topicName: ORDER_TOPIC, events: [order('c')] });
      expect((await stream.next()).results).to.have.length(1);
    }));

  it('answers what came before, and then ends with the error, when a request is refused', () =>
    withEmulator({}, async (emulator, client) => {
      const order = await orderMaker(client);
      const events = [order('a')];
      const large = Array.from({ length: 5 }, () => ({ ...order('b'), payload: Buffer.alloc(1024 * 1024) }));
      const refused = [
        [{ topicName: '/event/None__e', events }, status.INVALID_ARGUMENT, `${PREFIX}publish.topic.mismatch`],
        [{ topicName: ORDER_TOPIC, events: [] }, status.INVALID_ARGUMENT, `${PREFIX}publish.event.count.invalid`],
        [{ topicName: ORDER_TOPIC, events: large }, status.UNAVAILABLE, undefined],
      ] as const;
      for (const [request, code, errorCode] of refused) {
        const stream = client.openPublish().request({ topicName: ORDER_TOPIC, events }).request(request);
        expect((await stream.next()).results).to.have.length(1);
        const ended = await stream.status;
        expect([ended.code, trailersOf(ended)['error-code']]).to.deep.equal([code, errorCode]);
      }
      expect(emulator.log(ORDER_TOPIC)).to.have.length(refused.length);
      await until(() => emulator.publishStreams().length === 0);
    }));

  it('ends with the error, when its first request is refused', () =>
    withEmulator({}, async (_emulator, client) => {
      const order = await orderMaker(client);
      const refused = [
        ['', status.INVALID_ARGUMENT, 'publish.topic.validation.empty'],
        ['/event/None__e', status.PERMISSION_DENIED, 'topic.not.found'],
        [TOPIC, status.PERMISSION_DENIED, 'publish.topic.cannot.publish'],
      ] as const;
      for (const [topicName, code, errorCode] of refused) {
        const ended = await client.openPublish().request({ topicName, events: [order('a')] }).status;
        expect([ended.code, trailersOf(ended)['error-code']]).to.deep.equal([code, PREFIX + errorCode]);
      }
    }));

  it('ends with UNAUTHENTICATED, when the session is not valid', () =>
    withEmulator({}, async (emulator) => {
      const stranger = new RawClient(emulator, { accesstoken: 'none' });
      const ended = await stranger.openPublish().status;
      expect(ended.code).to.equal(status.UNAUTHENTICATED);
      stranger.close();
    }));

  it('is closed with CANCELLED, when no request comes in time', () =>
    withEmulator({ publishIdleMs: 30 }, async (emulator, client) => {
      const order = await orderMaker(client);
      const silent = client.openPublish();
      expect(await silent.status).to.include({ code: status.CANCELLED });
      const stream = client.openPublish().request({ topicName: ORDER_TOPIC, events: [order('a')] });
      await stream.next();
      const ended = await stream.status;
      expect(ended.code).to.equal(status.CANCELLED);
      expect(trailersOf(ended)['error-code']).to.equal(`${PREFIX}publish.stream.sweeper.timeout`);
      expect(ended.details).to.contain('during the timeout period of 0.03 seconds');
      expect(emulator.publishStreams()).to.deep.equal([]);
    }));

  it('stays open, when requests come in time, longer than a stream without any', () =>
    withOwnTime({ publishIdleMs: 300 }, async (emulator, client, pass) => {
      const order = await orderMaker(client);
      const stream = client.openPublish().request({ topicName: ORDER_TOPIC, events: [order('a')] });
      await stream.next();
      const silent = client.openPublish();
      await until(() => emulator.publishStreams().length === 2);
      pass(299);
      await stream.request({ events: [order('a')] }).next();
      expect(emulator.publishStreams()).to.have.length(2);
      pass(299);
      expect(emulator.publishStreams()).to.have.length(1);
      await stream.request({ events: [order('b')] }).next();
      expect(await silent.status).to.include({ code: status.CANCELLED });
    }));

  it('is not in the list of streams any more, when the client cancels it', () =>
    withEmulator({}, async (emulator, client) => {
      const order = await orderMaker(client);
      const stream = client.openPublish().request({ topicName: ORDER_TOPIC, events: [order('a')] });
      await until(() => emulator.publishStreams().length === 1);
      stream.stream.cancel();
      await until(() => emulator.publishStreams().length === 0);
    }));

  it('ends with UNAVAILABLE, when the emulator stops', async () => {
    const emulator = await startEmulator({ tls: false });
    const client = new RawClient(emulator);
    const stream = client.openPublish();
    await until(() => emulator.publishStreams().length === 1);
    await emulator.stop();
    expect(await stream.status).to.include({ code: status.UNAVAILABLE });
    client.close();
  });
});
