import { expect } from 'chai';
import { SignJWT } from 'jose';
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Emulator } from '../../src/index.js';
import { withEmulator } from '../support/with-emulator.js';

const NOW = Date.UTC(2026, 0, 1);
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

interface OAuthAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

describe('The assertion of a JWT login', () => {
  const login = async (exp: number, aud?: string): Promise<OAuthAnswer> => {
    let answer: OAuthAnswer | undefined;
    await withEmulator({ now: () => NOW }, async (emulator) => {
      answer = await logInBy(emulator, exp, aud);
    });
    return answer!;
  };

  it('is taken, when it ends in milliseconds and leaves no time, as that of the sf command line', async () => {
    for (const ms of [NOW + 300, NOW - 200, NOW + 300_000]) {
      expect(await login(ms), String(ms)).to.have.nested.property('body.token_type', 'Bearer');
    }
  });

  it('is refused, when it has ended, in seconds or in milliseconds', async () => {
    for (const exp of [NOW / 1000 - 1, NOW - 3_600_000]) {
      expect((await login(exp)).body, String(exp)).to.include({ error_description: 'expired authorization code' });
    }
  });

  it('is taken, however far ahead it ends, as the service does', async () => {
    for (const exp of [NOW / 1000 + 299, NOW / 1000 + 3_600, NOW / 1000 + 1e9, NOW + 3_600_000]) {
      expect((await login(exp)).status, String(exp)).to.equal(200);
    }
  });

  it('is taken, when its audience ends with a slash', async () => {
    for (const audience of ['/', 'https://login.salesforce.com/', 'https://test.salesforce.com']) {
      expect((await login(NOW / 1000 + 60, audience)).status, audience).to.equal(200);
    }
    expect((await login(NOW / 1000 + 60, 'https://login.salesforce.com.evil/')).status).to.equal(400);
  });
});

describe('The password grant', () => {
  it('gives a session, when user, password with security token, and app are right', () =>
    withEmulator({}, async (emulator) => {
      const { status, body } = await post(emulator, 'token', passwordForm(emulator));
      expect([status, body.instance_url]).to.deep.equal([200, emulator.httpUrl]);
      const answer = await fetch(`${emulator.httpUrl}/services/data/v64.0/limits`, {
        headers: { authorization: `Bearer ${String(body.access_token)}` },
      });
      expect(answer.status).to.equal(200);
    }));

  it('gives a session, when the form is in the address', () =>
    withEmulator({}, async (emulator) => {
      const query = new URLSearchParams(passwordForm(emulator)).toString();
      expect((await post(emulator, `token?${query}`, {})).status).to.equal(200);
    }));

  it('is refused, when anything of it is wrong', () =>
    withEmulator({}, async (emulator) => {
      const form = passwordForm(emulator);
      const { password } = emulator.credentials;
      const refused = { status: 400, body: { error: 'invalid_grant', error_description: 'authentication failure' } };
      expect(await post(emulator, 'token', { ...form, password })).to.deep.equal(refused);
      expect(await post(emulator, 'token', { ...form, username: 'nobody' })).to.deep.equal(refused);
      const wrongSecret = await post(emulator, 'token', { ...form, client_secret: '' });
      expect(wrongSecret.body.error).to.equal('invalid_client');
      emulator.faults.refuseLogins(1, { error: 'invalid_grant' });
      expect((await post(emulator, 'token', form)).status).to.equal(400);
    }));
});

describe('Introspection of tokens', () => {
  it('tells what a token is worth, until it is revoked', () =>
    withEmulator({}, async (emulator) => {
      const { accessToken, username, clientId: client_id, clientSecret: client_secret } = emulator.credentials;
      const form = { token: accessToken, client_id, client_secret };
      const { body } = await post(emulator, 'introspect', form);
      expect(body).to.include({ active: true, username, client_id, token_type: 'access_token' });
      await post(emulator, 'revoke', { token: accessToken });
      expect((await post(emulator, 'introspect', form)).body).to.deep.equal({ active: false });
    }));

  it('is refused, when an app does not say who it is', () =>
    withEmulator({}, async (emulator) => {
      const answer = await post(emulator, 'introspect', { token: emulator.credentials.accessToken });
      expect(answer).to.deep.include({ status: 400 }).and.have.nested.property('body.error', 'invalid_client_id');
    }));
});

describe('The configuration of OpenID', () => {
  it('names endpoints that there are', () =>
    withEmulator({}, async ({ httpUrl }) => {
      const answer = await fetch(`${httpUrl}/.well-known/openid-configuration`);
      const body = (await answer.json()) as Record<string, unknown>;
      expect(body).to.include({ issuer: httpUrl, token_endpoint: `${httpUrl}/services/oauth2/token` });
      expect(body.grant_types_supported).to.include.members(['password', JWT_BEARER]);
      for (const [name, url] of Object.entries(body).filter(([name]) => name.endsWith('_endpoint'))) {
        const { status } = await fetch(String(url), { method: 'POST' });
        expect(status, name).to.not.equal(404);
      }
    }));
});

describe('The SOAP endpoint', () => {
  it('answers a fault of the client, when a message is no XML that SOAP takes', () =>
    withEmulator({}, async ({ httpUrl, credentials: { username, password, securityToken } }) => {
      const login = `<e:Envelope xmlns:e="urn:e"><e:Body><login><username>${username}</username><password>${password}${securityToken}</password></login></e:Body></e:Envelope>`;
      const send = (body: string) => fetch(`${httpUrl}/services/Soap/u/60.0`, { method: 'POST', body });
      expect((await send(login)).status).to.equal(200);
      for (const message of ['', 'hello', '<a>', `<!DOCTYPE a>${login}`, '<a>'.repeat(300_000)]) {
        const answer = await send(message);
        expect(answer.status).to.equal(500);
        expect(await answer.text()).to.contain('<faultcode>soapenv:Client</faultcode>');
      }
    }));
});

async function logInBy(emulator: Emulator, exp: number, aud = emulator.httpUrl): Promise<OAuthAnswer> {
  const { clientId, username, privateKeyPath } = emulator.credentials;
  const audience = aud === '/' ? `${emulator.httpUrl}/` : aud;
  const assertion = await new SignJWT({ iss: clientId, sub: username, aud: audience, exp })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .sign(createPrivateKey(readFileSync(privateKeyPath)));
  return post(emulator, 'token', { grant_type: JWT_BEARER, assertion });
}

function passwordForm({ credentials }: Emulator) {
  const { username, password, securityToken, clientId, clientSecret } = credentials;
  return {
    grant_type: 'password',
    username,
    password: `${password}${securityToken}`,
    client_id: clientId,
    client_secret: clientSecret,
  };
}

async function post({ httpUrl }: Emulator, name: string, form: Record<string, string>): Promise<OAuthAnswer> {
  const response = await fetch(`${httpUrl}/services/oauth2/${name}`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as OAuthAnswer['body']) };
}
