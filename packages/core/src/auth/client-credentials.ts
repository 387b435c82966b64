import { ConfigurationError } from '../model/errors.js';
import type { OrgSession, SessionProvider } from '../ports/session-provider.js';
import { requestToken } from './token-endpoint.js';
import { originOf } from './static-session.js';

/** A connected app that logs in as itself. */
export interface ClientCredentialsOptions {
  /** The org's My Domain URL, such as `https://acme.my.salesforce.com`. login.salesforce.com does not serve this flow. */
  readonly loginUrl: string;
  /** The connected app's consumer key. */
  readonly clientId: string;
  /** The connected app's consumer secret. */
  readonly clientSecret: string;
}

/**
 * Logs in by the OAuth 2.0 client credentials flow, as the user that the connected app names as its "run as" user.
 *
 * @throws `ConfigurationError` when an option is missing or cannot be right.
 */
export function clientCredentials(options: ClientCredentialsOptions): SessionProvider {
  const { clientId, clientSecret } = options;
  const loginUrl = originOf('loginUrl', options.loginUrl);
  if (!clientId || !clientSecret) {
    throw new ConfigurationError('clientCredentials() needs the clientId and clientSecret of a connected app.');
  }
  if (/^https:\/\/(login|test)\.salesforce\.com$/.test(loginUrl)) {
    throw new ConfigurationError(
      `clientCredentials() does not work at ${loginUrl}: Salesforce serves this flow at the org's My Domain only. Give ` +
        'that as loginUrl ("https://acme.my.salesforce.com"; Setup > My Domain shows it).',
    );
  }
  return {
    open: (): Promise<OrgSession> =>
      requestToken(loginUrl, {
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
      }),
  };
}
