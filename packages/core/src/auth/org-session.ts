import { AuthenticationError } from '../model/errors.js';
import type { OrgSession } from '../ports/session-provider.js';

/** What to do about an access token that the service refuses for its format. */
export const JWT_TOKEN_ADVICE =
  'The access token is in JWT format, and the Pub/Sub API takes opaque ones only. Turn off "Issue JSON Web Token (JWT)-based ' +
  'access tokens for named users" in the OAuth settings of the app in Salesforce, and log in again.';

/** Whether an access token is in JWT format: three parts in base64url, of which the first is JSON. */
export function isJwt(accessToken: string): boolean {
  return /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(accessToken.trim());
}

/** What a login gave, before it is known to be of use. */
export type SessionParts = Pick<OrgSession, 'accessToken' | 'instanceUrl' | 'organizationId' | 'userId' | 'expiresAt'>;

/**
 * A session whose access token is at hand but does not show: not to `console.log`, `util.inspect` or `JSON.stringify`, and
 * not to whoever copies its fields.
 *
 * @throws `AuthenticationError` when the service takes no such token.
 */
export function orgSession(parts: SessionParts): OrgSession {
  if (isJwt(parts.accessToken)) throw new AuthenticationError(JWT_TOKEN_ADVICE, { reason: 'token-format' });
  return new OpenSession(parts);
}

class OpenSession implements OrgSession {
  readonly instanceUrl: string;
  readonly organizationId: string;
  declare readonly userId?: string;
  declare readonly expiresAt?: number;
  readonly #accessToken: string;

  constructor({ accessToken, instanceUrl, organizationId, userId, expiresAt }: SessionParts) {
    this.#accessToken = accessToken;
    this.instanceUrl = instanceUrl;
    this.organizationId = organizationId;
    if (userId !== undefined) this.userId = userId;
    if (expiresAt !== undefined) this.expiresAt = expiresAt;
  }

  get accessToken(): string {
    return this.#accessToken;
  }
}
