import { status } from '@grpc/grpc-js';
import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { ORDER_TOPIC, orderMaker } from '../../support/orders.js';
import { trailersOf } from '../../support/raw-client.js';
import type { WirePublishResponse } from '@rxforce/core/internal';
import { withEmulator } from '../../support/with-emulator.js';

const RST_STREAM = {
  code: status.INTERNAL,
  details: 'Received RST_STREAM with code 2 (Internal server error)',
};

describe('losePublishes', () => {
  it('performs the publish and resets the stream, for a publish stream', () =>
    withEmulator({}, async (emulator, client) => {
      const order = await orderMaker(client);
      emulator.faults.losePublishes();
      const lost = client.openPublish().request({ topicName: ORDER_TOPIC, events: [order('a')] });
      expect(await lost.status).to.include(RST_STREAM);
      const again = client.openPublish().request({ topicName: ORDER_TOPIC, events: [order('a')] });
      expect((await again.next()).results).to.have.length(1);
      expect(emulator.log(ORDER_TOPIC).map(({ id }) => id)).to.deep.equal(['a', 'a']);
    }));

  it('performs the publish and resets the stream, for single publishes', async () => {
    for (const responseDelayMs of [0, 5]) {
      await withEmulator({ responseDelayMs }, async (emulator, client) => {
        const order = await orderMaker(client);
        const request = { topicName: ORDER_TOPIC, events: [order('a')] };
        emulator.faults.losePublishes({ times: 2 });
        expect(await client.fail('Publish', request)).to.include({ ...RST_STREAM, details: RST_STREAM.details });
        expect(await client.fail('Publish', request)).to.include({ code: status.INTERNAL });
        await client.call('Publish', request);
        expect(emulator.log(ORDER_TOPIC)).to.have.length(3);
      });
    }
  });

  it('leaves the others, when a method is named', () =>
    withEmulator({}, async (emulator, client) => {
      const order = await orderMaker(client);
      const request = { topicName: ORDER_TOPIC, events: [order('a')] };
      emulator.faults.losePublishes({ method: 'PublishStream', topic: ORDER_TOPIC });
      await client.call('Publish', request);
      expect(await client.openPublish().request(request).status).to.include(RST_STREAM);
    }));
});

describe('failEvents', () => {
  it('lets the next events fail alone, for publishes of either method', () =>
    withEmulator({}, async (emulator, client) => {
      const order = await orderMaker(client);
      emulator.faults.failEvents({ times: 2, topic: ORDER_TOPIC, details: 'Not now.' });
      emulator.faults.failEvents();
      const events = [order('a'), order('b'), order('c'), order('d')];
      const response = await client
        .openPublish()
        .request({ topicName: ORDER_TOPIC, events: events.slice(0, 2) })
        .next();
      const { results } = await client.call<WirePublishResponse>('Publish', {
        topicName: ORDER_TOPIC,
        events: events.slice(2),
      });
      const all = [...response.results, ...results];
      expect(all.map(({ correlationKey, error }) => [correlationKey, error?.msg ?? ''])).to.deep.equal([
        ['a', 'Not now.'],
        ['b', 'Not now.'],
        ['c', 'A fault on command.'],
        ['d', ''],
      ]);
      expect(all[0]!.replayId).to.have.length(0);
      expect(emulator.log(ORDER_TOPIC).map(({ id }) => id)).to.deep.equal(['d']);
    }));
});

describe('answer, for publishing', () => {
  it('ends the next publish stream with the error, after which others are served', () =>
    withEmulator({}, async (emulator, client) => {
      const order = await orderMaker(client);
      emulator.faults.answer({
        status: 'RESOURCE_EXHAUSTED',
        errorCode: 'service.protection.triggered',
        method: 'PublishStream',
      });
      const request = { topicName: ORDER_TOPIC, events: [order('a')] };
      await client.call('Publish', request);
      const ended = await client.openPublish().request(request).status;
      expect(ended).to.include({ code: status.RESOURCE_EXHAUSTED });
      expect(trailersOf(ended)['error-code']).to.equal('sfdc.platform.eventbus.grpc.service.protection.triggered');
      expect((await client.openPublish().request(request).next()).results).to.have.length(1);
      expect(emulator.log(ORDER_TOPIC)).to.have.length(2);
    }));
});

describe('A fault of publishing', () => {
  it('throws a ConfigurationError and does nothing, when its options are not valid', () =>
    withEmulator({}, async ({ faults }, client) => {
      const order = await orderMaker(client);
      const wrong: readonly (readonly [() => unknown, string])[] = [
        [() => faults.losePublishes({ topic: '/event/None__e' }), 'no topic "/event/None__e"'],
        [() => faults.losePublishes({ method: 'Subscribe' as never }), 'one of Publish, PublishStream'],
        [() => faults.losePublishes({ times: 0 }), 'losePublishes: times is 0, but must be a whole number at least 1'],
        [() => faults.failEvents({ topic: '/event/None__e' }), 'no topic "/event/None__e"'],
        [() => faults.failEvents({ times: 1.5 }), 'failEvents: times is 1.5, but must be a whole number at least 1'],
        [() => faults.failEvents({ details: 1 as never }), 'failEvents: details takes a string'],
        [() => faults.failEvents({ method: 'Publish' } as never), 'failEvents has no option "method"'],
      ];
      for (const [order, message] of wrong) {
        expect(order).to.throw(ConfigurationError, message);
      }
      const request = { topicName: ORDER_TOPIC, events: [order('a')] };
      const { results } = await client.call<WirePublishResponse>('Publish', request);
      expect(results[0]!.error).to.equal(null);
    }));
});
