import { expect } from 'chai';
import { deflateSync, gzipSync } from 'node:zlib';
import type { Emulator } from '../../src/index.js';
import { errorOf, RestClient } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

const ACCOUNT = '/services/data/v64.0/sobjects/Account';

describe('Requests as other programs make them', () => {
  it('reach the same resource, when slashes are doubled', () =>
    withEmulator({}, async (emulator) => {
      for (const path of ['//services/data', '/services//data/', '//services/data/v64.0//limits', '///services/data']) {
        expect((await send(emulator, path)).status, path).to.equal(200);
      }
      expect((await send(emulator, `//services/data/v64.0/query//?q=SELECT+Id+FROM+Account`)).status).to.equal(200);
    }));

  it('do what _HttpMethod says, when they are POSTs', () =>
    withEmulator({}, async (emulator) => {
      const id = emulator.org.create('Account', { Name: 'a' });
      const post = (method: string) =>
        send(emulator, `${ACCOUNT}/${id}?_HttpMethod=${method}`, { method: 'POST', body: '{"Name":"b"}' });
      expect((await post('PATCH')).status).to.equal(204);
      expect(emulator.org.record('Account', id)).to.include({ Name: 'b' });
      expect((await send(emulator, `${ACCOUNT}/${id}?_HttpMethod=DELETE`)).status).to.equal(200);
      expect((await post('delete')).status).to.equal(204);
      expect(emulator.org.records('Account')).to.deep.equal([]);
      expect((await post('BREW')).status).to.equal(405);
    }));

  it('are read, when their bodies are compressed', () =>
    withEmulator({}, async (emulator) => {
      const body = JSON.stringify({ Name: 'Abel' });
      for (const [encoding, bytes] of [
        ['gzip', gzipSync(body)],
        ['GZIP', gzipSync(body)],
        ['deflate', deflateSync(body)],
        ['identity', Buffer.from(body)],
      ] as const) {
        const answer = await send(emulator, ACCOUNT, { method: 'POST', body: bytes, encoding });
        expect(answer.status, encoding).to.equal(201);
      }
    }));

  it('are refused, when their bodies are not what their encoding says, or too long once decompressed', () =>
    withEmulator({}, async (emulator) => {
      const refused = async (encoding: string, body: Buffer) => {
        const answer = await send(emulator, ACCOUNT, { method: 'POST', body, encoding });
        return [answer.status, ((await answer.json()) as [{ errorCode: string }])[0].errorCode];
      };
      expect(await refused('gzip', Buffer.from('{}'))).to.deep.equal([400, 'BAD_REQUEST']);
      expect(await refused('br', Buffer.from('{}'))).to.deep.equal([415, 'UNSUPPORTED_MEDIA_TYPE']);
      const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024 + 1, ' '));
      expect(await refused('gzip', bomb)).to.deep.equal([413, 'REQUEST_TOO_LARGE']);
    }));

  it('are told what can be done, when they ask for the options of a path', () =>
    withEmulator({}, async (emulator) => {
      const answer = await send(emulator, ACCOUNT, { method: 'OPTIONS' });
      expect([answer.status, answer.headers.get('allow')]).to.deep.equal([200, 'GET, POST']);
      expect((await send(emulator, '/nothing', { method: 'OPTIONS' })).status).to.equal(404);
    }));

  it('are refused, when they take no JSON', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const answer = await rest.request('GET', '/limits', undefined, { accept: 'application/xml' });
      expect(errorOf(answer)).to.include({ status: 406, errorCode: 'NOT_ACCEPTABLE' });
      const browser = await rest.request('GET', '/limits', undefined, {
        accept: 'text/html,application/xml,*/*;q=0.8',
      });
      expect(browser.status).to.equal(200);
    }));

  it('are asked for a token, when they have no session', () =>
    withEmulator({}, async (emulator) => {
      emulator.faults.expireSessions();
      const { status, headers } = await new RestClient(emulator).request('GET', '/limits');
      expect([status, headers.get('www-authenticate')]).to.deep.equal([401, 'Token']);
    }));
});

interface Sending {
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly encoding?: string;
}

function send({ httpUrl, credentials }: Emulator, path: string, { method, body, encoding }: Sending = {}) {
  return fetch(`${httpUrl}${path}`, {
    method: method ?? 'GET',
    headers: {
      authorization: `Bearer ${credentials.accessToken}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(encoding !== undefined && { 'content-encoding': encoding }),
    },
    ...(body !== undefined && { body }),
  });
}
