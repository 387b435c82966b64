import { kindOf } from '../model/answer.js';
import { AuthenticationError, RxforceError } from '../model/errors.js';
import type { OrgSession } from './session-provider.js';

/** What a session must hold. */
const TEXTS = ['accessToken', 'instanceUrl', 'organizationId'] as const;

/** What to do about an access token that the service refuses for its format. */
export const JWT_TOKEN_ADVICE =
  'The access token is in JWT format, and the Pub/Sub API takes opaque ones only. Turn off "Issue JSON Web Token (JWT)-based ' +
  'access tokens for named users" in the OAuth settings of the app in Salesforce, and log in again.';

/** Whether an access token is in JWT format: three parts in base64url, of which the first is JSON. */
export function isJwt(accessToken: string): boolean {
  return /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(accessToken.trim());
}

/**
 * Checks the answer of a provider's `open`. The provider may be the user's own.
 *
 * @param now - In epoch milliseconds.
 * @throws `AuthenticationError` when it is no session. It names what is wrong, never the values: one of them is a
 * secret.
 */
export function openedSession(answer: unknown, now: number): OrgSession {
  try {
    return checked(answer, now);
  } catch (error) {
    throw RxforceError.is(error) ? error : noSession('gave a session that throws when it is read');
  }
}

function checked(answer: unknown, now: number): OrgSession {
  if (typeof answer !== 'object' || answer === null) throw noSession(`resolved with ${kindOf(answer)}`);
  const session = answer as OrgSession;
  for (const name of TEXTS) {
    const value: unknown = session[name];
    if (typeof value !== 'string' || value.trim() === '') {
      throw noSession(`gave a session whose ${name} is ${kindOf(value)}`);
    }
  }
  const { accessToken, instanceUrl, userId } = session;
  if (!/^https?:\/\/[^\s/]/i.test(instanceUrl) || !URL.canParse(instanceUrl)) {
    throw noSession('gave a session whose instanceUrl is no URL, such as "https://acme.my.salesforce.com"');
  }
  checkEnd(session.expiresAt, now);
  if (userId !== undefined && typeof userId !== 'string') {
    throw noSession(`gave a session whose userId is ${kindOf(userId)}`);
  }
  // A provider of the user's own may not look at the format.
  if (isJwt(accessToken)) throw new AuthenticationError(JWT_TOKEN_ADVICE, { reason: 'token-format' });
  return session;
}

/** Half of the time since 1970 is no lifetime: such an end is in seconds, or says how long the session lasts. */
function checkEnd(expiresAt: unknown, now: number): void {
  if (expiresAt === undefined) return;
  if (typeof expiresAt !== 'number' || Number.isNaN(expiresAt)) {
    throw noSession(`gave a session whose expiresAt is ${kindOf(expiresAt)}`);
  }
  if (expiresAt >= now / 2) return;
  throw noSession(
    `gave a session whose expiresAt is ${expiresAt}, long ago: a time in seconds (multiply it by 1000), or how long the session ` +
      'lasts (add Date.now())',
  );
}

function noSession(what: string): AuthenticationError {
  return new AuthenticationError(
    `open() of the session provider ${what}, but must resolve with { accessToken, instanceUrl, organizationId }, all texts, ` +
      'and where they are known userId, a text, and expiresAt, in epoch milliseconds.',
    { reason: 'answer-incomplete' },
  );
}
