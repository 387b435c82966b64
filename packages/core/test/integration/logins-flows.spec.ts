import { createPrivateKey } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { firstValueFrom, take, timeout, toArray } from 'rxjs';
import { clientCredentials, staticSession, type SessionProvider } from '@rxforce/core';
import type { Emulator } from '@rxforce/emulator';
import { jwtBearer } from '../../src/login/jwt-bearer.js';
import { refreshToken } from '../../src/login/refresh-token.js';
import { usernamePassword } from '../../src/login/username-password.js';
import { clientOf, loginOf, withHttps } from '../support/emulated.js';
import { json, soapFault, withLoginServer } from '../support/login-server.js';
import { errorOf, logInByBrowser } from '../support/web-logins.js';

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
