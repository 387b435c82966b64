import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import {
  AuthenticationError,
  clientCredentials,
  ClientClosedError,
  ConfigurationError,
  ConnectionError,
  createClient,
  LimitExceededError,
  ServiceError,
  staticSession,
  ThrottledError,
  type OrgRequest,
  type PubSubClient,
} from '@rxforce/core';
import { clientOf, loginOf, withEmulator, withHttps } from '../support/emulated.js';
import { rejection } from '../support/rejection.js';

const ACCOUNTS = '/services/data/v62.0/sobjects/Account';
const JSON_TYPE = { 'content-type': 'application/json' };

describe('client.fetch()', () => {
  it('reads and writes records of the org, with the session of the client', () =>
    withEmulator(async (_emulator, client) => {
      const body = JSON.stringify({ Name: 'Acme' });
      const created = await client.fetch(ACCOUNTS, { method: 'POST', headers: JSON_TYPE, body });
      expect(created.status).to.equal(201);
      const { id } = (await created.json()) as { id: string };
      const account = await (await client.fetch(`${ACCOUNTS}/${id}`)).json();
      expect(account).to.include({ Id: id, Name: 'Acme' });
      expect((await client.fetch(`${ACCOUNTS}/${id}`, { method: 'DELETE' })).status).to.equal(204);
    }));

  it('remembers what the org says of its limit', () =>
    withEmulator(async (_emulator, client) => {
      expect(client.state().apiUsage).to.equal(undefined);
      await client.fetch('/services/data/v62.0/limits');
      const { used, limit, at } = client.state().apiUsage!;
      expect(used).to.be.within(1, limit);
      expect(at).to.be.at.most(Date.now());
    }));

  it('renews a session that is refused, and makes the call again', () =>
    withEmulator(async (emulator) => {
      const { client, logins } = counting(emulator);
      await client.fetch('/services/data/v62.0/limits');
      emulator.faults.expireSessions();
      expect((await client.fetch('/services/data/v62.0/limits')).status).to.equal(200);
      expect(logins()).to.equal(2);
      client.close();
    }));

  it('does not make a call again that may not be, and the next one has a new session', () =>
    withEmulator(async (emulator) => {
      const { client, logins } = counting(emulator);
      await client.fetch('/services/data/v62.0/limits');
      emulator.faults.expireSessions();
      const post = () => client.fetch(ACCOUNTS, { method: 'POST', headers: JSON_TYPE, body: '{"Name":"x"}' });
      const error = await rejection(post());
      expect(error)
        .to.be.instanceOf(AuthenticationError)
        .and.include({ retriable: true, serviceCode: 'INVALID_SESSION_ID' });
      expect((await post()).status).to.equal(201);
      expect(logins()).to.equal(2);
      client.close();
    }));

  it('rejects with the words of the org, and not with the values of the call', () =>
    withEmulator(async (_emulator, client) => {
      const missing = await rejection(client.fetch(`${ACCOUNTS}/001000000000000AAA?fields=Secret`));
      expect(missing).to.be.instanceOf(ServiceError).and.include({ retriable: false, serviceCode: 'NOT_FOUND' });
      expect((missing as Error).message).to.match(/^The org refused GET \/services.*\(HTTP 404\): NOT_FOUND, .*\.$/);
      expect((missing as Error).message).not.to.include('Secret');
    }));

  it('rejects after the client was closed, when nothing is in work any more', () =>
    withEmulator(async (_emulator, client) => {
      client.close();
      expect(await rejection(client.fetch('/x'))).to.be.instanceOf(ClientClosedError);
    }));

  for (const path of ['services', 'https://elsewhere.example/x', '//elsewhere.example/x', '/\\elsewhere.example', 5]) {
    it(`sends the session nowhere else: ${String(path)}`, () =>
      withEmulator(async (_emulator, client) => {
        expect(await rejection(client.fetch(path as string))).to.be.instanceOf(ConfigurationError);
      }));
  }

  for (const [what, request] of [
    ['an unknown option', { verb: 'POST' }],
    ['a body that is an object', { method: 'POST', body: { Name: 'x' } }],
    ['a time that is none', { timeoutMs: 0 }],
    ['a method that is none', { method: 5 }],
    ['a header that no request can have', { headers: { 'no header': 'x' } }],
    ['a GET with a body', { body: 'x' }],
  ] as const) {
    it(`refuses ${what}`, () =>
      withEmulator(async (_emulator, client) => {
        expect(await rejection(client.fetch('/x', request as OrgRequest))).to.be.instanceOf(ConfigurationError);
      }));
  }

  it('takes the certificates of the client', () =>
    withHttps(async (emulator) => {
      const auth = clientCredentials(loginOf(emulator));
      const trusting = clientOf(emulator, { auth });
      expect((await trusting.fetch('/services/data/v62.0/limits')).status).to.equal(200);
      trusting.close();
      const untrusting = clientOf(emulator, { auth, tls: {} });
      const error = await rejection(untrusting.fetch('/services/data/v62.0/limits'));
      expect(error).to.be.instanceOf(ConnectionError).and.include({ retriable: true });
      expect((error as Error).message).to.match(/certificate/);
      untrusting.close();
    }));
});

describe('client.fetch(), when the org refuses', () => {
  for (const [status, errorCode, type] of [
    [403, 'REQUEST_LIMIT_EXCEEDED', LimitExceededError],
    [503, 'SERVER_UNAVAILABLE', ThrottledError],
    [429, '', ThrottledError],
    [500, 'UNKNOWN_EXCEPTION', ServiceError],
    [302, '', ServiceError],
  ] as const) {
    it(`with ${status} ${errorCode}, rejects with ${type.name}`, () =>
      withServer(
        (_request, response) => {
          response.writeHead(status, { location: '/elsewhere' });
          response.end(errorCode === '' ? 'no JSON' : JSON.stringify([{ errorCode, message: 'no' }]));
        },
        async (client) => {
          const error = await rejection(client.fetch('/services/data'));
          expect(error)
            .to.be.instanceOf(type)
            .and.include({ retriable: status !== 302 });
        },
      ));
  }

  it('with no answer in time, rejects, and the connection is given up', () =>
    withServer(
      () => undefined,
      async (client) => {
        const error = await rejection(client.fetch('/services/data?q=Secret', { timeoutMs: 20 }));
        expect(error).to.be.instanceOf(ConnectionError);
        expect((error as Error).message).to.match(/gave no answer to GET \/services\/data: none came in 20 ms/);
      },
    ));

  it('with a refusal that never ends, rejects with what came of it', () =>
    withServer(
      (_request, response) => {
        response.writeHead(500);
        response.write('[{"errorCode":"');
      },
      async (client) => {
        const error = await rejection(client.fetch('/services/data', { timeoutMs: 50 }));
        expect(error).to.be.instanceOf(ServiceError).and.include({ retriable: true });
      },
    ));

  it('with nothing, as the caller has given up, rejects with the reason', () =>
    withServer(
      () => undefined,
      async (client) => {
        const controller = new AbortController();
        const call = rejection(client.fetch('/services/data', { signal: controller.signal }));
        const reason = new Error('enough');
        controller.abort(reason);
        expect(await call).to.equal(reason);
      },
    ));
});

function counting(emulator: Parameters<typeof clientOf>[0]) {
  let count = 0;
  const client = clientOf(emulator);
  client.status$.subscribe(({ type }) => type === 'login' && count++);
  return { client, logins: () => count };
}

function sessionAt(instanceUrl: string) {
  return staticSession({ accessToken: '00D000000000001!x', instanceUrl, organizationId: '00D000000000001' });
}

/** A client whose org is an HTTP server of the test. */
async function withServer(
  answer: Parameters<typeof createServer>[1],
  test: (client: PubSubClient) => Promise<void>,
): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const client = createClient({ auth: sessionAt(url), endpoint: `127.0.0.1:${port}`, insecure: true });
  try {
    await test(client);
  } finally {
    client.close();
    server.closeAllConnections();
    server.close();
  }
}
