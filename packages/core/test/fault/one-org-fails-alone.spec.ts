import { expect } from 'chai';
import { delay, mergeMap, of, retry, Subject, tap, type Observable } from 'rxjs';
import {
  memoryReplayStore,
  type ChangeEvent,
  type ClientOptions,
  type PositionKey,
  type PubSubClient,
  type RxforceError,
} from '@rxforce/core';
import { hold } from '@rxforce/core/delivery';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { mergeOrgs, type MergeOrgsOptions, type OfOrg } from '../../src/orgs/merge-orgs.js';
import type { OrgFailure, OrgsFailedError } from '../../src/model/errors.js';
import { clientOf } from '../support/emulated.js';
import { keep } from '../support/keep.js';
import { startProxy } from '../support/proxy.js';
import { nextStatus, until } from './support/wait-for.js';

type Name = 'emea' | 'amer';
type OrgEvent = OfOrg<ChangeEvent<{ Name: string }>, Name>;

const TOPIC = '/data/AccountChangeEvent';
const quiet: Partial<ClientOptions> = { logger: { warn: () => undefined } };

/** Two orgs, each with its emulator and its client. */
interface Orgs {
  readonly emulators: Readonly<Record<Name, Emulator>>;
  readonly clients: Readonly<Record<Name, PubSubClient>>;
}

/** Runs a test with two orgs, and ends both. */
async function withOrgs(test: (orgs: Orgs) => Promise<void>): Promise<void> {
  const emea = await startEmulator({ seed: 1 });
  const amer = await startEmulator({ seed: 2 });
  const clients = { emea: clientOf(emea, quiet), amer: clientOf(amer, quiet) };
  try {
    await test({ emulators: { emea, amer }, clients });
  } finally {
    clients.emea.close();
    clients.amer.close();
    await Promise.all([emea.stop(), amer.stop()]);
  }
}

const accounts = (client: PubSubClient): Observable<ChangeEvent<{ Name: string }>> =>
  client.changes<{ Name: string }>('Account', { replay: 'earliest' });

/** What comes of merged orgs: `emea a`, and how it ended. */
class Received {
  readonly names: string[] = [];
  readonly failures: OrgFailure<Name>[] = [];
  error: OrgsFailedError | undefined;

  readonly options: MergeOrgsOptions<Name> = {
    logger: { warn: () => undefined },
    onOrgFailed: (failure) => void this.failures.push(failure),
  };

  from(events$: Observable<OrgEvent>): this {
    events$.subscribe({
      next: ({ org, data }) => this.names.push(`${org} ${data.Name ?? ''}`),
      error: (error: unknown) => (this.error = error as OrgsFailedError),
    });
    return this;
  }

  get failed(): [Name, RxforceError['code']][] {
    return this.failures.map(({ org, error }) => [org, error.code]);
  }

  /** Makes an account, and waits until its event has come. */
  async see(emulators: Orgs['emulators'], org: Name, Name: string): Promise<void> {
    emulators[org].org.create('Account', { Name });
    await until(() => this.names.includes(`${org} ${Name}`));
  }
}

describe('one org fails alone', () => {
  it('goes on with the other, when the login of one is refused once its session has expired', () =>
    withOrgs(async ({ emulators, clients }) => {
      const received = new Received();
      received.from(mergeOrgs(clients, accounts, received.options));
      await received.see(emulators, 'emea', 'a');
      await received.see(emulators, 'amer', 'x');
      emulators.emea.faults.refuseLogins(1);
      emulators.emea.faults.expireSessions({ cutExpired: true });
      await until(() => received.failures.length === 1);
      await received.see(emulators, 'amer', 'y');
      expect(received.failed).to.deep.equal([['emea', 'authentication']]);
      expect(received.error).to.equal(undefined);
      clients.amer.close();
      expect(received.error).to.include({ name: 'OrgsFailedError', code: 'orgs-failed', retriable: false });
      expect(received.error?.failures).to.deep.equal(received.failures);
    }));

  it('goes on with the other, while one cannot be reached, and takes that up where it was', () =>
    withOrgs(async ({ emulators, clients }) => {
      const received = new Received();
      const events$ = mergeOrgs(clients, accounts, received.options);
      const waiting: string[] = [];
      events$.status$.subscribe((status) => status.type === 'waiting' && waiting.push(status.org));
      received.from(events$);
      await received.see(emulators, 'emea', 'a');
      await emulators.emea.faults.stopServer();
      await until(() => waiting.length > 0);
      await received.see(emulators, 'amer', 'x');
      emulators.emea.org.create('Account', { Name: 'b' });
      await emulators.emea.faults.startServer();
      await until(() => received.names.includes('emea b'));
      expect(received.names).to.deep.equal(['emea a', 'amer x', 'emea b']);
      expect(received.failures).to.deep.equal([]);
      expect(new Set(waiting)).to.deep.equal(new Set(['emea']));
    }));

  it('goes on with the other, when one is given up because it is gone', () =>
    withOrgs(async ({ emulators, clients }) => {
      const received = new Received();
      const options = { replay: 'earliest', maxAttempts: 1 } as const;
      const project = (client: PubSubClient) => client.changes<{ Name: string }>('Account', options);
      received.from(mergeOrgs(clients, project, received.options));
      await received.see(emulators, 'emea', 'a');
      await emulators.emea.stop();
      await until(() => received.failures.length === 1);
      await received.see(emulators, 'amer', 'x');
      expect(received.failures[0]?.org).to.equal('emea');
      expect(received.error).to.equal(undefined);
    }));

  it('lets one that failed try again by itself, and loses nothing of it', () =>
    withOrgs(async ({ emulators, clients }) => {
      const received = new Received();
      const fixed = new Subject<void>();
      const failures: string[] = [];
      const retried = retry<ChangeEvent<{ Name: string }>>({
        delay: (error: RxforceError) => {
          failures.push(error.code);
          return fixed;
        },
      });
      received.from(mergeOrgs(clients, (client) => accounts(client).pipe(retried), received.options));
      await received.see(emulators, 'emea', 'a');
      emulators.emea.faults.refuseLogins(1);
      emulators.emea.faults.expireSessions({ cutExpired: true });
      await until(() => failures.length === 1);
      emulators.emea.org.create('Account', { Name: 'b' });
      await received.see(emulators, 'amer', 'x');
      fixed.next();
      await until(() => received.names.includes('emea b'));
      expect(received.names).to.deep.equal(['emea a', 'amer x', 'emea b']);
      expect(failures).to.deep.equal(['authentication']);
      expect(received.failures).to.deep.equal([]);
    }));

  it('goes on in each org after what was settled there, when all are subscribed to again', () =>
    withOrgs(async ({ emulators, clients }) => {
      const received = new Received();
      let isBroken = true;
      const events$ = mergeOrgs(clients, accounts, received.options).pipe(
        tap(({ data }) => {
          if (data.Name === 'breaks' && isBroken) throw new Error('The handler failed.');
        }),
        retry({ delay: () => of((isBroken = false)) }),
      );
      received.from(events$);
      await received.see(emulators, 'emea', 'a');
      await received.see(emulators, 'amer', 'x');
      await received.see(emulators, 'amer', 'breaks');
      await received.see(emulators, 'emea', 'b');
      expect(received.names).to.deep.equal(['emea a', 'amer x', 'amer breaks', 'emea b']);
    }));

  it('commits what one that failed had in work, when that is done', () =>
    withOrgs(async ({ emulators, clients }) => {
      const received = new Received();
      const store = memoryReplayStore();
      const releases: (() => void)[] = [];
      const project = (client: PubSubClient) =>
        client.changes<{ Name: string }>('Account', { replay: { from: 'earliest', store } });
      const working = keep<OrgEvent>((_event, held) => void releases.push(() => held.release()));
      received.from(mergeOrgs(clients, project, received.options).pipe(working));
      emulators.emea.org.create('Account', { Name: 'a' });
      await until(() => releases.length === 1);
      emulators.emea.faults.refuseLogins(1);
      emulators.emea.faults.expireSessions({ cutExpired: true });
      await until(() => received.failures.length === 1);
      const committed = nextStatus(clients.emea.status$, 'committed');
      releases[0]?.();
      const [event] = emulators.emea.log(TOPIC);
      expect((await committed).position.toString()).to.equal(event?.replayId);
    }));

  it('ends the org alone whose events were settled too early', () =>
    withOrgs(async ({ emulators, clients }) => {
      const received = new Received();
      const events$ = mergeOrgs(clients, accounts, received.options).pipe(
        // Keeps the events of one org without a hold.
        mergeMap((event) => (event.org === 'emea' ? of(event).pipe(delay(1)) : of(event))),
        tap((event) => hold(event).release()),
      );
      received.from(events$);
      emulators.emea.org.create('Account', { Name: 'a' });
      await until(() => received.failures.length === 1);
      await received.see(emulators, 'amer', 'x');
      expect(received.failed).to.deep.equal([['emea', 'settled-early']]);
    }));
});

describe('clients of one process', () => {
  it('go on in each org where they were, by one store and one name', () =>
    withOrgs(async ({ emulators }) => {
      const store = memoryReplayStore();
      const keys: PositionKey[] = [];
      const noting = {
        ...store,
        load: (key: PositionKey) => {
          keys.push(key);
          return store.load(key);
        },
      };
      const project = (client: PubSubClient) =>
        client.changes<{ Name: string }>('Account', { replay: { from: 'earliest', store: noting, name: 'sync' } });
      for (const round of ['1', '2']) {
        const clients = { emea: clientOf(emulators.emea, quiet), amer: clientOf(emulators.amer, quiet) };
        const received = new Received();
        received.from(mergeOrgs(clients, project, received.options));
        await received.see(emulators, 'emea', `a${round}`);
        await received.see(emulators, 'amer', `x${round}`);
        await Promise.all([clients.emea.drain(), clients.amer.drain()]);
        expect(received.names).to.deep.equal([`emea a${round}`, `amer x${round}`]);
      }
      const orgIds = [emulators.emea, emulators.amer].map(({ credentials }) => credentials.organizationId.slice(0, 15));
      expect(new Set(keys.map(({ organizationId }) => organizationId))).to.deep.equal(new Set(orgIds));
      expect(new Set(keys.map(({ topic, name }) => `${topic} ${name}`))).to.have.property('size', 1);
    }));

  it('have a session, a connection and schemas each, also in one org', async () => {
    const emulator = await startEmulator({ seed: 1 });
    const proxy = await startProxy(Number(emulator.grpcEndpoint.split(':')[1]));
    const clients = [1, 2].map(() => clientOf(emulator, { ...quiet, endpoint: proxy.endpoint }));
    try {
      emulator.org.create('Account', { Name: 'a' });
      const received = clients.map(() => 0);
      clients.forEach((client, index) => accounts(client).subscribe(() => received[index]!++));
      await until(() => received.every((count) => count === 1));
      expect(emulator.faults.logins()).to.equal(2);
      expect(proxy.connections).to.equal(2);
      clients[0]?.close();
      await until(() => emulator.subscriptions().length === 1);
      await until(() => proxy.connections === 1);
      emulator.org.create('Account', { Name: 'b' });
      await until(() => received[1] === 2);
      expect(received).to.deep.equal([1, 2]);
    } finally {
      clients.forEach((client) => client.close());
      await proxy.stop();
      await emulator.stop();
    }
  });

  it('tell of their own subscriptions alone, and number them each for itself', () =>
    withOrgs(async ({ emulators, clients }) => {
      const told: string[] = [];
      const { status$ } = mergeOrgs(clients, accounts);
      status$.subscribe((status) => {
        if (status.type === 'live') told.push(`${status.org} ${status.subscription}`);
      });
      for (const org of ['emea', 'amer'] as const) {
        emulators[org].org.create('Account', { Name: 'a' });
        accounts(clients[org]).subscribe();
        await until(() => told.at(-1)?.startsWith(org) === true);
      }
      expect(told).to.deep.equal(['emea 1', 'amer 1']);
    }));

  it('know the schemas of their own org, where those differ', () =>
    withOrgs(async ({ emulators, clients }) => {
      const received = new Received();
      received.from(mergeOrgs(clients, accounts, received.options));
      await received.see(emulators, 'emea', 'a');
      await received.see(emulators, 'amer', 'x');
      emulators.emea.faults.switchSchema('Account');
      await received.see(emulators, 'emea', 'b');
      await received.see(emulators, 'amer', 'y');
      expect(received.failures).to.deep.equal([]);
    }));
});
