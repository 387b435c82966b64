import { expect } from 'chai';
import { Calls, FOREIGN_LOGINS, withForeignClient } from '../support/foreign-client.js';
import { ORDER_TOPIC } from '../support/orders.js';
import { until } from '../support/until.js';

const LOGIN = FOREIGN_LOGINS['the client credentials flow'];

describe('salesforce-pubsub-api-client, unchanged, publishing', () => {
  it('publishes one platform event, and gets its replay id and its key', () =>
    withForeignClient(LOGIN, async (client, emulator) => {
      const { replayId, correlationKey } = await client.publish(ORDER_TOPIC, order('O-1'), 'key-1');
      expect(correlationKey).to.equal('key-1');
      const [logged] = emulator.log(ORDER_TOPIC);
      expect(logged!.id).to.equal('key-1');
      expect(replayId).to.equal(Number(Buffer.from(logged!.replayId, 'base64').readBigUInt64BE()));
    }));

  it('publishes batches on one stream, which its subscriber gets', () =>
    withForeignClient(LOGIN, async (client, emulator) => {
      const received = new Calls();
      client.subscribe(ORDER_TOPIC, received.callback, 4);
      await until(() => emulator.subscriptions()[0]?.pending === 4);
      const published = new Calls();
      await client.publishBatch(ORDER_TOPIC, batch(['O-1', 'O-2', 'O-3']), published.callback);
      await published.until('publishResponse');
      await client.publishBatch(ORDER_TOPIC, batch(['O-4']), published.callback);
      await published.until('publishResponse', 2);
      expect(emulator.publishStreams()).to.deep.equal([{ topic: ORDER_TOPIC, requests: 2, events: 4 }]);

      const { schemaId, results } = published.last.get('publishResponse') as PublishResponse;
      expect(schemaId).to.be.a('string');
      expect(results.map(({ correlationKey }) => correlationKey)).to.deep.equal(['O-4']);
      await received.until('lastEvent');
      expect(received.events.map(({ id, payload }) => [id, payload.Order_Number__c])).to.deep.equal(
        ['O-1', 'O-2', 'O-3', 'O-4'].map((number) => [number, number]),
      );
      expect(received.events[3]!.replayId).to.equal(results[0]!.replayId);
    }));

  it('is called back with the error, when its publish stream is left without requests', () =>
    withForeignClient(
      LOGIN,
      async (client) => {
        const calls = new Calls();
        await client.publishBatch(ORDER_TOPIC, batch(['O-1']), calls.callback);
        await calls.until('grpcStatus');
        expect(calls.types[0]).to.equal('publishResponse');
        expect(calls.last.get('error')).to.include({ code: 1 });
        expect(calls.last.get('error')).to.have.property('message').that.contains('The publish stream timed out');
      },
      // Its request may take its time to come.
      { publishIdleMs: 1_000 },
    ));

  it('rejects, when the topic cannot be published to', () =>
    withForeignClient(LOGIN, async (client) => {
      const rejected = await client.publish('/event/None__e', order('O-1')).catch((error: unknown) => error);
      expect((rejected as Error).cause).to.include({ code: 7 });
    }));
});

interface PublishResponse {
  readonly schemaId: string;
  readonly results: readonly { readonly replayId: number; readonly correlationKey: string }[];
}

/** In the form that its README shows: the branch of each union is named. */
function order(number: string): object {
  return {
    CreatedDate: new Date().getTime(),
    CreatedById: '005Hs0000000001AAA',
    Order_Number__c: { string: number },
    Status__c: null,
    Amount__c: { double: 12.5 },
    Has_Shipped__c: { boolean: true },
    Ordered_At__c: null,
    Comment__c: null,
  };
}

function batch(numbers: readonly string[]): never[] {
  return numbers.map((number) => ({ id: number, payload: order(number) }) as never);
}
