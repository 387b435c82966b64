import { ConfigurationError } from '../model/errors.js';

/**
 * The scheme and host of a URL: the service takes nothing else as an instance URL.
 *
 * @throws `ConfigurationError` when it is no URL of the web. It does not show what was given, which may be a secret that was
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
