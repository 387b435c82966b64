import { expect } from 'chai';
import { asyncScheduler, concatMap, firstValueFrom, from, lastValueFrom, of, throwError, toArray } from 'rxjs';
import { FakePublishService, ORDERS, publishingTo, USER } from '../../test/support/fake-publish-service.js';
import { ConfigurationError, ConnectionError, PublishError } from '../model/errors.js';
import type { Publishing } from './publishing.js';

const order = (name: string) => ({ id: name, data: { Name__c: name } });
const errorOf = (promise: Promise<unknown>) => promise.catch((thrown: unknown) => thrown);

/** A service, and what publishes to it. */
function made(): { readonly service: FakePublishService; readonly client: Publishing } {
  const service = new FakePublishService();
  return { service, client: publishingTo(service, asyncScheduler) };
}

describe('publishNow', () => {
  it('publishes one event at once, and resolves to where it is', async () => {
    const { service, client } = made();
    const published = client.publishNow(ORDERS, order('a'));
    expect(service.names()).to.deep.equal(['a']);
    const { id, topic, replayId } = await published;
    expect([id, topic, Buffer.from(replayId.toBytes()).toString()]).to.deep.equal(['a', ORDERS, 'at 1']);
    expect(service.names()).to.deep.equal(['a']);
  });

  it('rejects with the error of the event, when the service refuses it', async () => {
    const { service, client } = made();
    service.refuse = () => 'No such order.';
    const error = await errorOf(client.publishNow(ORDERS, order('a'), { createdById: USER }));
    expect(error).to.be.instanceOf(PublishError).and.include({ reason: 'refused', eventId: 'a' });
  });

  it('rejects with an unknown outcome, when the service answers without a result for it', async () => {
    const { service, client } = made();
    service.onCall = () => of({ results: [], schemaId: service.current.id, rpcId: 'rpc' });
    const error = await errorOf(client.publishNow(ORDERS, order('a')));
    expect(error).to.include({ reason: 'unknown', outcome: 'unknown', eventId: 'a', rpcId: 'rpc', retriable: true });
  });

  it('rejects with the error of the call, when nothing can be published', async () => {
    const { service, client } = made();
    const broken = new ConnectionError('The connection broke.', { retriable: false });
    service.onCall = () => throwError(() => broken);
    expect(await errorOf(client.publishNow(ORDERS, order('a')))).to.equal(broken);
  });

  for (const [what, call] of [
    ['the topic carries changes', (client: Publishing) => client.publishNow('Lead', order('a'))],
    ['options are null', (client: Publishing) => client.publishNow(ORDERS, order('a'), null as never)],
    ['it is given an array', (client: Publishing) => client.publishNow(ORDERS, [order('a')] as never)],
  ] as const) {
    it(`rejects with a ConfigurationError, and publishes nothing, when ${what}`, async () => {
      const { service, client } = made();
      expect(await errorOf(call(client))).to.be.instanceOf(ConfigurationError);
      expect(service.calls).to.be.empty;
    });
  }
});

describe('what publish() gives', () => {
  it('rejects when it is awaited, as nothing would be published, and says what to await', async () => {
    const { service, client } = made();
    const awaits = async () => await (client.publish(ORDERS, order('a')) as unknown as Promise<unknown>);
    const returns = async () => Promise.resolve(client.publish(ORDERS, order('a')));
    for (const wrong of [awaits, returns]) {
      const error = await errorOf(wrong());
      expect(error).to.be.instanceOf(ConfigurationError);
      expect((error as Error).message)
        .to.include('nothing was published')
        .and.include('publishNow(topic, event)');
    }
    expect(service.calls).to.be.empty;
  });

  it('is an Observable for RxJS, wherever it takes one', async () => {
    const { service, client } = made();
    const publish = (name: string) => client.publish(ORDERS, order(name));
    await firstValueFrom(publish('a'));
    await lastValueFrom(from(publish('b')));
    await lastValueFrom(of('c', 'd').pipe(concatMap(publish), toArray()));
    expect(service.names()).to.deep.equal(['a', 'b', 'c', 'd']);
    expect(Object.keys(publish('e'))).not.to.include('then');
  });
});
