import { expect } from 'chai';
import { SignJWT, UnsecuredJWT } from 'jose';
import { execFile } from 'node:child_process';
import { createHash, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { promisify } from 'node:util';
import { type Emulator, startEmulator } from '../../src/index.js';
import { RawClient } from '../support/raw-client.js';
import { withEmulator } from '../support/with-emulator.js';

type Answer = Readonly<Record<string, string>>;

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const REDIRECT_URI = 'http://localhost:3000/callback';
const VERIFIER = 'a-verifier-of-forty-three-characters-or-more';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

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

describe('The web server flow', () => {
  it('lets the app in at once, and changes the code for tokens', () =>
    withEmulator({}, async (emulator) => {
      const back = await authorize(emulator, { state: 'a b', scope: 'api refresh_token' });
      expect(back.origin + back.pathname).to.equal(REDIRECT_URI);
      expect(back.searchParams.get('state')).to.equal('a b');
      const [status, answer] = await exchange(emulator, back);
      expect(status).to.equal(200);
      expect(answer).to.include({ scope: 'api refresh_token' }).and.include.keys('access_token', 'refresh_token', 'id');
    }));

  it('keeps the query that the callback URL has', () =>
    withEmulator({}, async (emulator) => {
      const back = await authorize(emulator, { redirect_uri: `${REDIRECT_URI}?tenant=1` });
      expect(back.searchParams.get('tenant')).to.equal('1');
      expect(back.searchParams.get('code')).to.be.a('string');
    }));

  it('gives no refresh token, when nobody asked for it', () =>
    withEmulator({}, async (emulator) => {
      const [, answer] = await exchange(emulator, await authorize(emulator, { scope: 'api' }));
      expect(answer).to.not.have.property('refresh_token');
    }));

  it('works without PKCE, as for older apps', () =>
    withEmulator({}, async (emulator) => {
      const back = await authorize(emulator, { code_challenge: '' }, ['code_challenge', 'code_challenge_method']);
      expect((await exchange(emulator, back, {}, ['code_verifier']))[0]).to.equal(200);
    }));

  it('takes a code once', () =>
    withEmulator({}, async (emulator) => {
      const back = await authorize(emulator);
      await exchange(emulator, back);
      expect(await exchange(emulator, back)).to.deep.equal([400, invalid('expired authorization code')]);
    }));

  it('takes a code for 15 minutes', async () => {
    let now = 1_000_000_000_000;
    await withEmulator({ now: () => now }, async (emulator) => {
      const [first, second] = [await authorize(emulator), await authorize(emulator)];
      now += 15 * 60_000 - 1;
      expect((await exchange(emulator, first))[0]).to.equal(200);
      now += 1;
      expect(await exchange(emulator, second)).to.deep.equal([400, invalid('expired authorization code')]);
    });
  });

  const refused: readonly (readonly [string, Answer, Answer])[] = [
    ['the code is unknown', { code: 'none' }, invalid('invalid authorization code')],
    ['the verifier is another', { code_verifier: `${VERIFIER}x` }, invalid('invalid code verifier')],
    [
      'the callback URL is another',
      { redirect_uri: 'http://localhost:3000/other' },
      { error: 'redirect_uri_mismatch', error_description: 'redirect_uri must match configuration' },
    ],
    [
      'the secret is wrong',
      { client_secret: 'x' },
      { error: 'invalid_client', error_description: 'invalid client credentials' },
    ],
    [
      'the app is unknown',
      { client_id: 'x' },
      { error: 'invalid_client_id', error_description: 'client identifier invalid' },
    ],
  ];
  for (const [condition, form, expected] of refused) {
    it(`gives no tokens, when ${condition}`, () =>
      withEmulator({}, async (emulator) => {
        expect(await exchange(emulator, await authorize(emulator), form)).to.deep.equal([400, expected]);
        expect(emulator.faults.logins()).to.equal(0);
      }));
  }

  it('gives no tokens, when the verifier is missing', () =>
    withEmulator({}, async (emulator) => {
      const answer = await exchange(emulator, await authorize(emulator), {}, ['code_verifier']);
      expect(answer).to.deep.equal([400, invalid('invalid code verifier')]);
    }));

  const sentBack: readonly (readonly [string, Answer, string])[] = [
    ['the response type is another', { response_type: 'token' }, 'unsupported_response_type'],
    ['the challenge is plain', { code_challenge_method: 'plain' }, 'invalid_request'],
  ];
  for (const [condition, query, error] of sentBack) {
    it(`sends the user back with ${error}, when ${condition}`, () =>
      withEmulator({}, async (emulator) => {
        const { searchParams } = await authorize(emulator, { ...query, state: 's' });
        expect(Object.fromEntries(searchParams)).to.include({ error, state: 's' }).and.not.have.key('code');
      }));
  }

  it('sends the user back with the refusal, when one was planned', () =>
    withEmulator({}, async (emulator) => {
      emulator.faults.refuseLogins(1, { error: 'access_denied', description: 'end-user denied authorization' });
      const { searchParams } = await authorize(emulator);
      expect(Object.fromEntries(searchParams)).to.include({ error: 'access_denied' });
    }));

  for (const [what, query] of [
    ['an app that nobody knows', { client_id: 'x' }],
    ['a callback URL elsewhere', { redirect_uri: 'https://elsewhere.example/callback' }],
    ['a callback URL that is none', { redirect_uri: '/callback' }],
  ] as const) {
    it(`redirects nobody for ${what}`, () =>
      withEmulator({}, async (emulator) => {
        const response = await fetch(authorizeUrl(emulator, query), { redirect: 'manual' });
        expect([response.status, response.headers.get('location')]).to.deep.equal([400, null]);
      }));
  }
});

describe('The refresh token grant', () => {
  it('gives a session each time, and no other refresh token', () =>
    withEmulator({}, async (emulator) => {
      const refresh_token = await refreshTokenOf(emulator);
      const [[, first], [, second]] = [await refresh(emulator, refresh_token), await refresh(emulator, refresh_token)];
      expect(first.access_token).to.not.equal(second.access_token);
      expect(second).to.not.have.property('refresh_token');
    }));

  it('replaces the refresh token at each use, when told so', () =>
    withEmulator({ rotateRefreshTokens: true }, async (emulator) => {
      const first = await refreshTokenOf(emulator);
      const [, { refresh_token: second = '' }] = await refresh(emulator, first);
      expect(second).to.not.equal(first);
      expect(await refresh(emulator, first)).to.deep.equal([400, invalid('expired access/refresh token')]);
      expect((await refresh(emulator, second))[0]).to.equal(200);
    }));

  it('needs no secret, but no wrong one', () =>
    withEmulator({}, async (emulator) => {
      const refresh_token = await refreshTokenOf(emulator);
      expect((await refresh(emulator, refresh_token, ['client_secret']))[0]).to.equal(200);
      const form = { grant_type: 'refresh_token', refresh_token, client_id: emulator.credentials.clientId };
      expect((await token(emulator, { ...form, client_secret: 'x' }))[0]).to.equal(400);
    }));
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

describe('SOAP login()', () => {
  it('gives a session for the Pub/Sub API, when the password is followed by the security token', () =>
    withEmulator({}, async (emulator) => {
      const { username, password, securityToken, organizationId } = emulator.credentials;
      const [status, xml, type] = await soap(emulator, loginMessage(username, password + securityToken));
      expect([status, type]).to.deep.equal([200, 'text/xml; charset=utf-8']);
      expect(textIn(xml, 'serverUrl')).to.equal(
        `${emulator.httpUrl}/services/Soap/u/60.0/${organizationId.slice(0, 15)}`,
      );
      expect(textIn(xml, 'organizationId')).to.equal(organizationId);
      expect(textIn(xml, 'userId')).to.match(/^005/);
      const client = new RawClient(emulator, { accesstoken: textIn(xml, 'sessionId') });
      await client.call('GetTopic', { topicName: '/data/ChangeEvents' });
      client.close();
      expect(emulator.faults.logins()).to.equal(1);
    }));

  it('serves the enterprise API, prefixes, CDATA and characters of XML too', () =>
    withEmulator({}, async (emulator) => {
      const { username, password, securityToken } = emulator.credentials;
      const secret = `<![CDATA[${password}${securityToken}]]>`;
      const name = username.replace('@', '&#x40;');
      const message = `<n1:login xmlns:n1="urn:x"><n1:username a="b">${name}</n1:username><n1:password>${secret}</n1:password></n1:login>`;
      const [status, xml] = await soap(emulator, message, 'c', '31.0');
      expect(status).to.equal(200);
      expect(xml).to.include('xmlns="urn:enterprise.soap.sforce.com"');
    }));

  const refused: readonly (readonly [string, (emulator: Emulator) => [string, string], string, string?])[] = [
    ['the password is wrong', ({ credentials: { username } }) => [username, 'wrong'], 'INVALID_LOGIN'],
    [
      'the security token is wrong',
      ({ credentials: { username, password } }) => [username, `${password}wrong`],
      'INVALID_LOGIN',
    ],
    [
      'the security token is missing',
      ({ credentials: { username, password } }) => [username, password],
      'LOGIN_MUST_USE_SECURITY_TOKEN',
    ],
    [
      'the user is unknown',
      ({ credentials }) => ['x', credentials.password + credentials.securityToken],
      'INVALID_LOGIN',
    ],
    ['the version is retired', () => ['a', 'b'], 'UNSUPPORTED_API_VERSION', '30.0'],
    ['the version is none', () => ['a', 'b'], 'UNSUPPORTED_API_VERSION', 'latest'],
    ['the version has no login', () => ['a', 'b'], 'INVALID_OPERATION', '65.0'],
  ];
  for (const [condition, userOf, code, version] of refused) {
    it(`answers the fault sf:${code}, when ${condition}`, () =>
      withEmulator({}, async (emulator) => {
        const [status, xml] = await soap(emulator, loginMessage(...userOf(emulator)), 'u', version);
        expect(status).to.equal(500);
        expect(textIn(xml, 'faultcode')).to.equal(`sf:${code}`);
        expect(textIn(xml, 'faultstring')).to.match(new RegExp(`^${code}: .`));
        expect(textIn(xml, 'sf:exceptionCode')).to.equal(code);
      }));
  }

  it('is refused as planned', () =>
    withEmulator({}, async (emulator) => {
      emulator.faults.refuseLogins(1, { error: 'API_DISABLED_FOR_ORG', description: 'API <off>' });
      emulator.faults.refuseLogins(1);
      const [, planned] = await soap(emulator, loginMessage('a', 'b'));
      expect(textIn(planned, 'faultstring')).to.equal('API_DISABLED_FOR_ORG: API &#60;off&#62;');
      const [, other] = await soap(emulator, loginMessage('a', 'b'));
      expect(textIn(other, 'faultcode')).to.equal('sf:INVALID_LOGIN');
    }));

  it('ends a session by logout()', () =>
    withEmulator({}, async (emulator) => {
      const { accessToken } = emulator.credentials;
      const [status] = await soap(emulator, `<sessionId>${accessToken}</sessionId><logout xmlns="urn:x"/>`);
      expect(status).to.equal(200);
      expect(await revoke(emulator, accessToken)).to.equal(400);
    }));

  it('has no other operations', () =>
    withEmulator({}, async (emulator) => {
      const [status, xml] = await soap(emulator, '<query/>', 'u', '60.0/00D000000000001');
      expect([status, textIn(xml, 'faultcode')]).to.deep.equal([500, 'sf:INVALID_OPERATION']);
    }));
});

describe('Access tokens in JWT format', () => {
  it('are of use for HTTP and refused by the Pub/Sub API, when the emulator gives such ones', () =>
    withEmulator({ jwtAccessTokens: true }, async (emulator, client) => {
      const { accessToken } = emulator.credentials;
      expect(accessToken).to.match(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
      const response = await fetch(`${emulator.httpUrl}/services/oauth2/userinfo`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      expect(response.status).to.equal(200);
      const refused = await client
        .call('GetTopic', { topicName: '/data/ChangeEvents' })
        .catch((error: unknown) => error);
      expect(refused).to.have.property('code', 16);
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

async function token({ httpUrl }: Emulator, form: Answer): Promise<[number, Answer]> {
  const response = await fetch(`${httpUrl}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
  return [response.status, (await response.json()) as Answer];
}

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

function invalid(description: string): Answer {
  return { error: 'invalid_grant', error_description: description };
}

function authorizeUrl({ httpUrl, credentials }: Emulator, changed: Answer, without: readonly string[] = []): string {
  const query = {
    response_type: 'code',
    client_id: credentials.clientId,
    redirect_uri: REDIRECT_URI,
    scope: 'api refresh_token',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changed,
  };
  return `${httpUrl}/services/oauth2/authorize?${formOf(query, without).toString()}`;
}

/** Where the user is sent back to. */
async function authorize(emulator: Emulator, changed: Answer = {}, without: readonly string[] = []): Promise<URL> {
  const response = await fetch(authorizeUrl(emulator, changed, without), { redirect: 'manual' });
  expect(response.status).to.equal(302);
  return new URL(response.headers.get('location')!);
}

function exchange(
  emulator: Emulator,
  back: URL,
  changed: Answer = {},
  without: readonly string[] = [],
): Promise<[number, Answer]> {
  const { clientId: client_id, clientSecret: client_secret } = emulator.credentials;
  const form = {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    client_id,
    client_secret,
    redirect_uri: REDIRECT_URI,
    code_verifier: VERIFIER,
    ...changed,
  };
  return token(emulator, Object.fromEntries(formOf(form, without)));
}

async function refreshTokenOf(emulator: Emulator): Promise<string> {
  const [, { refresh_token = '' }] = await exchange(emulator, await authorize(emulator));
  return refresh_token;
}

function refresh(
  emulator: Emulator,
  refresh_token: string,
  without: readonly string[] = [],
): Promise<[number, Answer]> {
  const { clientId: client_id, clientSecret: client_secret } = emulator.credentials;
  const form = { grant_type: 'refresh_token', refresh_token, client_id, client_secret };
  return token(emulator, Object.fromEntries(formOf(form, without)));
}

async function revoke({ httpUrl }: Emulator, value: string): Promise<number> {
  const body = new URLSearchParams({ token: value });
  return (await fetch(`${httpUrl}/services/oauth2/revoke`, { method: 'POST', body })).status;
}

function formOf(form: Answer, without: readonly string[]): URLSearchParams {
  return new URLSearchParams(Object.entries(form).filter(([name]) => !without.includes(name)));
}

async function soap(
  { httpUrl }: Emulator,
  message: string,
  kind = 'u',
  version = '60.0',
): Promise<[number, string, string | null]> {
  const response = await fetch(`${httpUrl}/services/Soap/${kind}/${version}`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', soapaction: '""' },
    body: `<?xml version="1.0"?><e:Envelope xmlns:e="urn:e"><e:Body>${message}</e:Body></e:Envelope>`,
  });
  return [response.status, await response.text(), response.headers.get('content-type')];
}

function loginMessage(username: string, password: string): string {
  return `<login xmlns="urn:partner.soap.sforce.com"><username>${username}</username><password>${password}</password></login>`;
}

/** The text of the first element of that name. */
function textIn(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
}
