import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { clientCredentials, staticSession } from '@rxforce/core';
import { jwtBearer } from '../../src/login/jwt-bearer.js';
import { refreshToken } from '../../src/login/refresh-token.js';
import { usernamePassword } from '../../src/login/username-password.js';
import { webServerFlow } from '../../src/login/web-server-flow.js';
import { loginOf, withHttps } from '../support/emulated.js';
import { foreignKey, publicKey, USER } from '../support/failing-logins.js';

const shortKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const ecKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

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

function encryptedKey(): string {
  return createPrivateKey(foreignKey.export({ type: 'pkcs8', format: 'pem' }))
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'yes' })
    .toString();
}
