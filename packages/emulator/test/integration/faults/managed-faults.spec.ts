import { status } from '@grpc/grpc-js';
import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { TOPIC } from '../../support/live-stream.js';
import { accountSubscription, commit, openAccounts } from '../../support/managed.js';
import { ORDER_TOPIC, orderMaker } from '../../support/orders.js';
import { until } from '../../support/until.js';
import { withEmulator } from '../../support/with-emulator.js';

describe('failCommits', () => {
  it('lets the next commits fail, keeps what is committed, and lets the stream go on', () =>
    withEmulator({}, async (emulator, client) => {
      const { id } = accountSubscription(emulator);
      emulator.org.create('Account', { Name: 'a' });
      const stream = openAccounts(client);
      const { latestReplayId } = await stream.next();
      emulator.faults.failCommits({ times: 2, subscription: 'Accounts', details: 'Not now.' });
      for (const commitRequestId of ['1', '2']) {
        const answer = await commit(stream, latestReplayId, commitRequestId);
        expect(answer).to.deep.include({ commitRequestId, error: { code: 2, msg: 'Not now.' } });
      }
      expect(emulator.managedSubscriptions.committed(id)).to.equal(undefined);
      expect((await commit(stream, latestReplayId)).error).to.equal(null);
      expect(emulator.managedSubscriptions.committed(id)).to.equal(latestReplayId.toString('base64'));
    }));

  it('leaves other subscriptions, when one is named', () =>
    withEmulator({}, async (emulator, client) => {
      accountSubscription(emulator);
      const other = emulator.managedSubscriptions.create('Others', { topicName: TOPIC });
      emulator.faults.failCommits({ subscription: other.id });
      emulator.org.create('Account', { Name: 'a' });
      const stream = openAccounts(client);
      const { latestReplayId } = await stream.next();
      expect((await commit(stream, latestReplayId)).error).to.equal(null);
      const unlucky = client.openManaged().request({ developerName: 'Others', numRequested: 1 });
      await until(() => emulator.subscriptions().length === 2);
      expect((await commit(unlucky, latestReplayId)).error).to.include({ msg: 'A fault on command.' });
    }));

  it('throws a ConfigurationError, when its options are not valid', () =>
    withEmulator({}, ({ faults }) => {
      expect(() => faults.failCommits({ subscription: 'None' })).to.throw(
        ConfigurationError,
        'no managed subscription "None"',
      );
      expect(() => faults.failCommits({ times: 0 })).to.throw(
        ConfigurationError,
        'failCommits: times is 0, but must be',
      );
      expect(() => faults.failCommits({ topic: TOPIC } as never)).to.throw(ConfigurationError, 'no option "topic"');
      return Promise.resolve();
    }));
});

describe('A fault of streams, for a method', () => {
  it('reaches the streams of that method alone', () =>
    withEmulator({}, async (emulator, client) => {
      emulator.managedSubscriptions.create('Orders', { topicName: ORDER_TOPIC });
      const order = await orderMaker(client);
      const open = async () => {
        const subscribed = client.open().request({ topicName: ORDER_TOPIC, numRequested: 1 });
        const managed = client.openManaged().request({ developerName: 'Orders', numRequested: 1 });
        await until(() => emulator.subscriptions().filter(({ pending }) => pending === 1).length === 2);
        const publishing = client.openPublish().request({ topicName: ORDER_TOPIC, events: [order('a')] });
        await publishing.next();
        return { Subscribe: subscribed, ManagedSubscribe: managed, PublishStream: publishing } as const;
      };
      const error = { status: 'UNAVAILABLE' } as const;
      for (const method of ['Subscribe', 'ManagedSubscribe', 'PublishStream'] as const) {
        for (const [fault, code] of [
          [() => emulator.faults.dropStreams({ topic: ORDER_TOPIC, method }), status.INTERNAL],
          [() => emulator.faults.endStreams({ method }), status.OK],
          [() => emulator.faults.failStreams(error, { method }), status.UNAVAILABLE],
        ] as const) {
          const streams = await open();
          expect(fault()).to.equal(1);
          expect((await streams[method].status).code).to.equal(code);
          expect(emulator.subscriptions().length + emulator.publishStreams().length).to.equal(2);
          Object.values(streams).forEach(({ stream }) => stream.cancel());
          await until(() => emulator.subscriptions().length + emulator.publishStreams().length === 0);
        }
      }
    }));

  it('reaches all streams of a topic, when no method is named', () =>
    withEmulator({}, async (emulator, client) => {
      emulator.managedSubscriptions.create('Orders', { topicName: ORDER_TOPIC });
      accountSubscription(emulator);
      const order = await orderMaker(client);
      client.open().request({ topicName: ORDER_TOPIC, numRequested: 1 });
      client.openManaged().request({ developerName: 'Orders', numRequested: 1 });
      openAccounts(client);
      await client
        .openPublish()
        .request({ topicName: ORDER_TOPIC, events: [order('a')] })
        .next();
      await until(() => emulator.subscriptions().every(({ requested }) => requested > 0));
      expect(emulator.faults.endStreams({ topic: ORDER_TOPIC })).to.equal(3);
      expect(emulator.subscriptions().map(({ managed }) => managed)).to.deep.equal(['Accounts']);
    }));
});

describe('Other faults, for all streams', () => {
  it('end them, when the sessions are cut or the org is reset', () =>
    withEmulator({}, async (emulator, client) => {
      accountSubscription(emulator);
      for (const [fault, code] of [
        [() => emulator.faults.resetOrg(), status.OK],
        [() => emulator.faults.expireSessions({ cutExpired: true }), status.UNAUTHENTICATED],
      ] as const) {
        const streams = [openAccounts(client), client.openPublish()];
        await until(() => emulator.subscriptions().length + emulator.publishStreams().length === 2);
        fault();
        for (const stream of streams) {
          expect((await stream.status).code).to.equal(code);
        }
      }
    }));

  it('silence them and cut them, when connections are silenced and the server is stopped', () =>
    withEmulator({}, async (emulator, client) => {
      accountSubscription(emulator);
      const order = await orderMaker(client);
      const publishing = client.openPublish();
      const managed = openAccounts(client);
      await until(() => emulator.subscriptions().length + emulator.publishStreams().length === 2);
      emulator.faults.silence();
      expect([emulator.subscriptions(), emulator.publishStreams()]).to.deep.equal([[], []]);
      publishing.request({ topicName: ORDER_TOPIC, events: [order('a')] });
      client.openPublish().request({ topicName: ORDER_TOPIC, events: [order('b')] });
      client.openManaged().request({ developerName: 'Accounts', numRequested: 1 });
      await emulator.faults.stopServer();
      expect((await publishing.status).code).to.equal(status.UNAVAILABLE);
      expect((await managed.status).code).to.equal(status.UNAVAILABLE);
      expect(emulator.log(ORDER_TOPIC)).to.deep.equal([]);
    }));

  it('answer the next managed subscription with the error, when that is planned', () =>
    withEmulator({}, async (emulator, client) => {
      const { id } = accountSubscription(emulator);
      emulator.faults.answer({ status: 'UNAVAILABLE', method: 'ManagedSubscribe' });
      expect((await openAccounts(client).status).code).to.equal(status.UNAVAILABLE);
      expect(emulator.managedSubscriptions.isTaken(id)).to.equal(false);
      openAccounts(client);
      await until(() => emulator.managedSubscriptions.isTaken(id));
    }));
});
