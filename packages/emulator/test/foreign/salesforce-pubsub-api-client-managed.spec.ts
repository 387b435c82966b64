import { expect } from 'chai';
import { Calls, FOREIGN_LOGINS, foreignClient, withForeignClient } from '../support/foreign-client.js';
import { accountSubscription } from '../support/managed.js';
import { until } from '../support/until.js';

const LOGIN = FOREIGN_LOGINS['the JWT bearer flow'];

describe('salesforce-pubsub-api-client, unchanged, with managed subscriptions', () => {
  for (const name of ['developer name', 'id'] as const) {
    it(`receives, commits and requests more, when it names the subscription by its ${name}`, () =>
      withForeignClient(LOGIN, async (client, emulator) => {
        const { id } = accountSubscription(emulator);
        const records = emulator.org.create(
          'Account',
          Array.from({ length: 7 }, (_, index) => ({ Name: `a${index}` })),
        );
        const committed: string[] = [];
        const calls = new Calls((type, { info }) => {
          if (type === 'lastEvent') {
            committed.push(client.commitReplayId(info!.subscriptionId!, info!.lastReplayId!));
            client.requestAdditionalManagedEvents(info!.subscriptionId!, 3);
          }
        });
        await client.subscribeWithManagedSubscription(name === 'id' ? id : 'Accounts', calls.callback, 3);
        await calls.until('event', 7);

        expect(calls.events.flatMap(({ payload }) => payload.ChangeEventHeader.recordIds)).to.deep.equal(records);
        expect(calls.info).to.include({ isManaged: true, subscriptionId: id, subscriptionName: 'Accounts' });
        await until(() => emulator.managedSubscriptions.commits(id).length === 2);
        const commits = emulator.managedSubscriptions.commits(id);
        expect(commits.map(({ commitRequestId }) => commitRequestId)).to.deep.equal(committed);
        const last = Number(Buffer.from(commits[1]!.replayId, 'base64').readBigUInt64BE());
        expect(last).to.equal(calls.events[5]!.replayId);
        // It takes the answers to commits for keepalives.
        await calls.until('grpcKeepAlive', 1);
        expect(calls.types).to.not.include('error');
      }));
  }

  it('resumes behind what it has committed, when it subscribes again', () =>
    withForeignClient(LOGIN, async (client, emulator) => {
      const { id } = accountSubscription(emulator);
      const records = emulator.org.create('Account', [{ Name: 'a' }, { Name: 'b' }, { Name: 'c' }]);
      const first = new Calls();
      await client.subscribeWithManagedSubscription('Accounts', first.callback, 2);
      await first.until('lastEvent');
      client.commitReplayId(id, first.events[0]!.replayId);
      await until(() => emulator.managedSubscriptions.committed(id) !== undefined);
      emulator.faults.endStreams();
      await first.until('end');
      const second = new Calls();
      await client.subscribeWithManagedSubscription('Accounts', second.callback, 2);
      await second.until('lastEvent');
      const recordIds = second.events.flatMap(({ payload }) => payload.ChangeEventHeader.recordIds);
      expect(recordIds).to.deep.equal(records.slice(1));
    }));

  it('is called back with the error, when another client has the subscription', () =>
    withForeignClient(LOGIN, async (client, emulator) => {
      const { id } = accountSubscription(emulator);
      await client.subscribeWithManagedSubscription(id, new Calls().callback);
      await until(() => emulator.managedSubscriptions.isTaken(id));
      const other = foreignClient(emulator, LOGIN);
      await other.connect();
      const refused = new Calls();
      await other.subscribeWithManagedSubscription(id, refused.callback);
      await refused.until('grpcStatus');
      expect(refused.last.get('error')).to.include({ code: 6 });
      other.close();
    }));

  it('rejects, when the subscription does not exist or is stopped', () =>
    withForeignClient(LOGIN, async (client, emulator) => {
      const { id } = accountSubscription(emulator);
      emulator.managedSubscriptions.update(id, { state: 'STOP' });
      const { callback } = new Calls();
      const stopped = await client.subscribeWithManagedSubscription('Accounts', callback).catch(String);
      expect(stopped).to.contain('subscription is in STOP state');
      const unknown = await client.subscribeWithManagedSubscription('None', callback).catch(String);
      expect(unknown).to.be.a('string');
      expect(emulator.managedSubscriptions.isTaken(id)).to.equal(false);
    }));
});
