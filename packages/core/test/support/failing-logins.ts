import { generateKeyPairSync } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { clientCredentials, type RxforceError, type SessionProvider } from '@rxforce/core';
import { jwtBearer } from '../../src/login/jwt-bearer.js';
import { refreshToken } from '../../src/login/refresh-token.js';
import { usernamePassword } from '../../src/login/username-password.js';
import { withLoginServer } from './login-server.js';

/** A pair of keys that no app knows. */
export const { privateKey: foreignKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** Who logs in. */
export const USER = 'ann@acme.example';

/** Each login by its name, to a login URL. */
export const LOGINS = {
  jwtBearer: (loginUrl) => jwtBearer({ loginUrl, clientId: 'app', username: USER, privateKey: foreignKey }),
  clientCredentials: (loginUrl) => clientCredentials({ loginUrl, clientId: 'app', clientSecret: 's3cret' }),
  refreshToken: (loginUrl) => refreshToken({ loginUrl, clientId: 'app', refreshToken: 'r3fresh' }),
  usernamePassword: (loginUrl) => usernamePassword({ loginUrl, username: USER, password: 'p4ss' }),
} satisfies Record<string, (loginUrl: string) => SessionProvider>;

/** The name of a login. */
export type Name = keyof typeof LOGINS;

/** The error of a login that the server answers so. */
export function errorAt(name: Name, onRequest: RequestListener): Promise<RxforceError> {
  return withLoginServer(onRequest, (loginUrl) => errorOf(LOGINS[name](loginUrl)));
}

/** What a login is refused with. */
export async function errorOf(auth: SessionProvider): Promise<RxforceError> {
  try {
    await auth.open();
  } catch (error) {
    return error as RxforceError;
  }
  throw new Error('It was not refused.');
}
