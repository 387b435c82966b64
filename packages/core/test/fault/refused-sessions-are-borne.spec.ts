import { expect } from 'chai';
import { Subject } from 'rxjs';
import { createClient, staticSession, type RxforceError, type Status } from '@rxforce/core';
import { SteppedTime } from '../support/stepped-time.js';
import { clientOf, withEmulator } from '../support/emulated.js';
import { until } from './support/wait-for.js';

const SUBSCRIPTIONS = 10;
const REFUSED = { status: 'UNAUTHENTICATED', errorCode: 'service.auth.error' } as const;

describe('refused sessions are borne', () => {
  it('by subscriptions, managed ones and publishers, while logins are good: all go on, with few logins', () =>
    withEmulator(async (emulator, client) => {
      emulator.managedSubscriptions.create('Sync', {
        topicName: '/data/AccountChangeEvent',
        defaultReplay: 'EARLIEST',
      });
      const received = Array.from({ length: SUBSCRIPTIONS + 1 }, (): string[] => []);
      const [managed, ...plain] = received;
      const ended: unknown[] = [];
      const error = (thrown: unknown) => ended.push(thrown);
      plain.forEach((ids) => {
        client.changes('Account', { replay: 'earliest' }).subscribe({ next: ({ id }) => ids.push(id), error });
      });
      client.managed('Sync').subscribe({ next: ({ id }) => managed!.push(id), error });
      const orders = new Subject<{ data: object }>();
      let published = 0;
      orders.pipe(client.publisher('/event/Order_Event__e')).subscribe({ next: ({ ok }) => ok && published++, error });
      const all = (count: number) => until(() => published === count && received.every((ids) => ids.length === count));

      emulator.org.create('Account', { Name: 'before' });
      orders.next({ data: {} });
      await all(1);
      const refusals: Status[] = [];
      client.status$.subscribe((status) => {
        if (status.type === 'waiting' || status.type === 'publishWaiting') refusals.push(status);
      });
      emulator.faults.answer({ ...REFUSED, times: 3 * SUBSCRIPTIONS });
      emulator.faults.expireSessions({ cutExpired: true });
      emulator.org.create('Account', { Name: 'meanwhile' });
      orders.next({ data: {} });
      await all(2);
      expect(ended).to.deep.equal([]);
      expect(emulator.faults.logins()).to.be.at.most(5);
      expect(refusals.map((status) => 'cause' in status && status.cause!.code)).to.include('authentication');
      const log = emulator.log('/data/AccountChangeEvent').map(({ id }) => id);
      received.forEach((ids) => expect(ids).to.deep.equal(log));
    })).timeout(60_000);

  it('for seconds, where nothing has worked: a new token may not be known yet', () =>
    withEmulator(async (emulator, client) => {
      const ids: string[] = [];
      const ended: unknown[] = [];
      emulator.faults.answer({ ...REFUSED, times: 3 });
      client.changes('Account', { replay: 'earliest' }).subscribe({
        next: ({ id }) => ids.push(id),
        error: (thrown: unknown) => ended.push(thrown),
      });
      emulator.org.create('Account', { Name: 'one' });
      await until(() => ids.length === 1);
      expect(ended).to.deep.equal([]);
    })).timeout(60_000);

  it('by calls that ask for a topic', () =>
    withEmulator(async (emulator, client) => {
      emulator.faults.answer({ ...REFUSED, method: 'GetTopic', times: 3 });
      const topics: string[] = [];
      client.topic('Account').subscribe(({ topic }) => topics.push(topic));
      await until(() => topics.length === 1);
      expect(topics).to.deep.equal(['/data/AccountChangeEvent']);
    })).timeout(60_000);

  it('not for long, when the session is of no use from the start: the error says so, and the logger before it', () =>
    withEmulator(async (emulator) => {
      const warnings: string[] = [];
      const auth = staticSession({ ...emulator.credentials, accessToken: '00D000000000000!stale' });
      const client = clientOf(emulator, { auth, logger: { warn: (message) => warnings.push(message) } });
      const ended: RxforceError[] = [];
      client.changes('Account').subscribe({ error: (thrown: unknown) => ended.push(thrown as RxforceError) });
      await until(() => ended.length === 1);
      expect(ended[0]).to.include({ name: 'AuthenticationError', code: 'authentication' });
      expect(ended[0]!.message).to.include('refused 5 times in a row');
      expect(warnings.join('\n')).to.include('The service refuses a session').and.not.include('stale');
      client.close();
    })).timeout(60_000);
});

describe('a login that never answers', () => {
  it('is reported by the logger after 15, 60, 90, … seconds once for all, and each 30 on status$ for each subscription', async () => {
    const time = new SteppedTime();
    const warnings: string[] = [];
    const client = createClient({
      auth: { open: () => new Promise(() => undefined) },
      endpoint: 'localhost:1',
      insecure: true,
      scheduler: time,
      logger: { warn: (message) => warnings.push(message) },
    });
    const waits: Status[] = [];
    client.status$.subscribe((status) => {
      if (status.type === 'waiting') waits.push(status);
    });
    client.changes('Account').subscribe();
    client.changes('Contact').subscribe();
    await time.pass(29_000);
    expect(warnings.map((message) => message.split(',')[0])).to.deep.equal(['No answer yet from the login']);
    expect(waits).to.deep.equal([]);
    await time.pass(62_000);
    const later = warnings.slice(1).map((message) => /The login has not answered for (\d+ s)/.exec(message)?.[1]);
    expect(later).to.deep.equal(['60 s', '90 s']);
    expect(waits.map(({ topic }) => topic)).to.have.members([
      ...Array.from({ length: 3 }, () => '/data/AccountChangeEvent'),
      ...Array.from({ length: 3 }, () => '/data/ContactChangeEvent'),
    ]);
    expect(waits[0]).to.have.nested.property('cause.code', 'connection');
    client.close();
    await time.pass(1);
  });
});
