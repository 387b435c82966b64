import { AuthenticationError, ConfigurationError } from '../model/errors.js';
import { isSalesforceHost } from '../net/hosts.js';

/**
 * The scheme and host of a URL: the service takes nothing else as an instance URL.
 *
 * @throws `ConfigurationError` when it is no URL of the web. The error does not show the value, which may be a secret
 * given in the URL's place.
 */
export function originOf(name: string, url: string): string {
  const origin = webOrigin(url);
  if (origin !== undefined) return origin;
  throw new ConfigurationError(`${name} must be a URL such as "https://acme.my.salesforce.com", scheme included.`);
}

/** The scheme and host of a URL of the web; `undefined` for anything else. */
export function webOrigin(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, origin } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? origin : undefined;
}

/**
 * Whether a URL is Salesforce's, and plaintext. Salesforce serves nothing in plaintext, and a token could be read on
 * the way.
 */
export function isHttpsOnly(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return protocol === 'http:' && isSalesforceHost(hostname);
}

/**
 * The instance URL of a login, which the token is sent to from then on.
 *
 * @throws `AuthenticationError` when it is plaintext, although the login was not.
 */
export function instanceOrigin(instanceUrl: string, loginOrigin: string): string | undefined {
  const origin = webOrigin(instanceUrl);
  if (origin === undefined) return undefined;
  const { protocol } = new URL(origin);
  if (protocol === 'https:' || (loginOrigin.startsWith('http:') && !isHttpsOnly(origin))) return origin;
  throw new AuthenticationError(
    `The login at ${loginOrigin} gave ${origin} as the instance URL, which begins with "http://": the access token would be sent in ` +
      'clear, and was not sent. Check that loginUrl is a Salesforce login or My Domain URL, and what is in between.',
    { reason: 'answer-incomplete' },
  );
}
