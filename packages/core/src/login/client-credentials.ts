import { ConfigurationError } from '../model/errors.js';
import type { SessionProvider } from '../ports/session-provider.js';
import { onWay, resolveLogin, type LoginOptions } from './login-options.js';

/** A connected app that logs in as itself. */
export interface ClientCredentialsOptions extends LoginOptions {
  /**
   * The org's My Domain URL, such as `https://acme.my.salesforce.com`. login.salesforce.com does not serve this flow.
   */
  readonly loginUrl: string;
  /** The app's consumer key. */
  readonly clientId: string;
  /** The app's consumer secret. */
  readonly clientSecret: string;
}

/**
 * Logs in by the OAuth 2.0 client credentials flow, as the app's "run as" user.
 *
 * @throws `ConfigurationError` when an option is missing, unknown or cannot be right.
 */
export function clientCredentials(options: ClientCredentialsOptions): SessionProvider {
  const endpoint = resolveLogin('clientCredentials', options, ['loginUrl', 'clientId', 'clientSecret']);
  const { clientId, clientSecret } = options;
  const { origin } = endpoint;
  if (/^https:\/\/(login|test)\.salesforce\.(com|mil|cn)\.?$/.test(origin)) {
    throw new ConfigurationError(
      `clientCredentials() does not work at ${origin}: Salesforce serves this flow at the org's My Domain only. Give ` +
        'that as loginUrl ("https://acme.my.salesforce.com"; Setup > My Domain shows it).',
    );
  }
  return {
    open: async (way) => {
      const { requestTokens } = await import('./token-endpoint.js');
      const tokens = await requestTokens({
        endpoint: onWay(endpoint, way),
        context: () => ({ login: 'clientCredentials', origin }),
        secrets: [clientSecret],
        ask: (oauth, server, http) =>
          oauth.clientCredentialsGrantRequest(
            server,
            { client_id: clientId },
            oauth.ClientSecretPost(clientSecret),
            {},
            http,
          ),
      });
      return tokens.session();
    },
  };
}
