import { ConfigurationError } from '../model/errors.js';
import type { OrgSession, SessionProvider } from '../ports/session-provider.js';

/** A session that was opened elsewhere. */
export interface StaticSessionOptions extends Omit<OrgSession, 'organizationId'> {
  /** The org's id. By default what stands before the `!` of the access token. */
  readonly organizationId?: string;
}

/**
 * Uses a session that was opened elsewhere, such as by the Salesforce CLI (`sf org display`). It cannot be renewed: once
 * it expires, subscriptions end with an `AuthenticationError`.
 *
 * @throws `ConfigurationError` when a part is missing or cannot be right.
 */
export function staticSession(options: StaticSessionOptions): SessionProvider {
  const { accessToken, instanceUrl } = options;
  if (!accessToken) throw new ConfigurationError('staticSession() needs an accessToken.');
  const organizationId = options.organizationId ?? orgIdIn(accessToken);
  const session = { accessToken, instanceUrl: originOf('instanceUrl', instanceUrl), organizationId };
  return { open: () => Promise.resolve(session) };
}

function orgIdIn(accessToken: string): string {
  const [organizationId = '', rest] = accessToken.split('!');
  if (rest === undefined) {
    throw new ConfigurationError(
      'staticSession() needs an organizationId: the access token does not begin with one ("00D…!…").',
    );
  }
  return organizationId;
}

/** The scheme and host of a URL: the service takes nothing else as an instance URL. */
export function originOf(name: string, url: string): string {
  if (URL.canParse(url)) {
    const { protocol, origin } = new URL(url);
    if (protocol === 'https:' || protocol === 'http:') return origin;
  }
  throw new ConfigurationError(`${name} is "${url}", but must be a URL such as "https://acme.my.salesforce.com".`);
}
