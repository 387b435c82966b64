import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { TOPIC } from '../support/live-stream.js';
import {
  accountSubscription,
  closed,
  commit,
  createAccounts,
  type ManagedStream,
  openAccounts,
} from '../support/managed.js';
import { RawClient, trailersOf } from '../support/raw-client.js';
import { until } from '../support/until.js';
import type { WireManagedFetchRequest } from '@rxforce/core/internal';
import { withEmulator } from '../support/with-emulator.js';
import { withOwnTime } from '../support/with-own-time.js';

const MANAGED = 'sfdc.platform.eventbus.grpc.managed.subscription.';

describe('ManagedSubscribe, its one client', () => {
  it('refuses a second one with ALREADY_EXISTS, as long as the first one lives', () =>
    withEmulator({}, async (emulator, client) => {
      const { id } = accountSubscription(emulator);
      const stream = openAccounts(client);
      await until(() => emulator.managedSubscriptions.isTaken(id));
      const refused = openAccounts(client);
      await ended(refused, status.ALREADY_EXISTS, 'already.active');
      const { details, metadata } = await refused.status;
      expect(metadata.get('type')).to.deep.equal(['ManagedSubscribe']);
      expect(details.replace(/ rpcId: .*/, '')).to.equal(
        'An active managed subscription with the same ID already exists. If a previous subscription with the same ID ' +
          'was stopped, there can be a delay before it expires. Try subscribing again later.',
      );
      await closed(stream);
      expect(emulator.managedSubscriptions.isTaken(id)).to.equal(false);
      openAccounts(client);
      await until(() => emulator.subscriptions()[0]?.pending === 5);
    }));

  it('frees the subscription, when the client cancels or loses its connection', () =>
    withEmulator({}, async (emulator, client) => {
      const { id } = accountSubscription(emulator);
      openAccounts(client).stream.on('metadata', () => undefined);
      await until(() => emulator.managedSubscriptions.isTaken(id));
      await emulator.faults.stopServer();
      await until(() => !emulator.managedSubscriptions.isTaken(id));
      await emulator.faults.startServer();
      const other = new RawClient(emulator);
      const stream = openAccounts(other);
      await until(() => emulator.managedSubscriptions.isTaken(id));
      stream.stream.cancel();
      await until(() => !emulator.managedSubscriptions.isTaken(id));
      other.close();
    }));

  it('keeps the subscription for a while, when it is told so', () =>
    withOwnTime({ managedSlotMs: 600 }, async (emulator, client, pass) => {
      const { id } = accountSubscription(emulator);
      createAccounts(emulator, 1);
      const stream = openAccounts(client);
      await stream.next();
      await closed(stream);
      pass(599);
      await ended(openAccounts(client), status.ALREADY_EXISTS, 'already.active');
      pass(1);
      expect(emulator.managedSubscriptions.isTaken(id)).to.equal(false);
      expect((await openAccounts(client).next()).events).to.have.length(1);
    }));

  it('keeps the subscription, as long as a silent stream stands', () =>
    withEmulator({}, async (emulator, client) => {
      const { id } = accountSubscription(emulator);
      const stream = openAccounts(client);
      await until(() => emulator.subscriptions()[0]?.pending === 5);
      emulator.faults.silence({ pings: false });
      expect(emulator.subscriptions()).to.deep.equal([]);
      const other = new RawClient(emulator);
      stream.stream.cancel();
      await ended(openAccounts(other), status.ALREADY_EXISTS, 'already.active');
      // Only now is the end of the first stream heard.
      emulator.faults.unsilence();
      await until(() => !emulator.managedSubscriptions.isTaken(id));
      openAccounts(other);
      await until(() => emulator.subscriptions()[0]?.pending === 5);
      other.close();
    }));

  it('lets clients of other subscriptions be', () =>
    withEmulator({}, async (emulator, client) => {
      accountSubscription(emulator);
      emulator.managedSubscriptions.create('Others', { topicName: TOPIC });
      openAccounts(client);
      client.openManaged().request({ developerName: 'Others', numRequested: 1 });
      await until(() => emulator.subscriptions().filter(({ pending }) => pending > 0).length === 2);
      const names = emulator.subscriptions().map(({ managed }) => managed);
      expect(names).to.have.members(['Accounts', 'Others']);
    }));

  it('ends with DEADLINE_EXCEEDED, when nothing is committed in time', () =>
    withEmulator({ managedIdleMs: 40, keepaliveMs: 10 }, async (emulator, client) => {
      accountSubscription(emulator);
      const { code, details } = await openAccounts(client).status;
      expect(code).to.equal(status.DEADLINE_EXCEEDED);
      expect(details).to.contain('No CommitReplayRequests sent in the last 0.04 seconds');
    }));

  it('stays open, when something is committed in time, longer than one without commits', () =>
    withOwnTime({ managedIdleMs: 300 }, async (emulator, client, pass) => {
      accountSubscription(emulator);
      emulator.managedSubscriptions.create('Others', { topicName: TOPIC });
      createAccounts(emulator, 1);
      const stream = openAccounts(client);
      const { latestReplayId } = await stream.next();
      const silent = client.openManaged().request({ developerName: 'Others', numRequested: 1 });
      await until(() => emulator.subscriptions().length === 2);
      pass(299);
      await commit(stream, latestReplayId);
      expect(emulator.subscriptions()).to.have.length(2);
      pass(299);
      expect(emulator.subscriptions()).to.have.length(1);
      expect((await commit(stream, latestReplayId)).error).to.equal(null);
      expect(await silent.status).to.include({ code: status.DEADLINE_EXCEEDED });
    }));

  it('ends and is not opened again, when the subscription is stopped or deleted', () =>
    withEmulator({}, async (emulator, client) => {
      const { id } = accountSubscription(emulator);
      createAccounts(emulator, 1);
      const stopped = openAccounts(client);
      const { latestReplayId } = await stopped.next();
      await commit(stopped, latestReplayId);
      emulator.managedSubscriptions.update(id, { state: 'STOP' });
      await ended(stopped, status.FAILED_PRECONDITION, 'config.stopped');
      await ended(openAccounts(client), status.FAILED_PRECONDITION, 'config.stopped');
      expect(emulator.managedSubscriptions.committed(id)).to.equal(latestReplayId.toString('base64'));

      emulator.managedSubscriptions.update(id, { state: 'RUN' });
      const deleted = openAccounts(client);
      await until(() => emulator.subscriptions()[0]?.pending === 5);
      emulator.managedSubscriptions.update(id, { label: 'Other' });
      emulator.managedSubscriptions.delete(id);
      await ended(deleted, status.NOT_FOUND, 'config.deleted');
      await ended(openAccounts(client), status.NOT_FOUND, 'developer.name.not.found');
    }));
});

describe('ManagedSubscribe, refused', () => {
  const requests: readonly (readonly [string, Partial<WireManagedFetchRequest>, status, string])[] = [
    ['names none', { numRequested: 1 }, status.INVALID_ARGUMENT, 'id.or.developer.name.empty'],
    [
      'names two',
      { developerName: 'Accounts', subscriptionId: '18x000000000000AAA', numRequested: 1 },
      status.INVALID_ARGUMENT,
      'id.or.developer.name.empty',
    ],
    ['names an unknown one', { developerName: 'None', numRequested: 1 }, status.NOT_FOUND, 'developer.name.not.found'],
    [
      'has an unknown id',
      { subscriptionId: '18x000000000000AAA', numRequested: 1 },
      status.NOT_FOUND,
      'subscription.id.not.found',
    ],
    [
      'has an id of another length',
      { subscriptionId: '18x', numRequested: 1 },
      status.INVALID_ARGUMENT,
      'subscription.id.invalid',
    ],
    [
      'asks for less than nothing',
      { developerName: 'Accounts', numRequested: -1 },
      status.INVALID_ARGUMENT,
      'fetch.request.events.invalid',
    ],
    ['asks for nothing', { developerName: 'Accounts' }, status.INVALID_ARGUMENT, 'fetch.request.invalid'],
    [
      'commits',
      {
        developerName: 'Accounts',
        numRequested: 1,
        commitReplayIdRequest: { commitRequestId: '1', replayId: Buffer.from('position') },
      },
      status.INVALID_ARGUMENT,
      'fetch.request.commit.request.restricted',
    ],
  ];

  for (const [condition, request, code, errorCode] of requests) {
    it(`ends with the error, when the first request ${condition}`, () =>
      withEmulator({}, async (emulator, client) => {
        const { id } = accountSubscription(emulator);
        await ended(client.openManaged().request(request), code, errorCode);
        expect(emulator.managedSubscriptions.isTaken(id)).to.equal(false);
      }));
  }

  it('ends with the error, when a later request asks for nothing or names another subscription', () =>
    withEmulator({}, async (emulator, client) => {
      accountSubscription(emulator);
      const other = emulator.managedSubscriptions.create('Others', { topicName: TOPIC });
      await ended(openAccounts(client).request({}), status.INVALID_ARGUMENT, 'fetch.request.invalid');
      for (const name of [{ developerName: 'Others' }, { subscriptionId: other.id }, { developerName: 'None' }]) {
        const stream = openAccounts(client).request({ ...name, numRequested: 1 });
        await ended(stream, status.INVALID_ARGUMENT, 'mismatch');
      }
    }));

  it('ends with UNAUTHENTICATED, when the session is not valid', () =>
    withEmulator({}, async (emulator) => {
      const { id } = accountSubscription(emulator);
      const stranger = new RawClient(emulator, { accesstoken: 'none' });
      expect(await openAccounts(stranger).status).to.include({ code: status.UNAUTHENTICATED });
      expect(emulator.managedSubscriptions.isTaken(id)).to.equal(false);
      stranger.close();
    }));
});

async function ended(stream: ManagedStream, code: status, errorCode: string): Promise<void> {
  const end = await stream.status;
  expect([end.code, trailersOf(end)['error-code']]).to.deep.equal([code, MANAGED + errorCode]);
}
