import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  clientCredentials,
  ConfigurationError,
  createClient,
  fileReplayStore,
  memoryReplayStore,
  jwtBearer,
  staticSession,
  usernamePassword,
  type SessionProvider,
  type SubscriptionState,
} from '@rxforce/core';
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { expect } from 'chai';
import { handle } from '@rxforce/operators';
import { filter, firstValueFrom, NEVER, noop, Subject } from 'rxjs';
import { livePage, type LivePage, type LivePageOptions, type LiveReading } from '../../src/index.js';
import { rawRequest } from '../support/raw-request.js';
import { Stage } from '../support/stage.js';

const OWN = { 'x-rxforce': '1' };

describe('livePage', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  const stageOf = async (options: LivePageOptions = {}) => {
    const stage = await Stage.open(options);
    ends.push(() => stage.close());
    const post = async (path: string, body: unknown) =>
      rawRequest(stage.page.url + path, { method: 'POST', headers: OWN, body: JSON.stringify(body) });
    const get = async (path: string) => JSON.parse((await rawRequest(stage.page.url + path)).body) as never;
    return { stage, post, get };
  };

  it('changes nothing, unless actions are allowed', async () => {
    const { stage, post } = await stageOf();
    await stage.deadLetters.put([letter('a')]);
    for (const path of ['dead-letters/accounts/redrive', 'dead-letters/accounts/discard', 'positions', 'drain']) {
      const { status, body } = await post(`/api/${path}`, {
        all: true,
        topic: 'Account',
        name: 'sync',
        to: 'earliest',
      });
      expect(status, path).to.equal(403);
      expect(body).to.include('Set `actions`');
    }
    expect(await stage.deadLetters.depth()).to.equal(1);
  });

  it('asks which letters are meant, and works on those of a queue once at a time', async () => {
    const { stage, post, get } = await stageOf({ actions: true });
    await stage.deadLetters.put([letter('a'), letter('b')]);
    expect((await post('/api/dead-letters/accounts/discard', {})).status).to.equal(400);
    expect((await post('/api/dead-letters/accounts/discard', { ids: [] })).status).to.equal(400);
    expect((await post('/api/dead-letters/accounts/discard', { match: '' })).status).to.equal(400);
    expect((await post('/api/dead-letters/other/discard', { all: true })).status).to.equal(404);
    const go = new Subject<void>();
    stage.redriven = () => firstValueFrom(go);
    expect((await post('/api/dead-letters/accounts/redrive', { ids: ['a'] })).status).to.equal(202);
    const busy = await post('/api/dead-letters/accounts/discard', { all: true });
    expect(busy.status).to.equal(409);
    expect(await stage.deadLetters.depth()).to.equal(2);
    while (!go.observed) await new Promise((resolve) => setImmediate(resolve));
    const jobs = async () => ((await get('/api/state')) as LiveReading).jobs;
    expect((await jobs())[0]).to.include({ state: 'running', of: 1, done: 0, endedAt: null });
    go.next();
    while ((await jobs())[0]?.state === 'running') await new Promise((resolve) => setImmediate(resolve));
    expect((await jobs())[0]).to.include({ kind: 'redrive', state: 'done', of: 1, done: 1, failed: 0 });
    expect((await jobs())[0]?.endedAt).to.be.a('number');
    expect(await stage.deadLetters.depth()).to.equal(1);
  });

  it('counts the letters that are meant: the chosen ones, those that match, or all', async () => {
    const { stage, post, get } = await stageOf({ actions: true });
    const other = { ...letter('c'), error: { ...letter('c').error, message: 'another one' } };
    await stage.deadLetters.put([letter('a'), letter('b'), other]);
    stage.redriven = () => Promise.reject(new Error('still 500'));
    const jobs = async () => ((await get('/api/state')) as LiveReading).jobs;
    const counted = async (kind: string, choice: object) => {
      const begun = (await jobs()).length;
      await post(`/api/dead-letters/accounts/${kind}`, choice);
      while ((await jobs())[begun]?.state === 'running') await new Promise((resolve) => setImmediate(resolve));
      const { of, done, failed } = (await jobs())[begun] ?? {};
      return [of, done, failed];
    };
    expect(await counted('redrive', { match: 'CRM' })).to.deep.equal([2, 0, 2]);
    expect(await counted('redrive', { ids: ['a', 'gone'] })).to.deep.equal([1, 0, 1]);
    expect(await counted('redrive', { all: true })).to.deep.equal([3, 0, 3]);
    expect(await counted('discard', { match: 'still' })).to.deep.equal([3, 3, 0]);
  });

  it('offers no redrive for a queue that came without one, and shows values only where that is allowed', async () => {
    const deadLetters = memoryDeadLetterQueue();
    await deadLetters.put([letter('a')]);
    const { post, get } = await stageOf({ actions: true, deadLetters: { plain: deadLetters } });
    expect((await post('/api/dead-letters/plain/redrive', { all: true })).status).to.equal(409);
    expect(await get('/api/dead-letters/plain')).to.not.have.nested.property('letters[0].value');
    const { get: open } = await stageOf({ values: true, deadLetters: { plain: deadLetters } });
    expect(await open('/api/dead-letters/plain')).to.have.nested.property('letters[0].value.data.Name', 'Abel');
  });

  it('says that a redrive has failed, and why, when the queue fails', async () => {
    const deadLetters = memoryDeadLetterQueue();
    await deadLetters.put([letter('a')]);
    const queue = { ...deadLetters, list: deadLetters.list.bind(deadLetters), depth: () => Promise.resolve(1) };
    queue.remove = () => Promise.reject(new Error('the disk is full'));
    const { post, get } = await stageOf({ actions: true, deadLetters: { broken: queue } });
    await post('/api/dead-letters/broken/discard', { all: true });
    const reading = async () => (await get('/api/state')) as LiveReading;
    while ((await reading()).jobs[0]?.state === 'running') await new Promise((resolve) => setImmediate(resolve));
    expect((await reading()).jobs[0]).to.include({ state: 'failed', reason: 'the disk is full' });
    expect((await reading()).happened.at(-1)).to.include({ type: 'action', level: 'error' });
  });

  it('refuses to set a position that is in use, here or by another process', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rxforce-live-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    const store = fileReplayStore(folder);
    const organizationId = () => Promise.resolve('00D000000000001');
    const lines: string[] = [];
    const logger = { warn: () => undefined, info: (line: string) => void lines.push(line) };
    const { stage, post } = await stageOf({ actions: true, logger, positions: { store, organizationId } });
    const to = { topic: 'Account', name: 'sync', to: 'earliest' };
    // As another process would.
    const lock = await fileReplayStore(folder).lock?.({
      ...{ organizationId: '00D000000000001', topic: '/data/AccountChangeEvent', name: 'sync' },
    });
    expect((await post('/api/positions', to)).status).to.equal(409);
    await lock?.release();
    expect((await post('/api/positions', to)).status).to.equal(200);
    expect(lines).to.deep.equal(['on the live page: the position sync of Account was set to earliest']);
    stage.accounts(() => Promise.resolve());
    const refused = await post('/api/positions', to);
    expect(refused.status).to.equal(409);
    expect(refused.body).to.include('in use by this process');
    // "soon" is base64, too.
    for (const wrong of ['soon', 'yesterday', '', '2026-99-99']) {
      expect((await post('/api/positions', { ...to, name: 'other', to: wrong })).status, wrong).to.equal(409);
    }
    expect((await post('/api/positions', { topic: 'Account' })).status).to.equal(400);
  });

  it('shows the positions of its org that a store lists, though nobody uses them', async () => {
    const store = memoryReplayStore();
    const organizationId = '00D000000000001';
    const key = { organizationId, topic: '/data/AccountChangeEvent', name: 'idle' };
    await store.save(key, new Date(0));
    await store.save({ ...key, organizationId: '00D000000000002' }, new Date(0));
    const state = () => ({ at: 0, state: 'open' as const, login: undefined, apiUsage: undefined, subscriptions: [] });
    const page = await livePage({ status$: NEVER, state }, { port: 0, positions: { store, organizationId } });
    ends.push(() => page.close());
    const { body } = await rawRequest(`${page.url}/api/positions`);
    expect(JSON.parse(body)).to.deep.equal([
      {
        ...{ org: null, topic: '/data/AccountChangeEvent', name: 'idle', usedBy: null, savedAt: null },
        ...{ position: '1970-01-01T00:00:00.000Z', problem: null },
      },
    ]);
  });

  it('shows positions in a log, and those that the service keeps', async () => {
    const of = (topic: string, name: string | undefined): SubscriptionState => ({
      ...{ topic, name, subscription: 1, state: 'live', since: 0, troubleSince: undefined, wasConnected: true },
      ...{ cause: undefined, window: undefined, lagMs: undefined, lastResponseAt: undefined },
      lastCommit: { at: 5, position: new Date(0) },
      start: undefined,
    });
    const subscriptions = [
      of('/data/AccountChangeEvent#7', 'workers'),
      of('Orders', 'Orders'),
      of('/event/A__e', undefined),
    ];
    const state = () => ({ at: 0, state: 'open' as const, login: undefined, apiUsage: undefined, subscriptions });
    const page = await livePage({ status$: NEVER, state }, { port: 0 });
    ends.push(() => page.close());
    const { status, body } = await rawRequest(`${page.url}/api/positions`);
    expect(status).to.equal(200);
    const position = '1970-01-01T00:00:00.000Z';
    expect(JSON.parse(body)).to.deep.equal(
      [
        { topic: '/data/AccountChangeEvent#7', name: 'workers' },
        { topic: 'Orders', name: 'Orders' },
      ].map((each) => ({
        ...{ org: null, ...each, usedBy: 'this process, whose subscription is live' },
        ...{ savedAt: 5, problem: null, position },
      })),
    );
  });

  it('shows several clients by the names of their orgs', async () => {
    const client = () => ({
      status$: NEVER,
      state: () => ({ at: 0, state: 'open' as const, login: undefined, apiUsage: undefined, subscriptions: [] }),
    });
    const page = await livePage({ emea: client(), amer: client() }, { port: 0 });
    ends.push(() => page.close());
    const reading = JSON.parse((await rawRequest(`${page.url}/api/state`)).body) as LiveReading;
    expect(reading.clients.map(({ org }) => org)).to.deep.equal(['emea', 'amer']);
  });

  it('has the lines that the program notes, in the log of what happened', async () => {
    const state = () => ({ at: 0, state: 'open' as const, login: undefined, apiUsage: undefined, subscriptions: [] });
    const page = await livePage({ status$: NEVER, state }, { port: 0 });
    ends.push(() => page.close());
    page.note({ level: 'error', text: 'put aside', topic: '/data/AccountChangeEvent' });
    const reading = JSON.parse((await rawRequest(`${page.url}/api/state`)).body) as LiveReading;
    expect(reading.happened[0]).to.deep.include({
      ...{ type: 'note', level: 'error', text: 'put aside', times: 1 },
      ...{ org: null, topic: '/data/AccountChangeEvent', name: null },
    });
  });

  it('counts the letters for somebody who asks for the state once', async () => {
    const { stage, get } = await stageOf();
    await stage.deadLetters.put([letter('a'), letter('b')]);
    expect(((await get('/api/state')) as LiveReading).queues[0]).to.include({ name: 'accounts', depth: 2 });
  });

  it('is a ConfigurationError, when an option cannot be right', async () => {
    const client = {
      status$: NEVER,
      state: () => ({ at: 0, state: 'open' as const, login: undefined, apiUsage: undefined, subscriptions: [] }),
    };
    const queue = memoryDeadLetterQueue();
    const wrong: readonly (readonly [unknown, unknown, string])[] = [
      [{}, {}, 'no client'],
      [{ emea: {} }, {}, '"emea"'],
      [client, { prot: 1 }, 'Did you mean "port"?'],
      [client, { actions: 'yes' }, 'actions'],
      [client, { drain: true }, 'drain: it must be a function that drains the process, and not true'],
      [client, { heldUpBy: 'a' }, 'heldUpBy: it must be a function'],
      [client, { deadLetters: { a: {} } }, 'deadLetters.a'],
      [client, { deadLetters: queue }, 'deadLetters: it must have a name for each queue'],
      [client, { deadLetters: { a: { queue, outages: {} } } }, 'deadLetters.a.outages: it must be a function that'],
      [client, { deadLetters: { a: { queue, redrive: 1 } } }, 'deadLetters.a.redrive: it must be a function that'],
      [client, { deadLetters: { a: { queue, outage: noop } } }, 'Did you mean "deadLetters.a.outages"?'],
      [client, { positions: { organizationId: 'a' } }, 'positions: each must be { store, organizationId }'],
      [client, { positions: [memoryReplayStore()] }, 'positions: each must be { store, organizationId }'],
      [client, { logger: {} }, 'logger: it must have a function warn'],
      [client, { host: '0.0.0.0' }, 'token'],
    ];
    for (const [clients, options, words] of wrong) {
      const error = await livePage(clients as never, options as never).then(String, (failed: unknown) => failed);
      expect(error).to.be.instanceOf(ConfigurationError);
      expect(String(error)).to.include(words);
    }
  });

  describe('shows no secret', () => {
    let emulator: Emulator;
    before(async () => (emulator = await startEmulator({ seed: 1, tls: false })));
    after(() => emulator.stop());

    const logins: Readonly<Record<string, (right: boolean) => SessionProvider>> = {
      clientCredentials: (right) => {
        const { clientId, clientSecret } = emulator.credentials;
        return clientCredentials({
          clientId,
          clientSecret: right ? clientSecret : 'Wr0ng',
          loginUrl: emulator.httpUrl,
        });
      },
      jwtBearer: (right) => {
        const { clientId, username, privateKeyPath } = emulator.credentials;
        const user = right ? username : 'nobody@acme.example';
        return jwtBearer({ clientId, username: user, privateKeyPath, loginUrl: emulator.httpUrl });
      },
      usernamePassword: (right) => {
        const { username, password, securityToken } = emulator.credentials;
        const loginUrl = emulator.httpUrl;
        return usernamePassword({ username, password: right ? password : 'Wr0ng', securityToken, loginUrl });
      },
      staticSession: (right) => {
        const { accessToken, instanceUrl } = emulator.credentials;
        return staticSession({ accessToken: right ? accessToken : `${accessToken}Wr0ng`, instanceUrl });
      },
    };

    for (const [name, login] of Object.entries(logins)) {
      for (const right of [true, false]) {
        it(`of ${name}, when it is ${right ? 'accepted' : 'refused'}`, async () => {
          const client = createClient({
            ...{ auth: login(right), endpoint: emulator.grpcEndpoint, insecure: true },
            logger: { warn: () => undefined },
          });
          const page: LivePage = await livePage(client, { port: 0, values: true, actions: true });
          ends.push(
            () => client.close(),
            () => page.close(),
          );
          const ended = firstValueFrom(
            client.status$.pipe(filter(({ type }) => type === (right ? 'connected' : 'closed'))),
          );
          const running = client
            .changes('Account')
            .pipe(handle(() => undefined))
            .subscribe({ error: () => undefined });
          ends.push(() => running.unsubscribe());
          await ended;
          const texts = await Promise.all(
            ['/api/state', '/api/positions', '/api/settings', '/api/lag', '/api/happened.jsonl'].map((path) =>
              rawRequest(page.url + path),
            ),
          );
          const text = texts.map(({ status, body }) => `${status} ${body}`).join('\n');
          expect(text).to.include('/data/AccountChangeEvent');
          const { clientSecret, password, securityToken, accessToken, privateKeyPath } = emulator.credentials;
          const [, line = ''] = readFileSync(privateKeyPath, 'utf8').split('\n');
          const secrets = { clientSecret, password, securityToken, accessToken, line, wrong: 'Wr0ng', login: 'Bearer' };
          for (const [what, secret] of Object.entries(secrets)) expect(text, what).to.not.include(secret);
        });
      }
    }
  });
});

function letter(id: string) {
  const header = { changeType: 'UPDATE', entityName: 'Account', recordIds: ['001A'] };
  return {
    ...{ id, payload: undefined, schemaId: undefined, topic: '/data/AccountChangeEvent', replayId: 'AAAA' },
    value: { id: `event-${id}`, topic: '/data/AccountChangeEvent', header, data: { Name: 'Abel' } },
    error: { name: 'Error', message: 'the CRM said 500', code: undefined, stack: undefined },
    ...{ attempts: 1, firstFailedAt: 1, lastFailedAt: 2 },
  };
}
