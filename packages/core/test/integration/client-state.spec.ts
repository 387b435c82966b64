import { expect } from 'chai';
import { filter, firstValueFrom, map } from 'rxjs';
import {
  createClient,
  readinessOf,
  staticSession,
  type LoginStatus,
  type PubSubClient,
  type Status,
} from '@rxforce/core';
import { startRawServer } from '../support/raw-server.js';
import { withEmulator } from '../support/emulated.js';

const TOPIC = '/data/AccountChangeEvent';

describe('client.state()', () => {
  it('is ready on a quiet topic as soon as it is connected, long before its first keepalive', () =>
    withEmulator(
      async (_emulator, client) => {
        expect(readinessOf(client.state())).to.deep.equal({ ready: true, reasons: [] });
        const connected = statusOf(client, 'connected');
        const subscription = client.changes('Account').subscribe();
        const [reason] = readinessOf(client.state()).reasons;
        expect(reason).to.equal(`${TOPIC} has had no stream for 0 s, and is connecting.`);
        await connected;
        const state = client.state();
        expect(state.subscriptions[0]).to.deep.include({ topic: TOPIC, state: 'connected', lastResponseAt: undefined });
        expect(readinessOf(state)).to.deep.equal({ ready: true, reasons: [] });
        subscription.unsubscribe();
      },
      { keepaliveMs: 60_000 },
    ));

  it('is live with the first event, and tells the window and the time of the response', () =>
    withEmulator(async (emulator, client) => {
      const begunAt = Date.now() - 1;
      emulator.org.create('Account', { Name: 'Acme' });
      const states = client
        .changes('Account', { window: 20, replay: 'earliest' })
        .pipe(map(() => client.state().subscriptions[0]));
      const during = await firstValueFrom(states);
      expect(during).to.deep.include({ state: 'live', cause: undefined });
      expect(during!.window).to.include({ unsettled: 1, window: 20 });
      // The service tells the time of a commit in whole seconds.
      expect(during!.lagMs).to.be.within(0, Date.now() - begunAt + 1_000);
      expect(during!.lastResponseAt).to.be.within(begunAt, Date.now());
      expect(client.state().subscriptions).to.deep.equal([]);
    }));

  it('is not ready, when the server never answers', async () => {
    const server = await startRawServer(() => undefined);
    const client = createClient({ auth: SESSION, endpoint: server.endpoint, insecure: true });
    server.stop();
    const subscription = client.changes('Account').subscribe();
    const waiting = (await statusOf(client, 'waiting')) as Extract<Status, { type: 'waiting' }>;
    const [reason] = readinessOf(client.state()).reasons;
    expect(reason).to.match(/^\/data\/AccountChangeEvent has had no stream for 0 s, and is waiting: /);
    expect(reason).to.include(waiting.cause!.message);
    subscription.unsubscribe();
    client.close();
    expect(readinessOf(client.state())).to.deep.equal({ ready: false, reasons: ['The client is closed.'] });
  });

  it('keeps a subscription that failed', () =>
    withEmulator(async (_emulator, client) => {
      const error = await new Promise((resolve) => {
        client.changes('Nothing__c').subscribe({ error: resolve });
      });
      const [failed] = client.state().subscriptions;
      expect(failed).to.deep.include({ topic: '/data/Nothing__ChangeEvent', state: 'failed', cause: error });
      expect(readinessOf(client.state()).ready).to.equal(false);
    }));
});

describe('A login', () => {
  it('is told, and part of the state', () =>
    withEmulator(async (_emulator, client) => {
      const told = statusOf(client, 'login') as Promise<LoginStatus>;
      await firstValueFrom(client.topic('Account'));
      const { tookMs, ...status } = await told;
      expect(status).to.deep.equal({ type: 'login', ok: true, cause: undefined });
      expect(tookMs).to.be.greaterThan(0);
      const { login } = client.state();
      expect(login).to.deep.include({ ok: true, tookMs, cause: undefined });
      expect(login!.at).to.be.at.most(Date.now());
    }));

  it('is told with its error, when it is refused', () =>
    withEmulator(async (emulator, client) => {
      emulator.faults.refuseLogins(1, { status: 400, error: 'invalid_client' });
      const told = statusOf(client, 'login') as Promise<LoginStatus>;
      const error = await firstValueFrom(client.topic('Account')).catch((thrown: unknown) => thrown);
      expect(await told).to.deep.include({ type: 'login', ok: false, cause: error });
      expect(client.state().login).to.deep.include({ ok: false, cause: error });
    }));
});

const SESSION = staticSession({
  accessToken: '00D000000000001!x',
  instanceUrl: 'https://acme.my.salesforce.com',
  organizationId: '00D000000000001',
});

/** The next status of a type. */
function statusOf(client: PubSubClient, type: Status['type']): Promise<Status> {
  return firstValueFrom(client.status$.pipe(filter((status) => status.type === type)));
}
