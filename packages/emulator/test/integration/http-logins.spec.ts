import { expect } from 'chai';
import { SignJWT, UnsecuredJWT } from 'jose';
import { execFile } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { promisify } from 'node:util';
import { type Emulator, startEmulator } from '../../src/index.js';
import { RawClient } from '../support/raw-client.js';
import { withEmulator } from '../support/with-emulator.js';
import { type Answer, invalid, refresh, refreshTokenOf, revoke, token } from '../support/http-logins.js';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

describe('The JWT bearer grant', () => {
  it('gives a session for the Pub/Sub API, when the assertion is signed with the key of the file', () =>
    withEmulator({}, async (emulator) => {
      const [status, answer] = await token(emulator, { grant_type: JWT_BEARER, assertion: await assertion(emulator) });
      expect(status).to.equal(200);
      expect(answer)
        .to.include({ instance_url: emulator.httpUrl, token_type: 'Bearer' })
        .and.not.have.key('refresh_token');
      const client = new RawClient(emulator, { accesstoken: answer.access_token! });
      await client.call('GetTopic', { topicName: '/data/ChangeEvents' });
      client.close();
    }));

  for (const aud of [
    'https://login.salesforce.com',
    'https://test.salesforce.com',
    ['https://x', 'https://test.salesforce.com'],
  ]) {
    it(`takes the audience ${JSON.stringify(aud)}`, () =>
      withEmulator({}, async (emulator) => {
        const [status] = await token(emulator, {
          grant_type: JWT_BEARER,
          assertion: await assertion(emulator, { aud }),
        });
        expect(status).to.equal(200);
      }));
  }

  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const refused: readonly (readonly [string, (emulator: Emulator) => Promise<string> | string, Answer])[] = [
    ['of another key', (emulator) => assertion(emulator, {}, other), invalid('invalid assertion')],
    ['of no key', ({ credentials }) => unsigned(credentials), invalid('invalid assertion')],
    ['no JWT', () => 'none', invalid('invalid assertion')],
    ['without an end', (emulator) => assertion(emulator, { exp: undefined }), invalid('invalid assertion')],
    ['past', (emulator) => assertion(emulator, { exp: seconds(-1) }), invalid('expired authorization code')],
    ['for somebody else', (emulator) => assertion(emulator, { aud: 'https://x' }), invalid('audience is invalid')],
    [
      'of another user',
      (emulator) => assertion(emulator, { sub: 'nobody@acme.example' }),
      invalid("user hasn't approved this consumer"),
    ],
    [
      'of another app',
      (emulator) => assertion(emulator, { iss: 'none' }),
      { error: 'invalid_client_id', error_description: 'client identifier invalid' },
    ],
  ];
  for (const [what, assertionOf, expected] of refused) {
    it(`refuses an assertion that is ${what}, as the service does`, () =>
      withEmulator({}, async (emulator) => {
        const form = { grant_type: JWT_BEARER, assertion: await assertionOf(emulator) };
        expect(await token(emulator, form)).to.deep.equal([400, expected]);
      }));
  }

  it('goes by the clock of the emulator, and tells it', () =>
    withEmulator({ now: () => 1_000_000_000_000 }, async (emulator) => {
      const form = { grant_type: JWT_BEARER, assertion: await assertion(emulator, { exp: 1_000_000_100 }) };
      expect((await token(emulator, form))[0]).to.equal(200);
      const { headers } = await fetch(emulator.httpUrl);
      expect(headers.get('date')).to.equal('Sun, 09 Sep 2001 01:46:40 GMT');
    }));
});

describe('The key file', () => {
  it('is there for this user alone until the emulator stops', async () => {
    const emulator = await startEmulator({ tls: false });
    const { privateKeyPath } = emulator.credentials;
    expect(readFileSync(privateKeyPath, 'utf8')).to.match(/^-----BEGIN PRIVATE KEY-----/);
    expect(statSync(privateKeyPath).mode & 0o777).to.equal(0o600);
    await emulator.stop();
    expect(existsSync(privateKeyPath)).to.equal(false);
  });

  it('is removed, when the process ends before the emulator is stopped', async () => {
    const script =
      "const { startEmulator } = await import('@rxforce/emulator');" +
      'console.log((await startEmulator()).credentials.privateKeyPath); process.exit();';
    const node = ['--conditions=rxforce-source', '--import=tsx', '--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, node, { cwd: import.meta.dirname });
    expect(stdout).to.match(/private-key\.pem\n$/);
    expect(existsSync(stdout.trim())).to.equal(false);
  });
});

describe('The revoke endpoint', () => {
  it('ends a refresh token, or a session', () =>
    withEmulator({}, async (emulator) => {
      const refresh_token = await refreshTokenOf(emulator);
      expect(await revoke(emulator, refresh_token)).to.equal(200);
      expect(await refresh(emulator, refresh_token)).to.deep.equal([400, invalid('expired access/refresh token')]);
      const { accessToken } = emulator.credentials;
      expect(await revoke(emulator, accessToken)).to.equal(200);
      expect(await revoke(emulator, accessToken)).to.equal(400);
      const client = new RawClient(emulator);
      const refused = await client
        .call('GetTopic', { topicName: '/data/ChangeEvents' })
        .catch((error: unknown) => error);
      expect(refused).to.have.property('code', 16);
      client.close();
    }));
});

describe('The identity URL', () => {
  it('tells the user and the org, to who has a session', () =>
    withEmulator({}, async (emulator) => {
      const { credentials } = emulator;
      const { clientId: client_id, clientSecret: client_secret, organizationId, username } = credentials;
      const [, { id = '', access_token = '' }] = await token(emulator, {
        grant_type: 'client_credentials',
        client_id,
        client_secret,
      });
      const response = await fetch(id, { headers: { authorization: `Bearer ${access_token}` } });
      expect(await response.json()).to.include({ organization_id: organizationId, username, id });
      expect((await fetch(id)).status).to.equal(401);
      expect((await fetch(`${id}x?oauth_token=${encodeURIComponent(access_token)}`)).status).to.equal(403);
    }));
});

describe('HTTPS', () => {
  for (const tls of [true, false]) {
    it(`is trusted by the CA, when gRPC speaks ${tls ? 'TLS' : 'plaintext'}`, () =>
      withEmulator({ https: true, tls }, async ({ httpUrl, ca, credentials }) => {
        expect(httpUrl).to.match(/^https:\/\/localhost:\d+$/);
        expect(credentials.instanceUrl).to.equal(httpUrl);
        const status = await new Promise((resolve, reject) => {
          httpsRequest(httpUrl, { ca: ca! }, (response) => resolve(response.statusCode))
            .on('error', reject)
            .end();
        });
        expect(status).to.equal(404);
      }));
  }
});

/** An assertion that is right, but for what is changed. */
function assertion(
  { httpUrl, credentials }: Emulator,
  changed: Readonly<Record<string, unknown>> = {},
  key = createPrivateKey(readFileSync(credentials.privateKeyPath)),
): Promise<string> {
  const claims = { iss: credentials.clientId, sub: credentials.username, aud: httpUrl, exp: seconds(180) };
  return new SignJWT({ ...claims, ...changed }).setProtectedHeader({ alg: 'RS256' }).sign(key);
}

function unsigned({ clientId, username }: Emulator['credentials']): string {
  return new UnsecuredJWT({
    iss: clientId,
    sub: username,
    aud: 'https://login.salesforce.com',
    exp: seconds(180),
  }).encode();
}

function seconds(fromNow: number): number {
  return Math.floor(Date.now() / 1000) + fromNow;
}
