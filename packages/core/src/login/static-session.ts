import { ConfigurationError } from '../model/errors.js';
import { isJwt, JWT_TOKEN_ADVICE } from '../ports/session-answer.js';
import type { OrgSession, SessionProvider } from '../ports/session-provider.js';
import { checkNames, requireText } from './login-options.js';
import { orgSession } from './org-session.js';
import { isHttpsOnly, originOf } from './origin.js';

/** A session that was opened elsewhere. */
export interface StaticSessionOptions extends Omit<OrgSession, 'organizationId' | 'expiresAt'> {
  /** The org's id. By default the part of the access token before the `!`. */
  readonly organizationId?: string;
}

/**
 * Uses a session that was opened elsewhere, such as by the Salesforce CLI (`sf org display`). It cannot be renewed.
 * Once it expires, subscriptions end with an `AuthenticationError`.
 *
 * @throws `ConfigurationError` when a part is missing, unknown or cannot be right, or the access token is in JWT
 * format.
 */
export function staticSession(options: StaticSessionOptions): SessionProvider {
  checkNames('staticSession', options);
  const { accessToken, instanceUrl, userId } = options;
  requireText('staticSession', 'accessToken', accessToken);
  requireText('staticSession', 'instanceUrl', instanceUrl);
  if (isJwt(accessToken)) throw new ConfigurationError(JWT_TOKEN_ADVICE);
  const organizationId = options.organizationId ?? orgIdIn(accessToken);
  const origin = originOf('instanceUrl', instanceUrl);
  if (isHttpsOnly(origin)) {
    throw new ConfigurationError('instanceUrl must begin with "https://": the access token would be sent in clear.');
  }
  const session = orgSession({ accessToken, instanceUrl: origin, organizationId, ...(userId && { userId }) });
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
