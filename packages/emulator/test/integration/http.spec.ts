import { expect } from 'chai';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Emulator } from '../../src/index.js';
import { RawClient } from '../support/raw-client.js';
import { withEmulator } from '../support/with-emulator.js';

interface TokenAnswer {
  readonly access_token: string;
  readonly instance_url: string;
  readonly id: string;
  readonly token_type: string;
  readonly issued_at: string;
  readonly error?: string;
  readonly error_description?: string;
}

describe('The token endpoint', () => {
  it('gives a session for the Pub/Sub API, when id and secret are in the body', () =>
    withEmulator({}, async (emulator) => {
      const { clientId, clientSecret, organizationId } = emulator.credentials;
      const [status, answer] = await login(emulator, { client_id: clientId, client_secret: clientSecret });
      expect(status).to.equal(200);
      expect(answer).to.include({ instance_url: emulator.httpUrl, token_type: 'Bearer' });
      expect(answer.access_token.split('!')[0]).to.equal(organizationId.slice(0, 15));
      expect(answer.id).to.contain(organizationId);
      const client = new RawClient(emulator, { accesstoken: answer.access_token });
      await client.call('GetTopic', { topicName: '/data/ChangeEvents' });
      client.close();
    }));

  it('gives a session, when id and secret are in a Basic header', () =>
    withEmulator({}, async (emulator) => {
      const { clientId, clientSecret } = emulator.credentials;
      const [status] = await login(emulator, {}, { authorization: basic(clientId, clientSecret) });
      expect(status).to.equal(200);
    }));

  it('answers invalid_client_id, when the client is unknown', () =>
    withEmulator({}, async (emulator) => {
      const { clientSecret } = emulator.credentials;
      const [status, answer] = await login(emulator, { client_id: 'none', client_secret: clientSecret });
      expect(status).to.equal(400);
      expect(answer).to.deep.equal({ error: 'invalid_client_id', error_description: 'client identifier invalid' });
    }));

  it('answers invalid_client, when the secret is wrong', () =>
    withEmulator({}, async (emulator) => {
      const { clientId } = emulator.credentials;
      const [status, answer] = await login(emulator, { client_id: clientId, client_secret: 'wrong' });
      expect(status).to.equal(400);
      expect(answer).to.deep.equal({ error: 'invalid_client', error_description: 'invalid client credentials' });
      const [headerStatus] = await login(emulator, {}, { authorization: basic(clientId, 'wrong') });
      expect(headerStatus).to.equal(401);
    }));

  it('answers unsupported_grant_type, when the grant type is another', () =>
    withEmulator({}, async (emulator) => {
      for (const grant_type of ['device', 'toString', '']) {
        const [status, answer] = await login(emulator, { grant_type });
        expect(status).to.equal(400);
        expect(answer.error).to.equal('unsupported_grant_type');
      }
    }));
});

describe('The userinfo endpoint', () => {
  it('tells the org and the user, when the session is valid', () =>
    withEmulator({}, async ({ httpUrl, credentials }) => {
      const response = await userInfo(httpUrl, `Bearer ${credentials.accessToken}`);
      expect(response.status).to.equal(200);
      const info = (await response.json()) as Record<string, unknown>;
      expect(info).to.include({ organization_id: credentials.organizationId });
      expect(info.organization_id).to.have.length(18);
      expect(info).to.include.keys('user_id', 'preferred_username');
    }));

  it('answers 401, when there is no session', () =>
    withEmulator({}, async ({ httpUrl }) => {
      expect((await userInfo(httpUrl)).status).to.equal(401);
    }));

  it('answers 403, when the session is not valid', () =>
    withEmulator({}, async ({ httpUrl }) => {
      const response = await userInfo(httpUrl, 'Bearer none');
      expect([response.status, await response.text()]).to.deep.equal([403, 'Bad_OAuth_Token']);
    }));
});

describe('The HTTP server', () => {
  it('answers 404 in JSON, when the path is unknown', () =>
    withEmulator({}, async ({ httpUrl }) => {
      const response = await fetch(`${httpUrl}/services/nothing`);
      expect(response.status).to.equal(404);
      expect(await response.json()).to.have.nested.property('[0].errorCode', 'NOT_FOUND');
    }));

  it('answers 405 and the methods allowed, when the method is another', () =>
    withEmulator({}, async ({ httpUrl }) => {
      const response = await fetch(`${httpUrl}/services/oauth2/token`);
      expect([response.status, response.headers.get('allow')]).to.deep.equal([405, 'POST']);
    }));

  it('answers 400 and goes on, when the target of a request is no URL', () =>
    withEmulator({}, async ({ httpUrl }) => {
      expect(await statusLineOf(httpUrl, 'GET // HTTP/1.1')).to.contain(' 400 ');
      expect((await fetch(httpUrl)).status).to.equal(404);
    }));

  it('answers 413, when a body is longer than Salesforce takes', () =>
    withEmulator({}, async ({ httpUrl }) => {
      const body = Buffer.alloc(50 * 1024 * 1024 + 1, ' ');
      const response = await fetch(`${httpUrl}/services/oauth2/token`, { method: 'POST', body });
      expect(response.status).to.equal(413);
      expect(await response.json()).to.have.nested.property('[0].errorCode', 'REQUEST_TOO_LARGE');
    }));
});

async function login(
  { httpUrl }: Emulator,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<[number, TokenAnswer]> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...form });
  const response = await fetch(`${httpUrl}/services/oauth2/token`, { method: 'POST', body, headers });
  return [response.status, (await response.json()) as TokenAnswer];
}

function userInfo(httpUrl: string, authorization?: string): Promise<Response> {
  return fetch(`${httpUrl}/services/oauth2/userinfo`, {
    headers: authorization === undefined ? {} : { authorization },
  });
}

/** Sends a request that no HTTP client would send. */
async function statusLineOf(httpUrl: string, requestLine: string): Promise<string | undefined> {
  const socket = connect(Number(new URL(httpUrl).port), 'localhost');
  socket.write(`${requestLine}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  return (await text(socket)).split('\r\n')[0];
}

function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}
