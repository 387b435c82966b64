import type { LOGINS } from './settings/org.js';

/** A way to log in. */
export type Login = (typeof LOGINS)[number];

/** What each login needs: one name of each list. */
export const NEEDS: Readonly<Record<Login, readonly (readonly string[])[]>> = {
  jwt: [['client_id'], ['username'], ['private_key_path', 'private_key']],
  client_credentials: [['client_id'], ['client_secret']],
  password: [['username'], ['password']],
  session: [['access_token'], ['instance_url']],
};

/**
 * The login that settings choose: the one that they name, or else the best that they have parts for. A file may have
 * the parts of several.
 */
export function loginOf(salesforce: Readonly<Record<string, unknown>>): Login | undefined {
  const { login } = salesforce;
  if (typeof login === 'string') return Object.hasOwn(NEEDS, login) ? (login as Login) : undefined;
  const has = (name: string) => salesforce[name] !== undefined;
  if (has('access_token')) return 'session';
  if (has('private_key_path') || has('private_key')) return 'jwt';
  if (has('client_secret')) return 'client_credentials';
  return has('password') ? 'password' : undefined;
}
