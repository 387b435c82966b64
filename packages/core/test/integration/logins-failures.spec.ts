import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import {
  AuthenticationError,
  clientCredentials,
  staticSession,
  type RxforceError,
  type SessionProvider,
} from '@rxforce/core';
import type { Emulator } from '@rxforce/emulator';
import { jwtBearer } from '../../src/login/jwt-bearer.js';
import { refreshToken } from '../../src/login/refresh-token.js';
import { usernamePassword } from '../../src/login/username-password.js';
import { webServerFlow } from '../../src/login/web-server-flow.js';
import { json, soapFault, withLoginServer } from '../support/login-server.js';
import { loginOf, withHttps } from '../support/emulated.js';

const { privateKey: foreignKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const shortKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const ecKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const USER = 'ann@acme.example';

/** Each login by its name, to a login URL. */
const LOGINS = {
  jwtBearer: (loginUrl) => jwtBearer({ loginUrl, clientId: 'app', username: USER, privateKey: foreignKey }),
  clientCredentials: (loginUrl) => clientCredentials({ loginUrl, clientId: 'app', clientSecret: 's3cret' }),
  refreshToken: (loginUrl) => refreshToken({ loginUrl, clientId: 'app', refreshToken: 'r3fresh' }),
  usernamePassword: (loginUrl) => usernamePassword({ loginUrl, username: USER, password: 'p4ss' }),
} satisfies Record<string, (loginUrl: string) => SessionProvider>;

type Name = keyof typeof LOGINS;

/** The error of a login that the server answers so. */
function errorAt(name: Name, onRequest: RequestListener): Promise<RxforceError> {
  return withLoginServer(onRequest, (loginUrl) => errorOf(LOGINS[name](loginUrl)));
}

async function errorOf(auth: SessionProvider): Promise<RxforceError> {
  try {
    await auth.open();
  } catch (error) {
    return error as RxforceError;
  }
  throw new Error('It was not refused.');
}

describe('A refusal of a login endpoint', () => {
  const oauth: readonly (readonly [Name, error: string, description: string, reason: string, RegExp])[] = [
    [
      'jwtBearer',
      'invalid_grant',
      "user hasn't approved this consumer",
      'app-not-approved',
      /ann@acme.*pre-authorized/,
    ],
    [
      'jwtBearer',
      'invalid_app_access',
      'user is not admin approved to access this app',
      'app-not-approved',
      /Permitted/,
    ],
    [
      'jwtBearer',
      'invalid_grant',
      'audience is invalid',
      'wrong-audience',
      /for http:\/\/localhost:\d+, .*as audience/,
    ],
    ['jwtBearer', 'invalid_grant', 'Audience validation failed', 'wrong-audience', /as audience/],
    ['jwtBearer', 'invalid_grant', 'invalid assertion', 'wrong-credentials', /private key does not belong/],
    ['jwtBearer', 'invalid_grant', 'expired authorization code', 'clock-skew', /clock is wrong/],
    ['jwtBearer', 'invalid_client_id', 'client identifier invalid', 'unknown-app', /10 minutes/],
    ['jwtBearer', 'OAUTH_EC_APP_NOT_FOUND', 'the app is not installed', 'unknown-app', /clientId/],
    ...(['jwtBearer', 'clientCredentials', 'refreshToken'] as const).flatMap((name) =>
      (
        [
          ['app_not_found', 'External client app is not installed in this org'],
          ['OAUTH_APP_NOT_FOUND', 'what'],
          ['invalid_grant', 'External Client App is not installed in this org'],
        ] as const
      ).map(([error, description]) => [name, error, description, 'unknown-app', /installed.*My Domain/] as const),
    ),
    ['jwtBearer', 'invalid_grant', 'ip restricted or invalid login hours', 'ip-restricted', /login IP ranges/],
    ['jwtBearer', 'inactive_user', 'user is inactive', 'user-blocked', /Setup > Users/],
    ['jwtBearer', 'invalid_grant', 'user is locked', 'user-blocked', /locked out/],
    ['jwtBearer', 'invalid_grant', 'inactive user', 'user-blocked', /inactive/],
    ['jwtBearer', 'inactive_org', 'organization is inactive', 'org-blocked', /suspended/],
    ['jwtBearer', 'unsupported_grant_type', 'grant type not supported', 'flow-not-enabled', /Enable it/],
    ['jwtBearer', 'never_seen', 'something new', 'other', /Login History/],
    ['clientCredentials', 'invalid_client', 'invalid client credentials', 'wrong-credentials', /client id and secret/],
    ['clientCredentials', 'invalid_grant', 'no client credentials user enabled', 'flow-not-enabled', /user to run as/],
    ['clientCredentials', 'invalid_grant', 'request not supported on this domain', 'wrong-login-url', /My Domain URL/],
    ['refreshToken', 'invalid_grant', 'expired access/refresh token', 'grant-expired', /must log in again/],
    ['refreshToken', 'invalid_grant', 'token has been revoked', 'grant-expired', /was revoked/],
  ];
  for (const [name, error, description, reason, message] of oauth) {
    it(`is "${reason}" and final, when ${name} gets ${error}: ${description}`, async () => {
      const thrown = await errorAt(name, json({ error, error_description: description }, 400));
      expect(thrown).to.include({ name: 'AuthenticationError', code: 'authentication', reason, retriable: false });
      expect(thrown.message).to.match(message).and.include(`(${error}: ${description})`);
    });
  }

  it('says nothing of a clock that is ahead, which does no harm', async () => {
    const refused = json({ error: 'invalid_grant', error_description: 'invalid assertion' }, 400);
    const { reason } = (await errorAt('jwtBearer', (request, response) => {
      response.setHeader('date', new Date(Date.now() - 600_000).toUTCString());
      refused(request, response);
    })) as AuthenticationError;
    expect(reason).to.equal('wrong-credentials');
  });

  const passing: readonly (readonly [string, string, string])[] = [
    ['invalid_grant', 'login rate exceeded', 'too-many-logins'],
    ['rate_limit_exceeded', 'number of logins exceeded', 'too-many-logins'],
    ['unknown_error', 'retry your request', 'other'],
  ];
  for (const [error, description, reason] of passing) {
    it(`may pass, when it is ${error}: ${description}`, async () => {
      const thrown = await errorAt('jwtBearer', json({ error, error_description: description }, 400));
      expect(thrown).to.include({ code: 'authentication', reason, retriable: true });
    });
  }

  const soap: readonly (readonly [code: string, message: string, reason: string, retriable: boolean, RegExp])[] = [
    [
      'INVALID_LOGIN',
      'Invalid username, password, security token; or user locked out.',
      'wrong-credentials',
      false,
      /password or security token is wrong/,
    ],
    ['LOGIN_MUST_USE_SECURITY_TOKEN', 'a token is needed', 'security-token-needed', false, /as securityToken/],
    [
      'INVALID_OPERATION',
      'SOAP API login() is disabled by default in this org.',
      'flow-not-enabled',
      false,
      /jwtBearer/,
    ],
    ['UNSUPPORTED_API_VERSION', 'Invalid Api version specified on URL', 'flow-not-enabled', false, /65\.0/],
    ['API_DISABLED_FOR_ORG', 'API is not enabled', 'api-disabled', false, /API Enabled/],
    ['INVALID_OPERATION_WITH_EXPIRED_PASSWORD', 'expired', 'user-blocked', false, /password has expired/],
    ['LOGIN_DURING_RESTRICTED_DOMAIN', 'restricted IP', 'ip-restricted', false, /login IP ranges/],
    ['ORG_LOCKED', 'locked', 'org-blocked', false, /suspended/],
    ['REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.', 'too-many-logins', false, /API calls/],
    ['SERVER_UNAVAILABLE', 'busy', 'other', true, /try again/],
  ];
  for (const [code, text, reason, retriable, message] of soap) {
    it(`is "${reason}", when usernamePassword gets ${code}`, async () => {
      const thrown = await errorAt('usernamePassword', soapFault(code, text));
      expect(thrown).to.include({ code: 'authentication', reason, retriable });
      expect(thrown.message).to.match(message).and.include(text).and.not.include('p4ss');
    });
  }
});

describe('An emulator refuses', () => {
  const cases: readonly (readonly [string, (emulator: Emulator) => SessionProvider, reason: string, RegExp])[] = [
    [
      'a signature of another key',
      (emulator) => jwtBearer({ ...withoutPath(emulator), privateKey: foreignKey }),
      'wrong-credentials',
      /invalid assertion/,
    ],
    [
      'another audience',
      (emulator) => jwtBearer({ ...loginOf(emulator), audience: 'https://x' }),
      'wrong-audience',
      /x/,
    ],
    ['an unknown app', (emulator) => jwtBearer({ ...loginOf(emulator), clientId: 'none' }), 'unknown-app', /clientId/],
    [
      'a user who is not approved',
      (emulator) => jwtBearer({ ...loginOf(emulator), username: USER }),
      'app-not-approved',
      /ann@acme\.example may not use the app/,
    ],
    [
      'a wrong secret',
      (emulator) => clientCredentials({ ...loginOf(emulator), clientSecret: 'none' }),
      'wrong-credentials',
      /client id and secret/,
    ],
    [
      'an unknown refresh token',
      (emulator) => refreshToken({ ...loginOf(emulator), refreshToken: 'none' }),
      'grant-expired',
      /log in again/,
    ],
    [
      'a wrong password',
      (emulator) => usernamePassword({ ...loginOf(emulator), password: 'none' }),
      'wrong-credentials',
      /locked out/,
    ],
    [
      'a password without a security token',
      (emulator) => usernamePassword({ ...loginOf(emulator), securityToken: undefined }),
      'security-token-needed',
      /securityToken/,
    ],
  ];
  for (const [what, login, reason, message] of cases) {
    it(`${what}, which the login names "${reason}"`, () =>
      withHttps(async (emulator) => {
        const error = await errorOf(login(emulator));
        expect(error).to.include({ code: 'authentication', reason, retriable: false });
        expect(error.message).to.match(message);
        expect(emulator.faults.logins()).to.equal(0);
      }));
  }

  it('an assertion from a clock that is behind, which the login tells by how much', () =>
    withHttps(
      async (emulator) => {
        const error = await errorOf(jwtBearer(loginOf(emulator)));
        expect(error).to.include({ code: 'authentication', reason: 'clock-skew', retriable: false });
        expect(error.message).to.match(/is (599|600|601) seconds behind the server's/);
      },
      { now: () => Date.now() + 600_000 },
    ));

  for (const [clock, serverAheadMs] of [
    ['that is behind by less than it bears', 100_000],
    ['that is ahead', -600_000],
  ] as const) {
    it(`no assertion of a clock ${clock}`, () =>
      withHttps(
        async (emulator) => {
          expect(await jwtBearer(loginOf(emulator)).open()).to.be.an('object');
        },
        { now: () => Date.now() + serverAheadMs },
      ));
  }

  for (const [name, login] of [
    ['clientCredentials', (emulator: Emulator) => clientCredentials(loginOf(emulator))],
    ['jwtBearer', (emulator: Emulator) => jwtBearer(loginOf(emulator))],
    ['usernamePassword', (emulator: Emulator) => usernamePassword(loginOf(emulator))],
  ] as const) {
    it(`tokens in JWT format, so that ${name} does before, and names the setting`, () =>
      withHttps(
        async (emulator) => {
          const error = await errorOf(login(emulator));
          expect(error).to.include({ code: 'authentication', reason: 'token-format', retriable: false });
          expect(error.message).to.include('JSON Web Token (JWT)-based');
        },
        { jwtAccessTokens: true },
      ));
  }
});

describe('A login that gets no answer of use', () => {
  const answers: readonly (readonly [string, RequestListener, boolean, RegExp])[] = [
    [
      'a page',
      (_request, response) => response.end('<html>Log in</html>'),
      false,
      /HTTP 200 and no \w+ response: .*loginUrl/,
    ],
    ['a page that is missing', (_request, response) => response.writeHead(404).end('<html>'), false, /HTTP 404/],
    [
      'a redirection',
      (_request, response) => response.writeHead(302, { location: 'https://elsewhere.example' }).end(),
      false,
      /HTTP 302/,
    ],
    ['an outage', (_request, response) => response.writeHead(503).end('<html>'), true, /HTTP 503.*for now/],
    [
      'a request for fewer',
      json({ error: 'invalid_grant', error_description: 'slower' }, 429),
      true,
      /HTTP 429.*for now/,
    ],
    [
      'an answer without an end',
      (_request, response) => {
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
        };
        response.on('drain', more);
        more();
      },
      false,
      /ANSWER_TOO_LONG.*was cut/,
    ],
    [
      'a short answer that unpacks to a long one, which is left as it is',
      (_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
      },
      false,
      /HTTP 200 and no \w+ response/,
    ],
    [
      'half an answer',
      (_request, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('{');
        setImmediate(() => response.destroy());
      },
      true,
      /cannot be reached/,
    ],
  ];
  for (const name of ['jwtBearer', 'usernamePassword'] as const) {
    for (const [what, onRequest, retriable, message] of answers) {
      it(`is a ConnectionError, when ${name} gets ${what}`, async () => {
        const error = await errorAt(name, onRequest);
        expect(error).to.include({ name: 'ConnectionError', code: 'connection', retriable });
        expect(error.message).to.match(message).and.not.include('elsewhere');
      });
    }
  }

  const unreachable: readonly (readonly [string, string, RegExp])[] = [
    ['nobody listens', 'http://localhost:1', /refused/],
    ['the host is unknown', 'https://acme.invalid', /no host of that name/],
  ];
  for (const [what, loginUrl, message] of unreachable) {
    it(`is retriable and says why, when ${what}`, async () => {
      const error = await errorOf(LOGINS.jwtBearer(loginUrl));
      expect(error).to.include({ code: 'connection', retriable: true });
      expect(error.message).to.match(message);
    });
  }

  it('names the time, when the answer does not come within it', async () => {
    const error = await withLoginServer(
      () => undefined,
      (loginUrl) => errorOf(clientCredentials({ loginUrl, clientId: 'a', clientSecret: 'b', timeoutMs: 50 })),
    );
    expect(error).to.include({ code: 'connection', retriable: true });
    expect(error.message).to.include('within 50 ms');
  });

  it('names the time, when a connection is not made within it', async () => {
    const silent = createServer().listen(0, 'localhost');
    await once(silent, 'listening');
    const loginUrl = `https://localhost:${(silent.address() as AddressInfo).port}`;
    const error = await errorOf(clientCredentials({ loginUrl, clientId: 'a', clientSecret: 'b', timeoutMs: 50 }));
    expect(error).to.include({ code: 'connection', retriable: true });
    expect(error.message).to.include('(TimeoutError)').and.include('within 50 ms');
    silent.close();
  });

  it('names the option ca, when the certificate is of an unknown authority', () =>
    withHttps(async (emulator) => {
      const error = await errorOf(jwtBearer({ ...loginOf(emulator), ca: undefined }));
      expect(error).to.include({ code: 'connection', retriable: false });
      expect(error.message).to.match(/not trusted.*option ca/);
    }));

  it('names the scheme, when what answers does not speak TLS', async () => {
    const error = await withLoginServer(json({}), (loginUrl) =>
      errorOf(LOGINS.jwtBearer(loginUrl.replace('http:', 'https:'))),
    );
    expect(error).to.include({ code: 'connection', retriable: false });
    expect(error.message).to.match(/scheme and port/);
  });

  const lacking: readonly (readonly [string, object])[] = [
    ['access_token', { instance_url: 'https://x' }],
    ['instance_url', { access_token: '00D000000000009!x' }],
    ['instance_url', { access_token: '00D000000000009!x', instance_url: 'acme' }],
  ];
  for (const [field, answer] of lacking) {
    it(`names ${field}, when ${JSON.stringify(answer)} lacks it`, async () => {
      const error = await errorAt('jwtBearer', json(answer));
      expect(error).to.include({ code: 'authentication', reason: 'answer-incomplete', retriable: false });
      expect(error.message).to.include(field).and.not.include('00D000000000009!x');
    });
  }

  it('is refused, when the password has expired', async () => {
    const xml = '<e><result><passwordExpired>true</passwordExpired><sessionId>s</sessionId></result></e>';
    const error = await errorAt('usernamePassword', (_request, response) => response.end(xml));
    expect(error).to.include({ reason: 'user-blocked' });
  });
});

describe('A login throws a ConfigurationError', () => {
  const app = { clientId: 'app', username: USER };
  const mistakes: readonly (readonly [string, () => unknown, RegExp])[] = [
    [
      'there is no username',
      () => jwtBearer({ ...app, username: '', privateKey: foreignKey }),
      /needs username, which is e/,
    ],
    ['there is no key', () => jwtBearer(app), /privateKey or privateKeyPath/],
    ['there are two keys', () => jwtBearer({ ...app, privateKey: foreignKey, privateKeyPath: 'x' }), /either/],
    ['the key is a public one', () => jwtBearer({ ...app, privateKey: publicKey }), /not a private RSA key/],
    ['the key is no RSA key', () => jwtBearer({ ...app, privateKey: ecKey }), /not a private RSA key/],
    ['the key is a short one', () => jwtBearer({ ...app, privateKey: shortKey }), /2048 bits/],
    ['the key is no PEM', () => jwtBearer({ ...app, privateKey: 'k3y' }), /not a private RSA key/],
    [
      'the passphrase is wrong',
      () => jwtBearer({ ...app, privateKey: encryptedKey(), privateKeyPassphrase: 'no' }),
      /passphrase/,
    ],
    [
      'the assertion would last too long',
      () => jwtBearer({ ...app, privateKey: foreignKey, assertionLifetimeMs: 300_001 }),
      /assertionLifetimeMs is 300001/,
    ],
    ['an option is unknown', () => jwtBearer({ ...app, privatKey: foreignKey } as never), /no option "privatKey"/],
    [
      'the login URL is none',
      () => jwtBearer({ ...app, loginUrl: 'acme', privateKey: foreignKey }),
      /loginUrl must be a URL such as/,
    ],
    [
      'a login at Salesforce would send its secrets in clear',
      () => clientCredentials({ loginUrl: 'http://acme.my.salesforce.com', clientId: 'a', clientSecret: 'p4ss' }),
      /loginUrl must begin with "https:/,
    ],
    [
      'a session has its token for a URL',
      () => staticSession({ accessToken: 'https://x', instanceUrl: '00D!p4ss', organizationId: '00D' }),
      /instanceUrl must be a URL such as/,
    ],
    [
      'the certificate authority is a path',
      () => jwtBearer({ ...app, privateKey: foreignKey, ca: '/etc/ssl/ca.pem' }),
      /ca must be a certificate in PEM.*not the path/,
    ],
    [
      'the certificate authority is no bytes',
      () => jwtBearer({ ...app, privateKey: foreignKey, ca: 5 as never }),
      /ca must be a certificate in PEM/,
    ],
    [
      'the wait is negative',
      () => refreshToken({ clientId: 'a', refreshToken: 'b', timeoutMs: -1 }),
      /timeoutMs is -1/,
    ],
    ['there is no refresh token', () => refreshToken({ clientId: 'a' } as never), /needs refreshToken/],
    [
      'onRotated is no function',
      () => refreshToken({ clientId: 'a', refreshToken: 'b', onRotated: 'c' as never }),
      /onRotated/,
    ],
    ['there is no password', () => usernamePassword({ username: USER } as never), /needs password/],
    [
      'the API version has no login',
      () => usernamePassword({ username: USER, password: 'p4ss', apiVersion: '65.0' }),
      /apiVersion is "65\.0"/,
    ],
    [
      'the API version is retired',
      () => usernamePassword({ username: USER, password: 'p4ss', apiVersion: '30.0' }),
      /from "31\.0"/,
    ],
    ['the redirect URI is no URL', () => webServerFlow({ clientId: 'a', redirectUri: '/callback' }), /redirectUri/],
    ['a session has no token', () => staticSession({ instanceUrl: 'https://x' } as never), /needs accessToken/],
    [
      'a session has a token in JWT format',
      () => staticSession({ accessToken: 'eyJh.eyJz.c2ln', instanceUrl: 'https://x', organizationId: '00D' }),
      /JSON Web Token/,
    ],
    [
      'nobody tells the org of a session',
      () => staticSession({ accessToken: 'x', instanceUrl: 'https://x' }),
      /organizationId/,
    ],
  ];
  for (const [condition, call, message] of mistakes) {
    it(`when ${condition}`, () => {
      expect(call).to.throw(message).and.include({ name: 'ConfigurationError' });
      expect(call)
        .to.throw()
        .and.have.property('message')
        .not.match(/p4ss|k3y|PRIVATE KEY-----\n/);
    });
  }

  it('takes the credentials of an environment as a whole, and of them what it needs', () =>
    withHttps(async (emulator) => {
      expect(await clientCredentials(loginOf(emulator)).open()).to.be.an('object');
      expect(await jwtBearer(loginOf(emulator)).open()).to.be.an('object');
    }));
});

describe('A login over HTTPS that is refused', () => {
  for (const [description, reason, message] of [
    ['ip restricted or invalid login hours', 'ip-restricted', /login IP ranges/],
    ["user hasn't approved this consumer", 'app-not-approved', /approve/i],
    ['audience is invalid', 'wrong-audience', /as audience/],
  ] as const) {
    it(`is named, when the answer is "${description}"`, () =>
      withHttps(async (emulator) => {
        emulator.faults.refuseLogins(1, { status: 400, error: 'invalid_grant', description });
        const error = await jwtBearer(loginOf(emulator))
          .open()
          .catch((thrown: unknown) => thrown);
        expect(error).to.be.instanceOf(AuthenticationError).and.to.include({ reason });
        expect((error as Error).message).to.match(message);
      }));
  }
});

function withoutPath(emulator: Emulator) {
  return { ...loginOf(emulator), privateKeyPath: undefined };
}

function encryptedKey(): string {
  return createPrivateKey(foreignKey.export({ type: 'pkcs8', format: 'pem' }))
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'yes' })
    .toString();
}
