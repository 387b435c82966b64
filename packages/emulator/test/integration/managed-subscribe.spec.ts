import { status } from '@grpc/grpc-js';
import type { WireFetchResponse } from '@rxforce/core/codec';
import { expect } from 'chai';
import type { Emulator } from '../../src/index.js';
import { TOPIC } from '../support/live-stream.js';
import { accountSubscription, closed, commit, createAccounts, openAccounts } from '../support/managed.js';
import { until } from '../support/until.js';
import { withEmulator } from '../support/with-emulator.js';

const NOT_A_REPLAY_ID = Buffer.from('0000000000000001', 'hex');

describe('ManagedSubscribe, fetching', () => {
  it('delivers events within demand, when the subscription is named by either name or either form of its id', () =>
    withEmulator({}, async (emulator, client) => {
      const { id } = accountSubscription(emulator);
      createAccounts(emulator, 3);
      for (const name of [{ developerName: 'Accounts' }, { subscriptionId: id }, { subscriptionId: id.slice(0, 15) }]) {
        const stream = client.openManaged().request({ ...name, numRequested: 2 });
        const response = await stream.next();
        expect(response.events).to.have.length(2);
        expect(response).to.include({ pendingNumRequested: 0, commitResponse: null });
        expect(response.latestReplayId).to.deep.equal(response.events[1]!.replayId);
        stream.request({ ...name, numRequested: 2 });
        expect((await stream.next()).events).to.have.length(1);
        expect(emulator.subscriptions()).to.deep.equal([
          { topic: TOPIC, managed: 'Accounts', pending: 1, delivered: 3, requested: 4, maxPending: 2, keepalives: 0 },
        ]);
        await closed(stream);
      }
    }));

  it('counts 100 outstanding at most, when more is asked for', () =>
    withEmulator({}, async (emulator, client) => {
      accountSubscription(emulator);
      openAccounts(client, 90).request({ numRequested: 90 });
      await until(() => emulator.subscriptions()[0]?.requested === 180);
      expect(emulator.subscriptions()[0]).to.include({ pending: 100 });
    }));

  it('starts at the tip, when that is its default and nothing is committed', () =>
    withEmulator({}, async (emulator, client) => {
      emulator.managedSubscriptions.create('Accounts', { topicName: TOPIC });
      createAccounts(emulator, 2);
      const stream = openAccounts(client);
      await until(() => emulator.subscriptions()[0]?.pending === 5);
      createAccounts(emulator, 1);
      await stream.next();
      expect(emulator.subscriptions()[0]).to.include({ delivered: 1 });
    }));

  it('sends keepalives with a fresh position, which can be committed, when nothing happens', () =>
    withEmulator({ keepaliveMs: 20 }, async (emulator, client) => {
      const { id } = accountSubscription(emulator);
      const stream = openAccounts(client);
      const { events, latestReplayId } = await stream.next();
      expect(events).to.deep.equal([]);
      expect((await commit(stream, latestReplayId)).error).to.equal(null);
      expect(emulator.managedSubscriptions.committed(id)).to.equal(latestReplayId.toString('base64'));
    }));

  it('ends with status OK, when nothing is asked for in time', () =>
    withEmulator({ idleCloseMs: 20 }, async (emulator, client) => {
      accountSubscription(emulator);
      createAccounts(emulator, 1);
      const stream = openAccounts(client, 1);
      await stream.next();
      expect(await stream.status).to.include({ code: status.OK });
    }));

  it('sends the last events again, when that is ordered', () =>
    withEmulator({}, async (emulator, client) => {
      accountSubscription(emulator);
      createAccounts(emulator, 2);
      const stream = openAccounts(client);
      const first = await stream.events(2);
      expect(emulator.faults.redeliver({ events: 1 })).to.equal(1);
      const [again] = (await stream.next()).events;
      expect(again).to.deep.equal(eventsOf(first)[1]);
    }));
});

describe('ManagedSubscribe, committing', () => {
  it('answers with the id, the position and the time', () =>
    withEmulator({ now: () => 1_790_000_000_123 }, async (emulator, client) => {
      accountSubscription(emulator);
      createAccounts(emulator, 2);
      const stream = openAccounts(client, 3);
      const [first, second] = eventsOf(await stream.events(2));
      stream.request({ commitReplayIdRequest: { commitRequestId: 'mine', replayId: first!.replayId } });
      const response = await stream.next();
      expect(response).to.deep.include({ events: [], pendingNumRequested: 1, latestReplayId: second!.replayId });
      expect(response.commitResponse).to.deep.equal({
        commitRequestId: 'mine',
        replayId: first!.replayId,
        error: null,
        processTime: '1790000000123',
      });
    }));

  it('starts behind the committed position, when a client comes again', () =>
    withEmulator({}, async (emulator, client) => {
      const { id } = accountSubscription(emulator);
      createAccounts(emulator, 3);
      const stream = openAccounts(client, 3);
      const [first, second, third] = eventsOf(await stream.events(3));
      await commit(stream, first!.replayId, 'commit-1');
      await commit(stream, second!.replayId, 'commit-2');
      expect(emulator.managedSubscriptions.commits(id)).to.deep.include.members([
        { commitRequestId: 'commit-1', replayId: first!.replayId.toString('base64'), at: commitTimes(emulator, id)[0] },
        {
          commitRequestId: 'commit-2',
          replayId: second!.replayId.toString('base64'),
          at: commitTimes(emulator, id)[1],
        },
      ]);
      await closed(stream);
      const [next] = eventsOf(await openAccounts(client).events(1));
      expect(next).to.deep.equal(third);
    }));

  it('takes a commit that comes with a request for more events', () =>
    withEmulator({}, async (emulator, client) => {
      const { id } = accountSubscription(emulator);
      createAccounts(emulator, 2);
      const stream = openAccounts(client, 1);
      const { latestReplayId } = await stream.next();
      stream.request({
        developerName: 'Accounts',
        numRequested: 1,
        commitReplayIdRequest: { commitRequestId: 'both', replayId: latestReplayId },
      });
      const responses = [await stream.next(), await stream.next()];
      expect(responses.map(({ commitResponse }) => commitResponse?.commitRequestId ?? '').sort()).to.deep.equal([
        '',
        'both',
      ]);
      expect(eventsOf(responses)).to.have.length(1);
      expect(emulator.managedSubscriptions.committed(id)).to.equal(latestReplayId.toString('base64'));
    }));

  it('answers the last commit before the end, when the client ends its side right behind it', () =>
    withEmulator({}, async (emulator, client) => {
      const { id } = accountSubscription(emulator);
      createAccounts(emulator, 1);
      const stream = openAccounts(client, 1);
      const { latestReplayId } = await stream.next();
      stream.request({ commitReplayIdRequest: { commitRequestId: 'last', replayId: latestReplayId } });
      stream.stream.end();
      expect((await stream.next()).commitResponse?.commitRequestId).to.equal('last');
      expect(await stream.status).to.include({ code: status.OK });
      expect(emulator.managedSubscriptions.committed(id)).to.equal(latestReplayId.toString('base64'));
    }));

  it('answers with the values of the last, when many commits are made at once', () =>
    withEmulator({}, async (emulator, client) => {
      const { id } = accountSubscription(emulator);
      createAccounts(emulator, 50);
      const stream = openAccounts(client, 50);
      const events = eventsOf(await stream.events(50));
      events.forEach(({ replayId }, index) =>
        stream.request({ commitReplayIdRequest: { commitRequestId: `commit-${index}`, replayId } }),
      );
      let last = '';
      while (last !== 'commit-49') {
        last = (await stream.next()).commitResponse!.commitRequestId;
      }
      expect(emulator.managedSubscriptions.commits(id)).to.have.length(50);
      expect(emulator.managedSubscriptions.committed(id)).to.equal(events[49]!.replayId.toString('base64'));
    }));

  it('answers with an error and goes on, when the position cannot be committed', () =>
    withEmulator({}, async (emulator, client) => {
      const { id } = accountSubscription(emulator);
      createAccounts(emulator, 3);
      const all = emulator.log(TOPIC).map(({ replayId }) => Buffer.from(replayId, 'base64'));
      const stream = openAccounts(client, 2);
      await stream.events(2);
      await commit(stream, all[1]!);
      const refused = [
        [Buffer.alloc(0), 'has no Replay ID'],
        [NOT_A_REPLAY_ID, 'is not valid'],
        [all[0]!, 'is older than the committed one'],
        [all[2]!, 'was not delivered yet'],
      ] as const;
      for (const [replayId, message] of refused) {
        const answer = await commit(stream, replayId);
        expect(answer.error).to.include({ code: 2 }).and.to.have.property('msg').that.contains(message);
        expect(answer.replayId).to.deep.equal(replayId);
      }
      expect(emulator.managedSubscriptions.committed(id)).to.equal(all[1]!.toString('base64'));
      expect((await commit(stream, all[1]!)).error).to.equal(null);
    }));

  it('takes the commit of an event that was delivered on an earlier stream', () =>
    withEmulator({}, async (emulator, client) => {
      const { id } = accountSubscription(emulator);
      createAccounts(emulator, 2);
      const earlier = openAccounts(client, 2);
      const [, second] = eventsOf(await earlier.events(2));
      await closed(earlier);
      const stream = openAccounts(client, 1);
      await stream.next();
      expect((await commit(stream, second!.replayId)).error).to.equal(null);
      expect(emulator.managedSubscriptions.committed(id)).to.equal(second!.replayId.toString('base64'));
    }));

  for (const [preset, expected] of [
    ['EARLIEST', 1],
    ['LATEST', 0],
  ] as const) {
    it(`starts at ${preset}, when that is its recovery and the committed position is not valid any more`, () =>
      withEmulator({}, async (emulator, client) => {
        const { id } = accountSubscription(emulator);
        emulator.managedSubscriptions.update(id, { errorRecoveryReplay: preset, defaultReplay: 'LATEST' });
        const stream = openAccounts(client);
        await until(() => emulator.subscriptions()[0]?.pending === 5);
        createAccounts(emulator, 1);
        await commit(stream, (await stream.next()).latestReplayId);
        await closed(stream);
        emulator.faults.expireReplayIds();
        createAccounts(emulator, 1);
        const again = openAccounts(client);
        await until(() => emulator.subscriptions()[0]?.requested === 5);
        createAccounts(emulator, 1);
        await again.events(expected + 1);
        expect(emulator.subscriptions()[0]).to.include({ delivered: expected + 1 });
      }));
  }
});

function eventsOf(responses: readonly WireFetchResponse[]): WireFetchResponse['events'] {
  return responses.flatMap(({ events }) => events);
}

function commitTimes({ managedSubscriptions }: Emulator, id: string): number[] {
  return managedSubscriptions.commits(id).map(({ at }) => at);
}
