import { generateKeyPairSync } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { firstValueFrom } from 'rxjs';
import { clientCredentials, createClient, staticSession, type Logger, type SessionProvider } from '@rxforce/core';
import { startEmulator } from '@rxforce/emulator';
import { jwtBearer } from '../../src/login/jwt-bearer.js';
import { refreshToken } from '../../src/login/refresh-token.js';
import { usernamePassword } from '../../src/login/username-password.js';
import { webServerFlow } from '../../src/login/web-server-flow.js';
import { clientOf } from '../support/emulated.js';
import { json, soapFault, withLoginServer } from '../support/login-server.js';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

/** A line from the middle of the key: enough of it to be a leak. */
const KEY_LINE = privateKey.split('\n')[3]!;

/** With characters that look otherwise in a URL, in a form and in XML. */
const SECRET = 'se&cr<et+/= %';
const TOKEN = '00D000000000009!AQ.to+ken';
const REFRESH = '5Aep861.re/fresh=';
const ROTATED = '5Aep861.rota/ted=';
const CODE = 'aPrx.co+de==';
const VERIFIER = 'verifier-of-forty-three-characters-or-more-00';

/** Also what only the server sees: an assertion, which a test adds. */
const secrets = new Set([KEY_LINE, SECRET, TOKEN, REFRESH, ROTATED, CODE, VERIFIER, 'p4ss<word', 't0ken&']);

const answer = {
  access_token: TOKEN,
  refresh_token: ROTATED,
  instance_url: 'https://acme.my.salesforce.com',
  id: 'https://login.salesforce.com/id/00D000000000009EAA/005000000000001AAA',
  token_type: 'Bearer',
};

const soapAnswer =
  `<e><sessionId>${TOKEN}</sessionId><serverUrl>https://acme.my.salesforce.com/x</serverUrl>` +
  '<organizationId>00D000000000009EAA</organizationId></e>';

/** The web server flow of an app. */
const appFlow = (loginUrl: string) =>
  webServerFlow({ loginUrl, clientId: 'app', clientSecret: SECRET, redirectUri: 'http://localhost/back' });

const FLOWS: Readonly<Record<string, (loginUrl: string) => SessionProvider>> = {
  clientCredentials: (loginUrl) => clientCredentials({ loginUrl, clientId: 'app', clientSecret: SECRET }),
  jwtBearer: (loginUrl) => jwtBearer({ loginUrl, clientId: 'app', username: 'ann', privateKey }),
  usernamePassword: (loginUrl) =>
    usernamePassword({ loginUrl, username: 'ann', password: 'p4ss<word', securityToken: 't0ken&' }),
  refreshToken: (loginUrl) =>
    refreshToken({
      loginUrl,
      clientId: 'app',
      clientSecret: SECRET,
      refreshToken: REFRESH,
      onRotated: () => Promise.resolve(),
    }),
  'refreshToken whose new token cannot be kept': (loginUrl) =>
    refreshToken({
      loginUrl,
      clientId: 'app',
      refreshToken: REFRESH,
      onRotated: (token) => Promise.reject(new Error(`INSERT of '${token}' for '${REFRESH}' failed`)),
    }),
  webServerFlow: (loginUrl) => {
    const flow = appFlow(loginUrl);
    const callback = `/back?${new URLSearchParams({ code: CODE, state: 's' }).toString()}`;
    return {
      open: async () => {
        const login = await flow.callback(callback, { state: 's', codeVerifier: VERIFIER });
        show(flow, login);
        return login.session;
      },
    };
  },
  'webServerFlow with a state of another login': (loginUrl) => {
    const flow = appFlow(loginUrl);
    const callback = new URL(`http://localhost/back?${new URLSearchParams({ code: CODE, state: 'x' }).toString()}`);
    return { open: async () => (await flow.callback(callback, { state: 's', codeVerifier: VERIFIER })).session };
  },
  'webServerFlow that the user refused': (loginUrl) => {
    const flow = appFlow(loginUrl);
    const told = { error: 'access_denied', error_description: `not with ${VERIFIER}`, state: 's' };
    const callback = `/back?${new URLSearchParams(told).toString()}`;
    return { open: async () => (await flow.callback(callback, { state: 's', codeVerifier: VERIFIER })).session };
  },
};

/** What a login endpoint may answer; `request` is what it was asked, whole. */
const ANSWERS: Readonly<Record<string, (request: string) => RequestListener>> = {
  'a session': (request) =>
    request.includes('urn:partner') ? (_request, response) => response.end(soapAnswer) : json(answer),
  'a session without an org': () => json({ ...answer, id: undefined, access_token: 'opaque', instance_url: 'x' }),
  'a refusal that repeats the request': (request) =>
    request.includes('urn:partner')
      ? soapFault('INVALID_LOGIN', request.replace(/[^]*<username>/, '').replaceAll(/<[^>]*>/g, ' '))
      : json({ error: 'invalid_grant', error_description: `Not ${request} (${decodeURIComponent(request)})` }, 400),
  'a refusal whose name repeats the request': (request) => json({ error: request, error_description: request }, 400),
  'a page that repeats the request': (request) => (_request, response) => response.writeHead(400).end(`<p>${request}`),
  'an answer that is no HTTP': (request) => (_request, response) =>
    response.socket?.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${request} ${TOKEN}`),
  'an outage': (request) => (_request, response) => response.writeHead(503).end(request),
  'an answer cut off': (request) => (_request, response) => {
    response.writeHead(200, { 'content-length': 100_000 }).write(request);
    setImmediate(() => response.destroy());
  },
};

/** All that can be seen of things, by any of the ways that programs print them. */
function show(...things: unknown[]): string {
  const seen = things.flatMap((thing) => [
    inspect(thing, { depth: Infinity, showHidden: true, getters: false }),
    inspect(thing, { depth: Infinity, showHidden: true, customInspect: false }),
    stringified(thing),
    stringified({ ...(thing as object) }),
    String(thing),
    ...causesOf(thing).map((cause) => `${cause.message} ${cause.stack} ${JSON.stringify(Object.entries(cause))}`),
  ]);
  const text = seen.join('\n');
  for (const secret of secrets) {
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      const at = text.indexOf(form);
      if (at >= 0) expect.fail(`${form} shows in …${text.slice(Math.max(0, at - 200), at + 200)}…`);
    }
  }
  return text;
}

function stringified(thing: unknown): string {
  try {
    return JSON.stringify(thing);
  } catch {
    // In a circle: programs cannot print it either.
    return '';
  }
}

function causesOf(thing: unknown): Error[] {
  return thing instanceof Error ? [thing, ...causesOf(thing.cause)] : [];
}

describe('No secret shows', () => {
  for (const [flow, login] of Object.entries(FLOWS)) {
    for (const [what, answerOf] of Object.entries(ANSWERS)) {
      it(`in the provider, session, error or client of ${flow}, when the endpoint gives ${what}`, () =>
        withLoginServer(answering(answerOf), async (loginUrl) => {
          const auth = login(loginUrl);
          const outcome = await auth.open().catch((error: unknown) => error);
          const client = createClient({ auth, logger: ignore });
          const failure = await firstValueFrom(client.topic('Account')).catch((error: unknown) => error);
          client.close();
          show(auth, outcome, client, failure);
        }));
    }
  }

  it('where a session is at hand all the same', async () => {
    const session = await staticSession({ accessToken: TOKEN, instanceUrl: 'https://acme.my.salesforce.com' }).open();
    expect(session.accessToken).to.equal(TOKEN);
    expect(show(session)).to.include('https://acme.my.salesforce.com');
  });

  it('in what a client logs and tells, while its logins fail and its sessions expire', async () => {
    const emulator = await startEmulator({ https: true });
    const { clientSecret, accessToken, password, securityToken } = emulator.credentials;
    const own = [clientSecret, accessToken, password, securityToken];
    own.forEach((secret) => secrets.add(secret));
    const logged: unknown[] = [];
    const logger: Logger = { warn: (...words) => void logged.push(words) };
    const auth = clientCredentials({ loginUrl: emulator.httpUrl, ca: emulator.ca!, ...emulator.credentials });
    const watched: SessionProvider = {
      open: async () => {
        const session = await auth.open();
        secrets.add(session.accessToken);
        own.push(session.accessToken);
        return session;
      },
    };
    const client = clientOf(emulator, { auth: watched, logger });
    const statuses: unknown[] = [];
    client.status$.subscribe((status) => statuses.push(status));
    const failure = new Promise((resolve) => {
      client.changes('Account', { replay: 'earliest' }).subscribe({
        next: () => {
          emulator.faults.refuseLogins(1, { status: 503 });
          emulator.faults.refuseLogins(1);
          emulator.faults.expireSessions({ cutExpired: true });
        },
        error: resolve,
      });
    });
    emulator.org.create('Account', { Name: 'one' });
    const error = await failure;
    expect(error).to.include({ code: 'authentication' });
    expect(own).to.have.length(5);
    show(logged, statuses, error, client, emulator.faults);
    client.close();
    await emulator.stop();
    own.forEach((secret) => secrets.delete(secret));
  });

  it('in the message, when a test of this kind meets one', () => {
    expect(() => show({ token: TOKEN })).to.throw('shows in');
    expect(() => show(new Error('a', { cause: new Error(`b ${encodeURIComponent(SECRET)}`) }))).to.throw('shows in');
  });
});

const ignore: Logger = { warn: () => undefined };

/** Reads the request to its end, and answers. An assertion in it becomes one of the secrets. */
function answering(answerOf: (request: string) => RequestListener): RequestListener {
  return (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const assertion = new URLSearchParams(body).get('assertion');
      if (assertion !== null) secrets.add(assertion);
      answerOf(body)(request, response);
    });
  };
}
