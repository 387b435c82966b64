import { ConfigurationError } from '../model/errors.js';

/**
 * The scheme and host of a URL: the service takes nothing else as an instance URL.
 *
 * @throws `ConfigurationError` when it is no URL of the web.
 */
export function originOf(name: string, url: string): string {
  const origin = webOrigin(url);
  if (origin !== undefined) return origin;
  throw new ConfigurationError(`${name} is "${url}", but must be a URL such as "https://acme.my.salesforce.com".`);
}

/** The scheme and host of a URL of the web; `undefined` for anything else. */
export function webOrigin(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, origin } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? origin : undefined;
}
