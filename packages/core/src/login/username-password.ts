import { AuthenticationError, ConfigurationError } from '../model/errors.js';
import type { SessionProvider } from '../ports/session-provider.js';
import { onWay, resolveLogin, type LoginOptions } from './login-options.js';

/** A user who logs in with a password. */
export interface UsernamePasswordOptions extends LoginOptions {
  readonly username: string;
  readonly password: string;
  /** The user's security token, which is needed from addresses that the org does not trust. */
  readonly securityToken?: string | undefined;
  /**
   * Version of the SOAP API for the login, from `'31.0'` to `'64.0'`. Later versions have no login.
   *
   * @defaultValue `'64.0'`
   */
  readonly apiVersion?: string | undefined;
}

/** Salesforce has retired the versions before, and the versions after have no `login()`. */
const OLDEST_VERSION = 31;
const NEWEST_VERSION = 64;

/**
 * Logs in with a user name and a password, by the SOAP API's `login()`. For development only: it is off in new orgs
 * unless an administrator turns it on, and Salesforce ends it in the summer of 2027. A password that was refused is not
 * sent again.
 *
 * @throws `ConfigurationError` when an option is missing, unknown or cannot be right.
 */
export function usernamePassword(options: UsernamePasswordOptions): SessionProvider {
  const endpoint = resolveLogin('usernamePassword', options, ['username', 'password']);
  const { username, password, securityToken = '', apiVersion = `${NEWEST_VERSION}.0` } = options;
  const version = /^(\d{2})\.0$/.exec(apiVersion)?.[1];
  if (version === undefined || Number(version) < OLDEST_VERSION || Number(version) > NEWEST_VERSION) {
    throw new ConfigurationError(
      `apiVersion is "${apiVersion}", but must be from "${OLDEST_VERSION}.0" to "${NEWEST_VERSION}.0": no other version of the ` +
        'SOAP API has a login. Another login, such as jwtBearer(), needs none.',
    );
  }
  let refusal: AuthenticationError | undefined;
  return {
    open: async (way) => {
      if (refusal) throw refusal;
      const { soapLogin } = await import('./soap-login.js');
      try {
        return await soapLogin(onWay(endpoint, way), { username, password, securityToken, apiVersion });
      } catch (error) {
        // Salesforce locks a user out after a few of these refusals, and every subscription asks for a session.
        if (error instanceof AuthenticationError && error.reason === 'wrong-credentials') refusal = error;
        throw error;
      }
    },
  };
}
