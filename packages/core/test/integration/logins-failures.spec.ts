import { expect } from 'chai';
import { AuthenticationError, clientCredentials, type SessionProvider } from '@rxforce/core';
import type { Emulator } from '@rxforce/emulator';
import { jwtBearer } from '../../src/login/jwt-bearer.js';
import { refreshToken } from '../../src/login/refresh-token.js';
import { usernamePassword } from '../../src/login/username-password.js';
import { json, soapFault } from '../support/login-server.js';
import { loginOf, withHttps } from '../support/emulated.js';
import { errorAt, errorOf, foreignKey, type Name, USER } from '../support/failing-logins.js';

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
