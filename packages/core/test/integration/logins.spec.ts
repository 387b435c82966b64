import { expect } from 'chai';
import { clientCredentials, staticSession, type OrgSession, type RxforceError } from '@rxforce/core';
import type { RequestListener } from 'node:http';
import { json, withLoginServer } from '../support/login-server.js';

/** Logs in by client credentials to a server that answers as a test says. */
function login(onRequest: RequestListener): Promise<OrgSession | RxforceError> {
  return withLoginServer(onRequest, (loginUrl) =>
    clientCredentials({ loginUrl, clientId: 'id', clientSecret: 's3cret' })
      .open()
      .catch((error: unknown) => error as RxforceError),
  );
}

/** What a session is good for, which its own fields do not show. */
function partsOf(
  session: OrgSession | RxforceError,
): Pick<OrgSession, 'accessToken' | 'instanceUrl' | 'organizationId'> {
  const { accessToken, instanceUrl, organizationId } = session as OrgSession;
  return { accessToken, instanceUrl, organizationId };
}

const ANSWER = { access_token: '00D!t', instance_url: 'https://acme.my.salesforce.com', token_type: 'Bearer' };

describe('clientCredentials', () => {
  it('sends the grant in the body, and reads the session', async () => {
    const seen: string[] = [];
    const session = await login((request, response) => {
      request.on('data', (chunk: Buffer) => seen.push(`${request.method} ${request.url} ${chunk.toString()}`));
      const id = 'https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA';
      json({ ...ANSWER, id })(request, response);
    });
    const [sent = ''] = seen;
    expect(sent).to.match(/^POST \/services\/oauth2\/token /);
    expect(Object.fromEntries(new URLSearchParams(sent.split(' ')[2]))).to.deep.equal({
      grant_type: 'client_credentials',
      client_id: 'id',
      client_secret: 's3cret',
    });
    expect(partsOf(session)).to.deep.equal({
      accessToken: '00D!t',
      instanceUrl: 'https://acme.my.salesforce.com',
      organizationId: '00D000000000001EAA',
    });
    expect(session).to.not.have.property('expiresAt');
  });

  it('takes the org from the access token, when the answer does not tell it', async () => {
    const session = await login(json({ ...ANSWER, access_token: '00D000000000009!AQ.x' }));
    expect(session).to.include({ organizationId: '00D000000000009' });
  });

  it('asks userinfo for the org, when nothing else tells it', async () => {
    const session = await login((request, response) => {
      const instance = `http://${request.headers.host}`;
      if (request.url === '/services/oauth2/token') {
        json({ ...ANSWER, access_token: 'opaque', instance_url: instance })(request, response);
      } else if (request.headers.authorization === 'Bearer opaque') {
        json({ organization_id: '00D9' })(request, response);
      } else {
        json({}, 403)(request, response);
      }
    });
    expect(session).to.include({ organizationId: '00D9' });
  });

  it('knows when the session ends, where the answer tells', async () => {
    const session = (await login(
      json({ ...ANSWER, access_token: '00D000000000009!AQ', expires_in: 100 }),
    )) as OrgSession;
    expect(session.expiresAt).to.be.within(Date.now() + 1, Date.now() + 100_000);
  });

  for (const loginUrl of ['https://login.salesforce.com', 'https://test.salesforce.com/']) {
    it(`throws a ConfigurationError that names My Domain, when it is to log in at ${loginUrl}`, () => {
      expect(() => clientCredentials({ loginUrl, clientId: 'a', clientSecret: 'b' })).to.throw(/My Domain/);
    });
  }
});

describe('staticSession', () => {
  it('takes the org from the token, and the host from the URL', async () => {
    const session = await staticSession({
      accessToken: '00D9!x',
      instanceUrl: 'https://acme.my.salesforce.com/path',
    }).open();
    expect(partsOf(session)).to.deep.equal({
      accessToken: '00D9!x',
      instanceUrl: 'https://acme.my.salesforce.com',
      organizationId: '00D9',
    });
  });
});
