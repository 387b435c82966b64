import { connectivityState } from '@grpc/grpc-js';
import { expect } from 'chai';
import { Calls, FOREIGN_LOGINS, foreignClient, withForeignClient } from '../support/foreign-client.js';
import { until } from '../support/until.js';

const TOPIC = '/data/AccountChangeEvent';
const LOGIN = FOREIGN_LOGINS['the username and password flow'];

describe('salesforce-pubsub-api-client, unchanged, subscribing', () => {
  for (const [name, login] of Object.entries(FOREIGN_LOGINS)) {
    it(`runs its quick start, when it logs in by ${name}`, () =>
      withForeignClient(
        login,
        async (client, emulator) => {
          const { org } = emulator;
          const calls = new Calls();
          client.subscribe(TOPIC, calls.callback, 3);
          await until(() => emulator.subscriptions()[0]?.pending === 3);
          expect(await client.getConnectivityState()).to.equal(connectivityState.READY);
          const id = org.create('Account', { Name: 'Abel Pumps', BillingAddress: { City: 'Oslo', Country: 'Norway' } });
          org.update('Account', id, { Industry: 'Energy', BillingAddress: { City: 'Lyon' } });
          org.update('Account', id, { Industry: null });
          await calls.until('grpcStatus');

          // The end comes by the server, since nothing more is asked for.
          expect(calls.types.slice(0, 4)).to.deep.equal(['event', 'event', 'event', 'lastEvent']);
          expect(calls.types.slice(4)).to.have.members(['end', 'grpcStatus']);
          expect(calls.last.get('grpcStatus')).to.include({ code: 0 });
          expect(calls.info).to.include({ isManaged: false, topicName: TOPIC });
          expect(calls.info).to.include({ requestedEventCount: 3, receivedEventCount: 3 });
          const [created, updated, nulled] = calls.events.map(({ payload }) => payload);
          expect(created!.ChangeEventHeader).to.include({ entityName: 'Account', changeType: 'CREATE' });
          expect(created!.ChangeEventHeader.recordIds).to.deep.equal([id]);
          expect(created!.Name).to.deep.equal('Abel Pumps');
          const { changedFields } = updated!.ChangeEventHeader;
          expect(changedFields).to.deep.equal(['Industry', 'LastModifiedDate', 'BillingAddress.City']);
          expect(updated!.Industry).to.equal('Energy');
          expect(nulled!.ChangeEventHeader.nulledFields).to.deep.equal(['Industry']);
          expect(nulled!.ChangeEventHeader.commitNumber).to.be.a('bigint');
        },
        { idleCloseMs: 200 },
      ));
  }

  it('goes on behind an event, when it subscribes from its replay id', () =>
    withForeignClient(
      LOGIN,
      async (client, { org }) => {
        const ids = org.create('Account', [{ Name: 'a' }, { Name: 'b' }, { Name: 'c' }]);
        const first = new Calls();
        client.subscribeFromEarliestEvent(TOPIC, first.callback, 1);
        await first.until('end');
        expect(recordsOf(first)).to.deep.equal([ids[0]]);
        const rest = new Calls();
        client.subscribeFromReplayId(TOPIC, rest.callback, 2, first.events[0]!.replayId);
        await rest.until('end');
        expect(recordsOf(rest)).to.deep.equal(ids.slice(1));
      },
      { idleCloseMs: 200 },
    ));

  it('is called back with the error, when its replay id is not valid', () =>
    withForeignClient(LOGIN, async (client) => {
      const calls = new Calls();
      client.subscribeFromReplayId(TOPIC, calls.callback, 1, 17_092_989_999);
      await calls.until('grpcStatus');
      expect(calls.last.get('error')).to.include({ code: 3 });
      const metadata = (calls.last.get('error') as { metadata: { get(key: string): unknown[] } }).metadata;
      expect(metadata.get('error-code')).to.deep.equal([
        'sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted',
      ]);
    }));

  it('controls the flow by batches, when it requests additional events at the last one', () =>
    withForeignClient(LOGIN, async (client, emulator) => {
      const ids = emulator.org.create(
        'Account',
        Array.from({ length: 25 }, (_, index) => ({ Name: `a${index}` })),
      );
      const calls = new Calls((type) => {
        if (type === 'lastEvent') client.requestAdditionalEvents(TOPIC, 10);
      });
      client.subscribeFromEarliestEvent(TOPIC, calls.callback, 10);
      await calls.until('event', 25);
      expect(recordsOf(calls)).to.deep.equal(ids);
      expect(calls.types.filter((type) => type === 'lastEvent')).to.have.length(2);
      expect(emulator.subscriptions()[0]).to.include({ pending: 5, maxPending: 10 });
    }));

  it('asks for more by itself, when it subscribes without a number', () =>
    withForeignClient(LOGIN, async (client, emulator) => {
      const ids = emulator.org.create(
        'Account',
        Array.from({ length: 250 }, (_, index) => ({ Name: `a${index}` })),
      );
      const calls = new Calls();
      client.subscribeFromEarliestEvent(TOPIC, calls.callback);
      await calls.until('event', 250);
      expect(recordsOf(calls)).to.deep.equal(ids);
      expect(calls.types).to.not.include('lastEvent');
      await until(() => emulator.subscriptions()[0]?.pending === 50);
    }));

  it('subscribes to a custom channel with enriched fields, and to all changes', () =>
    withForeignClient(LOGIN, async (client, emulator) => {
      const { org } = emulator;
      const { topic } = org.createChannel('Sales__chn', {
        members: [{ entity: 'Account', enrichedFields: ['Industry'] }, { entity: 'Lead' }],
      });
      const channel = new Calls();
      const all = new Calls();
      client.subscribe(topic, channel.callback);
      client.subscribe('/data/ChangeEvents', all.callback);
      await until(() => emulator.subscriptions().filter(({ pending }) => pending === 100).length === 2);
      const id = org.create('Account', { Name: 'Abel Pumps', Industry: 'Energy' });
      org.create('Lead', { Name: { LastName: 'Abel' } });
      org.create('Contact', { Name: { LastName: 'Abel' } });
      org.update('Account', id, { Name: 'Abel' });
      await all.until('event', 4);
      await channel.until('event', 3);
      const enriched = channel.events[2]!.payload;
      expect(enriched.ChangeEventHeader).to.deep.include({ entityName: 'Account', recordIds: [id] });
      expect(enriched.Industry).to.equal('Energy');
      expect(enriched.ChangeEventHeader.changedFields).to.not.include('Industry');
      expect(channel.events.map(({ payload }) => payload.ChangeEventHeader.entityName)).to.deep.equal([
        'Account',
        'Lead',
        'Account',
      ]);
    }));

  it('is called back with keepalives, while nothing happens', () =>
    withForeignClient(
      LOGIN,
      async (client) => {
        const calls = new Calls();
        client.subscribe(TOPIC, calls.callback);
        await calls.until('grpcKeepAlive', 2);
        expect(calls.info!.lastReplayId).to.be.a('number');
      },
      { keepaliveMs: 20 },
    ));

  it('is called back with a parse error that has the replay id, when a payload is not sound', () =>
    withForeignClient(LOGIN, async (client, emulator) => {
      emulator.faults.corruptPayload({ topic: TOPIC });
      emulator.org.create('Account', { Name: 'a' });
      emulator.org.create('Account', { Name: 'b' });
      const calls = new Calls();
      client.subscribeFromEarliestEvent(TOPIC, calls.callback, 2);
      await calls.until('event');
      expect(calls.types[0]).to.equal('error');
      const { replayId, message } = calls.last.get('error') as { replayId: number; message: string };
      const [spoilt] = emulator.log(TOPIC);
      expect(replayId).to.equal(Number(Buffer.from(spoilt!.replayId, 'base64').readBigUInt64BE()));
      expect(message).to.contain('Failed to parse event with replay ID');
    }));

  it('is called back with the error of the stream, when one comes', () =>
    withForeignClient(LOGIN, async (client, emulator) => {
      const calls = new Calls();
      client.subscribe(TOPIC, calls.callback, 3);
      await until(() => emulator.subscriptions()[0]?.pending === 3);
      emulator.faults.failStreams({ status: 'INTERNAL', errorCode: 'service.unavailable' });
      await calls.until('grpcStatus');
      expect(calls.types).to.include('error');
      expect(calls.last.get('grpcStatus')).to.include({ code: 13 });
    }));

  it('is refused, when the password is wrong', () =>
    withForeignClient(LOGIN, async (_client, emulator) => {
      const wrong = foreignClient(emulator, (each) => ({ ...LOGIN(each), password: 'wrong' }));
      const refused = await wrong.connect().catch((error: unknown) => error);
      expect(refused).to.be.an('error').with.property('message', 'Failed to authenticate with Salesforce');
      expect((refused as Error).cause)
        .to.have.property('message')
        .that.contains('INVALID_LOGIN');
    }));
});

function recordsOf({ events }: Calls): string[] {
  return events.flatMap(({ payload }) => payload.ChangeEventHeader.recordIds);
}
