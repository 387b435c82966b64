import { AuthenticationError } from '../model/errors.js';
import { isJwt, JWT_TOKEN_ADVICE } from '../ports/session-answer.js';
import type { OrgSession } from '../ports/session-provider.js';

/** The result of a login, before it is checked. */
export type SessionParts = Pick<OrgSession, 'accessToken' | 'instanceUrl' | 'organizationId' | 'userId' | 'expiresAt'>;

/**
 * Makes a session whose access token is accessible but hidden from `console.log`, `util.inspect`, `JSON.stringify` and
 * copies of its fields.
 *
 * @throws `AuthenticationError` when the service does not accept such a token.
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
  // eslint-disable-next-line no-restricted-syntax -- A secret.
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
