import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { clientCredentials, staticSession, type OrgSession, type RxforceError } from '@rxforce/core';
import { sharedSession } from '../../src/auth/shared-session.js';

/** Logs in by client credentials to a server that answers as a test says. */
async function login(onRequest: RequestListener): Promise<OrgSession | RxforceError> {
  const server = createServer(onRequest).listen(0, 'localhost');
  await once(server, 'listening');
  const loginUrl = `http://localhost:${(server.address() as AddressInfo).port}`;
  try {
    return await clientCredentials({ loginUrl, clientId: 'id', clientSecret: 's3cret' }).open();
  } catch (error) {
    return error as RxforceError;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const json = (value: object, status = 200) =>
  ((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  }) satisfies RequestListener;

describe('clientCredentials', () => {
  it('sends the grant in the body, and reads the session', async () => {
    const seen: string[] = [];
    const session = await login((request, response) => {
      request.on('data', (chunk: Buffer) => seen.push(`${request.method} ${request.url} ${chunk.toString()}`));
      const id = 'https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA';
      json({ access_token: '00D!t', instance_url: 'https://acme.my.salesforce.com', id })(request, response);
    });
    expect(seen).to.deep.equal([
      'POST /services/oauth2/token grant_type=client_credentials&client_id=id&client_secret=s3cret',
    ]);
    expect(session).to.deep.equal({
      accessToken: '00D!t',
      instanceUrl: 'https://acme.my.salesforce.com',
      organizationId: '00D000000000001EAA',
    });
  });

  it('asks userinfo for the org, when the answer does not tell it', async () => {
    const session = await login((request, response) => {
      const instance = `http://${request.headers.host}`;
      if (request.url === '/services/oauth2/token')
        json({ access_token: 'opaque', instance_url: instance })(request, response);
      else if (request.headers.authorization === 'Bearer opaque') json({ organization_id: '00D9' })(request, response);
      else json({}, 403)(request, response);
    });
    expect(session).to.include({ organizationId: '00D9' });
  });

  const failures: [string, RequestListener, { code: string; retriable: boolean }, RegExp][] = [
    [
      'the credentials are refused',
      json({ error: 'invalid_client', error_description: 'invalid client credentials' }, 400),
      { code: 'authentication', retriable: false },
      /invalid_client: invalid client credentials/,
    ],
    [
      'the address is no login page',
      (_request, response) => response.writeHead(404).end('<html>'),
      { code: 'connection', retriable: false },
      /HTTP 404/,
    ],
    [
      'the login is down',
      (_request, response) => response.writeHead(503).end('<html>'),
      { code: 'connection', retriable: true },
      /HTTP 503/,
    ],
    [
      'there were too many logins',
      json({ error: 'invalid_grant', error_description: 'login rate exceeded' }, 429),
      { code: 'connection', retriable: true },
      /HTTP 429.*for now/,
    ],
    [
      'the answer has no token',
      json({ instance_url: 'https://x' }),
      { code: 'authentication', retriable: false },
      /no access_token/,
    ],
    [
      'the answer is cut off',
      (_request, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('{');
        setImmediate(() => response.destroy());
      },
      { code: 'connection', retriable: true },
      /cannot be reached/,
    ],
  ];
  for (const [what, onRequest, expected, message] of failures) {
    it(`names the failure and shows no secret, when ${what}`, async () => {
      const error = (await login(onRequest)) as RxforceError;
      expect(error).to.include(expected);
      expect(error.message).to.match(message).and.not.include('s3cret');
    });
  }
});

describe('staticSession', () => {
  it('takes the org from the token, and the host from the URL', async () => {
    const session = await staticSession({
      accessToken: '00D9!x',
      instanceUrl: 'https://acme.my.salesforce.com/path',
    }).open();
    expect(session).to.deep.equal({
      accessToken: '00D9!x',
      instanceUrl: 'https://acme.my.salesforce.com',
      organizationId: '00D9',
    });
  });
});

describe('sharedSession', () => {
  it('does not remember a failed login', async () => {
    let attempts = 0;
    const session = { accessToken: 'x', instanceUrl: 'https://x', organizationId: '00D' };
    const shared = sharedSession({
      open: () => (++attempts === 1 ? Promise.reject(new Error('down')) : Promise.resolve(session)),
    });
    const [first, second] = await Promise.allSettled([shared.current(), shared.current()]);
    expect([first.status, second.status, attempts]).to.deep.equal(['rejected', 'rejected', 1]);
    expect(await shared.current()).to.equal(session);
  });

  it('keeps a new session, when an old one is refused late', async () => {
    let attempts = 0;
    const shared = sharedSession({
      open: () => Promise.resolve({ accessToken: String(++attempts), instanceUrl: '', organizationId: '' }),
    });
    const old = await shared.current();
    shared.refused(old);
    await shared.current();
    shared.refused(old);
    expect(await shared.current()).to.include({ accessToken: '2' });
  });
});
