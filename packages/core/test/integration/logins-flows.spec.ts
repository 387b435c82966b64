import { createPrivateKey } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { firstValueFrom, take, timeout, toArray } from 'rxjs';
import { Agent, request } from 'undici';
import {
  clientCredentials,
  staticSession,
  type AuthenticationError,
  type OrgSession,
  type SessionProvider,
} from '@rxforce/core';
import type { Emulator } from '@rxforce/emulator';
import { jwtBearer } from '../../src/login/jwt-bearer.js';
import { refreshToken } from '../../src/login/refresh-token.js';
import { usernamePassword } from '../../src/login/username-password.js';
import {
  webServerFlow,
  type PendingLogin,
  type WebLogin,
  type WebServerFlow,
} from '../../src/login/web-server-flow.js';
import { clientOf, loginOf, withHttps } from '../support/emulated.js';
import { json, soapFault, withLoginServer } from '../support/login-server.js';

const REDIRECT_URI = 'http://localhost:3000/oauth/callback';

type Login = (emulator: Emulator) => SessionProvider | Promise<SessionProvider>;

const withWebLogin: Login = async (emulator) => (await logInByBrowser(emulator)).auth;

describe('A client', () => {
  const logins: readonly (readonly [string, Login])[] = [
    ['jwtBearer with a file', (emulator) => jwtBearer(loginOf(emulator))],
    ['jwtBearer with a text', (emulator) => jwtBearer({ ...withoutPath(emulator), privateKey: keyOf(emulator) })],
    [
      'jwtBearer with a text whose line breaks are written out',
      (emulator) => jwtBearer({ ...withoutPath(emulator), privateKey: keyOf(emulator).replaceAll('\n', '\\n') }),
    ],
    [
      'jwtBearer with a KeyObject',
      (emulator) => jwtBearer({ ...withoutPath(emulator), privateKey: createPrivateKey(keyOf(emulator)) }),
    ],
    [
      'jwtBearer with an encrypted key',
      (emulator) =>
        jwtBearer({ ...withoutPath(emulator), privateKey: encrypted(emulator), privateKeyPassphrase: 'pass' }),
    ],
    [
      'jwtBearer for the audience of all production orgs',
      (emulator) => jwtBearer({ ...loginOf(emulator), audience: 'https://login.salesforce.com' }),
    ],
    ['clientCredentials', (emulator) => clientCredentials(loginOf(emulator))],
    ['usernamePassword', (emulator) => usernamePassword(loginOf(emulator))],
    ['webServerFlow', withWebLogin],
    [
      'refreshToken',
      async (emulator) =>
        refreshToken({ ...loginOf(emulator), refreshToken: (await logInByBrowser(emulator)).refreshToken! }),
    ],
    ['staticSession', ({ credentials }) => staticSession(credentials)],
  ];
  for (const [name, login] of logins) {
    it(`receives events and asks for topics, when it logs in by ${name} over HTTPS`, () =>
      withHttps(async (emulator) => {
        const auth = await login(emulator);
        const client = clientOf(emulator, { auth });
        const received = client.changes('Account', { replay: 'earliest' }).pipe(take(1), timeout(20_000), toArray());
        emulator.org.create('Account', { Name: `by ${name}` });
        const [event] = await firstValueFrom(received);
        expect(event?.data.Name).to.equal(`by ${name}`);
        client.close();
        expect(await auth.open()).to.include({
          instanceUrl: emulator.httpUrl,
          organizationId: emulator.credentials.organizationId,
        });
      }));
  }

  const renewable = logins.filter(([name]) => name !== 'staticSession');
  for (const [name, login] of renewable) {
    it(`logs in again, when its session by ${name} has expired`, () =>
      withHttps(async (emulator) => {
        const client = clientOf(emulator, { auth: await login(emulator) });
        await firstValueFrom(client.topic('Account'));
        const loginsBefore = emulator.faults.logins();
        emulator.faults.expireSessions();
        await firstValueFrom(client.topic('Account'));
        expect(emulator.faults.logins()).to.equal(loginsBefore + 1);
        client.close();
      }));
  }
});

describe('jwtBearer', () => {
  it('reads the file at each login, so that a new key counts', () =>
    withHttps(async (emulator) => {
      const path = join(tmpdir(), `rxforce-key-${process.pid}-${emulator.grpcEndpoint.split(':')[1]}.pem`);
      const auth = jwtBearer({ ...loginOf(emulator), privateKeyPath: path });
      expect(await errorOf(auth)).to.include({ code: 'configuration' });
      writeFileSync(path, keyOf(emulator), { mode: 0o600 });
      expect(await auth.open()).to.include({ instanceUrl: emulator.httpUrl });
      rmSync(path);
    }));

  it('gives the session that the signature is for, anew at each login', () =>
    withHttps(async (emulator) => {
      const auth = jwtBearer(loginOf(emulator));
      const [first, second] = [await auth.open(), await auth.open()];
      expect(first.accessToken).to.not.equal(second.accessToken);
      expect(emulator.faults.logins()).to.equal(2);
    }));
});

describe('usernamePassword', () => {
  it('sends characters of XML as they are meant', async () => {
    let body = '';
    const error = await withLoginServer(
      (request, response) => {
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => soapFault('INVALID_LOGIN', 'no')(request, response));
      },
      (loginUrl) => errorOf(usernamePassword({ loginUrl, username: 'a&b', password: `<&>"'`, securityToken: 't' })),
    );
    expect(body).to.include('<username>a&amp;b</username><password>&lt;&amp;&gt;&quot;&apos;t</password>');
    expect(error).to.include({ reason: 'wrong-credentials' });
  });

  it('sends a password that was refused no more, so that the user is not locked out', async () => {
    let logins = 0;
    const errors = await withLoginServer(
      (request, response) => {
        logins++;
        soapFault('INVALID_LOGIN', 'no')(request, response);
      },
      async (loginUrl) => {
        const auth = usernamePassword({ loginUrl, username: 'ann', password: 'wr0ng' });
        return [await errorOf(auth), await errorOf(auth)];
      },
    );
    expect(errors[1]).to.include({ reason: 'wrong-credentials', retriable: false });
    expect(errors[1]!.message).to.include('not tried again');
    expect(logins).to.equal(1);
  });

  it('tries again, when something else than the password was wrong', async () => {
    let logins = 0;
    await withLoginServer(
      (request, response) => soapFault(++logins === 1 ? 'SERVER_UNAVAILABLE' : 'ORG_LOCKED', 'no')(request, response),
      async (loginUrl) => {
        const auth = usernamePassword({ loginUrl, username: 'ann', password: 'p4ss' });
        expect(await errorOf(auth)).to.include({ retriable: true });
        expect(await errorOf(auth)).to.include({ reason: 'org-blocked' });
        expect(await errorOf(auth)).to.include({ reason: 'org-blocked' });
      },
    );
    expect(logins).to.equal(3);
  });

  it('knows when the session ends, and renews it before', () =>
    withHttps(async (emulator) => {
      const session = await usernamePassword(loginOf(emulator)).open();
      expect(session.expiresAt).to.be.within(Date.now() + 7_100_000, Date.now() + 7_200_000);
    }));
});

describe('webServerFlow', () => {
  it('asks for the scopes, prompt and user that it is told, with a new state and challenge each time', async () => {
    const flow = webServerFlow({ clientId: 'app', redirectUri: REDIRECT_URI, scopes: ['api', 'id', 'refresh_token'] });
    const { url, pending } = await flow.authorizationUrl({ prompt: 'login consent', loginHint: 'ann@acme.example' });
    const { origin, pathname, searchParams } = new URL(url);
    expect(origin + pathname).to.equal('https://login.salesforce.com/services/oauth2/authorize');
    expect(Object.fromEntries(searchParams)).to.include({
      response_type: 'code',
      client_id: 'app',
      redirect_uri: REDIRECT_URI,
      scope: 'api id refresh_token',
      prompt: 'login consent',
      login_hint: 'ann@acme.example',
      state: pending.state,
      code_challenge_method: 'S256',
    });
    expect(url).to.not.include(pending.codeVerifier);
    const again = await flow.authorizationUrl();
    expect(again.pending.state).to.not.equal(pending.state);
    expect(again.pending.codeVerifier).to.not.equal(pending.codeVerifier);
  });

  it('takes the callback as a path, as servers have it', () =>
    withHttps(async (emulator) => {
      const flow = flowOf(emulator);
      const { url, pending } = await flow.authorizationUrl();
      const { pathname, search } = await approve(emulator, url);
      const { session } = await flow.callback(pathname + search, JSON.parse(JSON.stringify(pending)) as PendingLogin);
      expect(session.organizationId).to.equal(emulator.credentials.organizationId);
    }));

  it('uses the session that it has before it asks for another', () =>
    withHttps(async (emulator) => {
      const { auth, session } = await logInByBrowser(emulator);
      expect(await auth.open()).to.equal(session);
      expect(emulator.faults.logins()).to.equal(1);
      expect((await auth.open()).accessToken).to.not.equal(session.accessToken);
    }));

  it('gives a session that cannot be renewed, when the app does not ask for a refresh token', () =>
    withHttps(async (emulator) => {
      const login = await logInByBrowser(emulator, { scopes: ['api'] });
      expect(login.refreshToken).to.equal(undefined);
      await login.auth.open();
      expect(await errorOf(login.auth)).to.include({ code: 'authentication', reason: 'not-renewable' });
    }));

  const mixedUp: readonly (readonly [string, (url: URL) => void])[] = [
    ['another state', (url) => url.searchParams.set('state', 'of-somebody-else')],
    ['no state', (url) => url.searchParams.delete('state')],
    ['no code', (url) => url.searchParams.delete('code')],
  ];
  for (const [what, change] of mixedUp) {
    it(`refuses a callback with ${what}, and asks for no token`, () =>
      withHttps(async (emulator) => {
        const flow = flowOf(emulator);
        const { url, pending } = await flow.authorizationUrl();
        const callback = await approve(emulator, url);
        change(callback);
        const error = await rejection(flow.callback(callback, pending));
        expect(error).to.include({ code: 'authentication', reason: 'callback-mismatch', retriable: false });
        expect(emulator.faults.logins()).to.equal(0);
      }));
  }

  it('refuses a callback whose URL is none, and does not show it', async () => {
    const flow = webServerFlow({ clientId: 'app', redirectUri: REDIRECT_URI });
    const { pending } = await flow.authorizationUrl();
    const error = await rejection(flow.callback(`//?code=c0de&state=${pending.state}`, pending));
    expect(error).to.include({ code: 'authentication', reason: 'callback-mismatch', retriable: false });
    expect(inspect(error)).to.not.include('c0de');
  });

  it('refuses a callback for which nothing was kept', () =>
    withHttps(async (emulator) => {
      const flow = flowOf(emulator);
      const { url } = await flow.authorizationUrl();
      const error = await rejection(flow.callback(await approve(emulator, url), undefined));
      expect(error).to.include({ reason: 'callback-mismatch' });
    }));

  it('is refused with the verifier of another login', () =>
    withHttps(async (emulator) => {
      const flow = flowOf(emulator);
      const { url, pending } = await flow.authorizationUrl();
      const { codeVerifier } = (await flow.authorizationUrl()).pending;
      const error = await rejection(flow.callback(await approve(emulator, url), { ...pending, codeVerifier }));
      expect(error).to.include({ reason: 'callback-mismatch' });
    }));

  it('is refused with a code that was used', () =>
    withHttps(async (emulator) => {
      const flow = flowOf(emulator);
      const { url, pending } = await flow.authorizationUrl();
      const callback = await approve(emulator, url);
      await flow.callback(callback, pending);
      expect(await rejection(flow.callback(callback, pending))).to.include({ reason: 'grant-expired' });
    }));

  it('says so, when the user refused', () =>
    withHttps(async (emulator) => {
      emulator.faults.refuseLogins(1, { error: 'access_denied', description: 'end-user denied authorization' });
      const flow = flowOf(emulator);
      const { url, pending } = await flow.authorizationUrl();
      const error = await rejection(flow.callback(await approve(emulator, url), pending));
      expect(error).to.include({ code: 'authentication', reason: 'denied', retriable: false });
      expect(error.message).to.include('end-user denied authorization');
    }));
});

describe('refreshToken', () => {
  it('hands over each new token before the session is used, and uses it from then on', () =>
    withHttps(
      async (emulator) => {
        const { refreshToken: first } = await logInByBrowser(emulator);
        const kept: string[] = [first!];
        const auth = refreshToken({
          ...loginOf(emulator),
          refreshToken: first!,
          onRotated: (token) => void kept.push(token),
        });
        await auth.open();
        await auth.open();
        expect(new Set(kept).size).to.equal(3);
        expect(await errorOf(refreshToken({ ...loginOf(emulator), refreshToken: first! }))).to.include({
          reason: 'grant-expired',
        });
        expect(await refreshToken({ ...loginOf(emulator), refreshToken: kept.at(-1)! }).open()).to.be.an('object');
      },
      { rotateRefreshTokens: true },
    ));

  it('uses no token twice, when two clients log in at once', () =>
    withHttps(
      async (emulator) => {
        const { refreshToken: first } = await logInByBrowser(emulator);
        const auth = refreshToken({ ...loginOf(emulator), refreshToken: first! });
        const sessions = await Promise.all([auth.open(), auth.open(), auth.open()]);
        expect(new Set(sessions.map(({ accessToken }) => accessToken)).size).to.equal(3);
      },
      { rotateRefreshTokens: true },
    ));

  it('hands over the new token, when the session that came with it is of no use', async () => {
    const kept: string[] = [];
    const given: string[] = [];
    const error = await withLoginServer(
      (request, response) => {
        const instance_url = `http://${request.headers.host}`;
        const answer = { access_token: 'opaque', instance_url, refresh_token: `r3fresh ${given.length + 2}` };
        if (request.url === '/services/oauth2/userinfo') return void response.writeHead(503).end();
        request.on('data', (body: Buffer) => given.push(new URLSearchParams(body.toString()).get('refresh_token')!));
        request.on('end', () => json(answer)(request, response));
      },
      async (loginUrl) => {
        const onRotated = (token: string) => void kept.push(token);
        const auth = refreshToken({ loginUrl, clientId: 'app', refreshToken: 'r3fresh 1', onRotated });
        await errorOf(auth);
        return errorOf(auth);
      },
    );
    expect(error).to.include({ code: 'connection', retriable: true });
    expect(given).to.deep.equal(['r3fresh 1', 'r3fresh 2']);
    expect(kept).to.deep.equal(['r3fresh 2', 'r3fresh 3']);
  });

  it('hands a token over again at the next login, when it could not be kept, and asks for no other', () =>
    withHttps(
      async (emulator) => {
        const { refreshToken: first } = await logInByBrowser(emulator);
        const told: string[] = [];
        const auth = refreshToken({
          ...loginOf(emulator),
          refreshToken: first!,
          onRotated: (token) => {
            told.push(token);
            if (told.length === 1) throw new Error(`the database did not take ${token}`);
          },
        });
        const error = await errorOf(auth);
        expect(error).to.include({ reason: 'rotation-not-kept', retriable: true });
        expect(error.message).to.include('the database did not take ***');
        const logins = emulator.faults.logins();
        await auth.open();
        expect(told).to.deep.equal([told[0], told[0]]);
        expect(emulator.faults.logins()).to.equal(logins);
      },
      { rotateRefreshTokens: true },
    ));

  it('needs no secret, when the app does not require one', () =>
    withHttps(async (emulator) => {
      const { refreshToken: token } = await logInByBrowser(emulator, { clientSecret: undefined });
      const auth = refreshToken({ ...loginOf(emulator), clientSecret: undefined, refreshToken: token! });
      expect(await auth.open()).to.include({ instanceUrl: emulator.httpUrl });
    }));
});

function withoutPath(emulator: Emulator) {
  return { ...loginOf(emulator), privateKeyPath: undefined };
}

function keyOf({ credentials }: Emulator): string {
  return readFileSync(credentials.privateKeyPath, 'utf8');
}

function encrypted(emulator: Emulator): string {
  const key = createPrivateKey(keyOf(emulator));
  return key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'pass' }).toString();
}

function flowOf(emulator: Emulator, options: object = {}): WebServerFlow {
  return webServerFlow({ ...loginOf(emulator), redirectUri: REDIRECT_URI, ...options });
}

/** What a user's browser does: it goes where it is sent, and is sent back. */
async function approve({ httpUrl, ca }: Emulator, url: string): Promise<URL> {
  expect(url.startsWith(httpUrl)).to.equal(true);
  const dispatcher = new Agent({ connect: { ca: ca! } });
  const { statusCode, headers } = await request(url, { dispatcher });
  await dispatcher.close();
  expect(statusCode).to.equal(302);
  return new URL(String(headers.location));
}

async function logInByBrowser(emulator: Emulator, options: object = {}): Promise<WebLogin> {
  const flow = flowOf(emulator, options);
  const { url, pending } = await flow.authorizationUrl();
  return flow.callback(await approve(emulator, url), pending);
}

function errorOf(auth: SessionProvider): Promise<AuthenticationError> {
  return rejection(auth.open());
}

async function rejection(promise: Promise<OrgSession | WebLogin>): Promise<AuthenticationError> {
  try {
    await promise;
  } catch (error) {
    return error as AuthenticationError;
  }
  throw new Error('It was not refused.');
}
