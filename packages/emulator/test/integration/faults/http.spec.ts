import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import type { Emulator, Faults } from '../../../src/index.js';
import { liveStream, TOPIC } from '../../support/live-stream.js';
import { accountSubscription } from '../../support/managed.js';
import { ORDER_TOPIC } from '../../support/orders.js';
import { RawClient, trailersOf } from '../../support/raw-client.js';
import { withEmulator } from '../../support/with-emulator.js';

/** Every fault with all its options, and what it gives while one stream on the topic has been given one event. */
const ORDERS: Readonly<Record<keyof Faults, readonly [options: object, result: unknown]>> = {
  dropStreams: [{ topic: TOPIC, method: 'Subscribe' }, 1],
  endStreams: [{ topic: TOPIC, method: 'Subscribe' }, 1],
  failStreams: [
    { topic: TOPIC, method: 'Subscribe', status: 'INTERNAL', errorCode: 'service.unavailable', details: 'Down.' },
    1,
  ],
  answer: [{ status: 14, errorCode: 'service.unavailable', details: 'Down.', method: 'Publish', times: 2 }, null],
  stopServer: [{}, null],
  startServer: [{}, null],
  restartServer: [{ downMs: 1 }, null],
  goAway: [{}, null],
  silence: [{ forMs: 1, pings: false, scope: 'all' }, null],
  unsilence: [{}, null],
  expireSessions: [{ cutExpired: true }, null],
  refuseLogins: [{ times: 2, error: { status: 503, error: 'server_error', description: 'Later.' } }, null],
  logins: [{}, 0],
  expireReplayIds: [{ topic: TOPIC }, null],
  resetOrg: [{}, null],
  switchSchema: [{ entity: 'Account' }, 'another'],
  corruptPayload: [{ topic: TOPIC, times: 2 }, null],
  losePublishes: [{ topic: ORDER_TOPIC, method: 'PublishStream', times: 2 }, null],
  failEvents: [{ topic: ORDER_TOPIC, times: 2, details: 'No.' }, null],
  failCommits: [{ subscription: 'Accounts', times: 2, details: 'No.' }, null],
  sendGaps: [{ entity: 'Account', times: 2 }, null],
  sendOverflow: [{ entity: 'Account', times: 2, after: 3 }, null],
  lagQueries: [{ lagMs: 1 }, null],
  delayCommits: [{ delayMs: 1, atRandom: true, entity: 'Account', times: 2 }, null],
  commitNow: [{}, 0],
  skewStamps: [{ skewMs: -1_000 }, null],
  touchRecords: [{ entity: 'Account' }, 1],
  limitRequests: [{ remaining: 2 }, null],
  expireCursors: [{}, 0],
  failJobs: [{ state: 'Failed', errorMessage: 'No.', times: 2 }, null],
  expireJobs: [{}, 0],
  slow: [{ responseDelayMs: 1 }, null],
  responses: [{ maxEvents: 2, merge: true, mergeMs: 1 }, null],
  redeliver: [{ events: 5, topic: TOPIC }, 1],
};

describe('POST /emulator/faults/NAME', () => {
  for (const [name, [options, expected]] of Object.entries(ORDERS)) {
    it(`answers with what ${name} gives, when it is ordered with all its options`, () =>
      withEmulator({}, async (emulator, client) => {
        emulator.org.create('Account', { Name: 'a' });
        accountSubscription(emulator);
        const stream = await liveStream(emulator, client, { replayPreset: 1 });
        await stream.next();
        const { status: httpStatus, body } = await order(emulator, name, options);
        expect(httpStatus).to.equal(200);
        const schemaId = emulator.org.entities().find(({ topic }) => topic === TOPIC)?.schemaId;
        expect(body).to.deep.equal({ result: expected === 'another' ? schemaId : expected });
      }));

    it(`answers 400 and names ${name}, when an option is unknown`, () =>
      withEmulator({}, async (emulator) => {
        const answer = await order(emulator, name, { ...options, nonsense: 1 });
        expect(answer.status).to.equal(400);
        expect(answer.body).to.have.nested.property('[0].errorCode', 'INVALID_FAULT');
        expect(answer.body)
          .to.have.nested.property('[0].message')
          .that.match(new RegExp(`^${name} has no option "nonsense"`));
      }));
  }

  it('has ended streams with the error, when it answers', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      const left = await liveStream(emulator, client, { topicName: '/data/LeadChangeEvent' });
      await order(emulator, 'failStreams', ORDERS.failStreams[0]);
      const ended = await stream.status;
      expect(ended.code).to.equal(status.INTERNAL);
      expect(ended.details).to.match(/^Down\. rpcId: /);
      expect(trailersOf(ended)['error-code']).to.match(/service\.unavailable$/);
      emulator.keepalive();
      await left.next();
    }));

  it('serves again, when it answers that the server was restarted', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      await order(emulator, 'restartServer', { downMs: 5 });
      expect(await stream.status).to.include({ code: status.UNAVAILABLE });
      const other = new RawClient(emulator);
      await other.call('GetTopic', { topicName: TOPIC });
      other.close();
    }));

  it('refuses the logins and no more, when it is told to refuse two', () =>
    withEmulator({}, async (emulator) => {
      await order(emulator, 'refuseLogins', ORDERS.refuseLogins[0]);
      expect([await login(emulator), await login(emulator), await login(emulator)]).to.deep.equal([503, 503, 200]);
      expect((await order(emulator, 'logins')).body).to.deep.equal({ result: 1 });
    }));

  it('takes no body for no options', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      const response = await fetch(`${emulator.faultsUrl}/endStreams`, { method: 'POST' });
      expect(await response.json()).to.deep.equal({ result: 1 });
      expect(await stream.status).to.include({ code: status.OK });
    }));

  it('answers 404 and the names there are, when there is no such fault', () =>
    withEmulator({}, async (emulator) => {
      for (const name of ['dropStream', 'toString']) {
        const { status: httpStatus, body } = await order(emulator, name);
        expect(httpStatus).to.equal(404);
        expect(body).to.have.nested.property('[0].message').that.contains(`"${name}"`).and.contains('dropStreams');
      }
      const { body } = await order(emulator, 'dropStream');
      expect(body).to.have.nested.property('[0].message').that.contains('Did you mean "dropStreams"?');
    }));

  it('answers 400, when the body is no JSON object', () =>
    withEmulator({}, async ({ faultsUrl }) => {
      for (const body of ['{', '[]', '"text"', 'null', 'topic=a']) {
        const response = await fetch(`${faultsUrl}/dropStreams`, { method: 'POST', body });
        expect(response.status).to.equal(400);
        expect(await response.json())
          .to.have.nested.property('[0].message')
          .that.contains('options of dropStreams');
      }
    }));

  it('answers 400 and what is wrong, when an option is not valid', () =>
    withEmulator({}, async (emulator) => {
      const wrong: readonly (readonly [keyof Faults, object, string])[] = [
        ['dropStreams', { topic: '/data/None' }, 'no topic "/data/None"'],
        ['dropStreams', { topic: '/data/accountChangeEvent' }, 'Did you mean "/data/AccountChangeEvent"?'],
        ['dropStreams', { topic: '' }, 'no topic ""'],
        ['failStreams', { status: 'INTERNAL', topic: '' }, 'no topic ""'],
        ['losePublishes', { topic: '' }, 'no topic ""'],
        ['failEvents', { topic: '' }, 'no topic ""'],
        ['redeliver', { events: 1, topic: '' }, 'no topic ""'],
        ['corruptPayload', { topic: '' }, 'no topic ""'],
        ['expireReplayIds', { topic: '' }, 'no topic ""'],
        ['failCommits', { subscription: '' }, 'no managed subscription ""'],
        ['failStreams', {}, 'failStreams: status takes a gRPC status'],
        ['switchSchema', {}, 'switchSchema: entity takes a string'],
        ['refuseLogins', { times: 'two' }, 'refuseLogins: times is a text, but must be a whole number'],
        ['refuseLogins', { error: 'no' }, 'refuseLogins: error takes an object'],
        ['restartServer', { downMs: -1 }, 'restartServer: downMs'],
        ['touchRecords', { entity: 'Account', ids: 'a' }, 'touchRecords: ids takes a list of strings'],
        ['touchRecords', { entity: 'Account', ids: [1] }, 'touchRecords: ids[0] takes a string'],
        ['failJobs', { state: 'Lost' }, 'failJobs: state takes one of Failed, Aborted'],
        ['lagQueries', {}, 'lagQueries: lagMs'],
      ];
      for (const [name, options, message] of wrong) {
        const { status: httpStatus, body } = await order(emulator, name, options);
        expect(httpStatus).to.equal(400);
        expect(body).to.have.nested.property('[0].message').that.contains(message);
      }
    }));

  it('answers 405, when the method is another', () =>
    withEmulator({}, async ({ faultsUrl }) => {
      expect((await fetch(`${faultsUrl}/dropStreams`)).status).to.equal(405);
    }));
});

describe('GET /emulator/faults', () => {
  it('lists all faults there are, with a line each', () =>
    withEmulator({}, async ({ faultsUrl, faults }) => {
      const list = (await (await fetch(faultsUrl)).json()) as Record<string, string>;
      expect(Object.keys(list)).to.have.members(Object.keys(faults));
      for (const line of Object.values(list)) {
        expect(line).to.match(/^[A-Z].{10,110}\.$/);
      }
    }));

  it('lists what its page does', () =>
    withEmulator({}, async ({ faultsUrl }) => {
      const list = (await (await fetch(faultsUrl)).json()) as Record<string, string>;
      const page = readFileSync(new URL('../../../../../docs/guides/emulator-faults.md', import.meta.url), 'utf8');
      const rows = [...page.matchAll(/^\| `(\w+)\(.*?\)`/gm)].map(([, name]) => name);
      expect(rows).to.deep.equal(Object.keys(list));
    }));
});

async function order(
  { faultsUrl }: Emulator,
  name: string,
  options: object = {},
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${faultsUrl}/${name}`, { method: 'POST', body: JSON.stringify(options) });
  return { status: response.status, body: await response.json() };
}

async function login({ httpUrl, credentials: { clientId, clientSecret } }: Emulator): Promise<number> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId });
  body.set('client_secret', clientSecret);
  return (await fetch(`${httpUrl}/services/oauth2/token`, { method: 'POST', body })).status;
}
