import { expect } from 'chai';
import { firstValueFrom, take, toArray } from 'rxjs';
import type { RxforceError } from '@rxforce/core';
import {
  AuthenticationError,
  ManagedSubscriptionError,
  type ChangeEvent,
  type PlatformEvent,
  type Status,
} from '@rxforce/core';
import { clientOf, withEmulator } from '../support/emulated.js';
import { seeHolding } from '../support/stepped-time.js';
import { until } from '../fault/support/wait-for.js';

const TOPIC = '/data/AccountChangeEvent';

describe('client.managed', () => {
  const errorOf = (events$: { subscribe: (observer: { error: (error: unknown) => void }) => unknown }) =>
    new Promise<RxforceError>((resolve) => events$.subscribe({ error: (error) => resolve(error as RxforceError) }));

  it('reads changes by developer name or id, commits what is settled, and the next client goes on there', () =>
    withEmulator(async (emulator, client) => {
      const { managedSubscriptions, org } = emulator;
      const { id } = managedSubscriptions.create('Account_Sync', { topicName: TOPIC, defaultReplay: 'EARLIEST' });
      org.create('Account', [{ Name: 'a' }]);
      org.create('Account', [{ Name: 'b' }]);
      const events = await firstValueFrom(
        client
          .managed<ChangeEvent<{ Name: string }>>('Account_Sync', { topic: TOPIC, settle: 'on-return' })
          .pipe(take(2), toArray()),
      );
      expect(events.map(({ data, topic }) => [data.Name, topic])).to.deep.equal([
        ['a', TOPIC],
        ['b', TOPIC],
      ]);
      // The last one closed the subscription, and so counts as not done.
      const [first] = emulator.log(TOPIC);
      await until(() => managedSubscriptions.committed(id) === first?.replayId);
      const other = clientOf(emulator);
      const again = await firstValueFrom(other.managed(id));
      expect(again.id).to.equal(events[1]?.id);
      other.close();
    }));

  it('reads platform events', () =>
    withEmulator(async ({ managedSubscriptions }, client) => {
      managedSubscriptions.create('Orders', { topicName: '/event/Order_Event__e', defaultReplay: 'EARLIEST' });
      const events: PlatformEvent[] = [];
      client.managed<PlatformEvent<{ Order_Number__c: string }>>('Orders').subscribe((event) => events.push(event));
      await firstValueFrom(client.publish('/event/Order_Event__e', { data: { Order_Number__c: 'O-1' } }));
      await until(() => events.length === 1);
      expect(events[0]).to.deep.include({ topic: '/event/Order_Event__e' });
      expect(events[0]).not.to.have.property('header');
      expect(events[0]!.data).to.include({ Order_Number__c: 'O-1' });
    }));

  it('commits all that is done, and frees the subscription, before drain() resolves', () =>
    withEmulator(async (emulator, client) => {
      const { managedSubscriptions, org } = emulator;
      const { id } = managedSubscriptions.create('Account_Sync', { topicName: TOPIC, defaultReplay: 'EARLIEST' });
      org.create('Account', { Name: 'a' });
      const seen = seeHolding(client.managed('Account_Sync', { topic: TOPIC, commitIntervalMs: 60_000 }));
      await until(() => seen.names.length === 1);
      const drained = client.drain();
      seen.release(...seen.names);
      expect(await drained).to.deep.include({ unsettled: 0 });
      expect(managedSubscriptions.committed(id)).to.equal(emulator.log(TOPIC)[0]?.replayId);
      expect(managedSubscriptions.isTaken(id)).to.equal(false);
    }));

  it('commits what was in work when the client was closed, though its stream was gone by then', () =>
    withEmulator(
      async ({ managedSubscriptions, org, log }, client) => {
        const { id } = managedSubscriptions.create('Account_Sync', { topicName: TOPIC, defaultReplay: 'EARLIEST' });
        org.create('Account', { Name: 'a' });
        const statuses: Status[] = [];
        client.status$.subscribe((status) => statuses.push(status));
        const seen = seeHolding(client.managed('Account_Sync', { topic: TOPIC, window: 1 }));
        // The server closes the idle stream, maybe before its event is decoded.
        await until(() => statuses.some(({ type }) => type === 'parked') && seen.names.length === 1);
        client.close();
        seen.release(...seen.names);
        await until(() => statuses.some(({ type }) => type === 'closed'));
        expect(managedSubscriptions.committed(id)).to.equal(log(TOPIC)[0]?.replayId);
        expect(managedSubscriptions.isTaken(id)).to.equal(false);
      },
      { idleCloseMs: 250 },
    ));

  it('waits for its turn while another client reads, tells why, and goes on where that one stood', () =>
    withEmulator(async (emulator, client) => {
      const { managedSubscriptions, org } = emulator;
      managedSubscriptions.create('Account_Sync', { topicName: TOPIC, defaultReplay: 'EARLIEST' });
      const active = seeHolding(client.managed('Account_Sync', { topic: TOPIC }));
      org.create('Account', { Name: 'a' });
      await until(() => active.names.length === 1);
      const warnings: string[] = [];
      const standby = clientOf(emulator, { logger: { warn: (message) => warnings.push(message) } });
      const statuses: Status[] = [];
      standby.status$.subscribe((status) => statuses.push(status));
      const next = seeHolding(standby.managed('Account_Sync', { topic: TOPIC }));
      await until(() => statuses.some(({ type }) => type === 'waiting'));
      const waiting = statuses.find((status) => status.type === 'waiting');
      expect(waiting?.cause).to.be.instanceOf(ManagedSubscriptionError);
      expect(waiting?.cause).to.include({ retriable: true, grpcStatus: 6 });
      expect(warnings[0])
        .to.include('Account_Sync')
        .and.match(/another client/i);
      active.release(...active.names);
      org.create('Account', { Name: 'b' });
      await until(() => active.names.length === 2);
      await Promise.all([client.drain({ timeoutMs: 100 }), until(() => next.names.length === 1)]);
      expect(next.names).to.deep.equal([active.names[1]]);
      standby.close();
    }));

  it('commits the position of keepalives, so that it does not grow old on a quiet topic', () =>
    withEmulator(
      async ({ managedSubscriptions, keepalive }, client) => {
        const { id } = managedSubscriptions.create('Account_Sync', { topicName: TOPIC });
        const statuses: Status[] = [];
        client.status$.subscribe((status) => statuses.push(status));
        client.managed('Account_Sync').subscribe();
        await until(() => managedSubscriptions.isTaken(id));
        keepalive();
        await until(() => managedSubscriptions.committed(id) !== undefined);
        await until(() => statuses.some(({ type }) => type === 'committed'));
        expect(statuses.map(({ type }) => type)).to.include.members(['keepalive', 'committed']);
      },
      { keepaliveMs: 60_000 },
    ));

  it('opens its stream again, when the service ended it because nothing was committed for too long', () =>
    withEmulator(
      async ({ managedSubscriptions, org }, client) => {
        managedSubscriptions.create('Account_Sync', { topicName: TOPIC, defaultReplay: 'EARLIEST' });
        const statuses: Status[] = [];
        client.status$.subscribe((status) => statuses.push(status));
        org.create('Account', { Name: 'a' });
        const { names, errors } = seeHolding(client.managed('Account_Sync', { topic: TOPIC }));
        await until(() => statuses.filter(({ type }) => type === 'live').length >= 2);
        const waiting = statuses.find((status) => status.type === 'waiting');
        expect(waiting?.cause).to.include({ grpcStatus: 4, retriable: true });
        org.create('Account', { Name: 'b' });
        await until(() => names.length === 2);
        expect(errors).to.deep.equal([]);
      },
      { managedIdleMs: 50 },
    ));

  it('errors with what to do, when there is no such subscription', () =>
    withEmulator(async (_emulator, client) => {
      for (const name of ['Nobody', '18xSB000000000BYAQ']) {
        const error = await errorOf(client.managed(name));
        expect(error).to.be.instanceOf(ManagedSubscriptionError);
        expect(error).to.include({ code: 'managed-subscription', retriable: false });
        expect(error.message)
          .to.include(name)
          .and.match(/ManagedEventSubscription/);
      }
    }));

  for (const [condition, end] of [
    ['stopped', 'STOP'],
    ['deleted', undefined],
  ] as const) {
    it(`errors, when the subscription is ${condition}`, () =>
      withEmulator(async ({ managedSubscriptions }, client) => {
        const { id } = managedSubscriptions.create('Account_Sync', { topicName: TOPIC });
        const error = errorOf(client.managed('Account_Sync'));
        await until(() => managedSubscriptions.isTaken(id));
        if (end) managedSubscriptions.update(id, { state: end });
        else managedSubscriptions.delete(id);
        expect(await error).to.be.instanceOf(ManagedSubscriptionError);
        expect((await error).message).to.include(condition);
      }));
  }

  it('errors, when the login is refused', () =>
    withEmulator(async ({ managedSubscriptions, faults }, client) => {
      managedSubscriptions.create('Account_Sync', { topicName: TOPIC });
      faults.refuseLogins(1, { status: 400, error: 'invalid_grant', description: 'authentication failure' });
      expect(await errorOf(client.managed('Account_Sync'))).to.be.instanceOf(AuthenticationError);
    }));
});
