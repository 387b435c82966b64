import { kindOf } from '../model/answer.js';
import { AuthenticationError } from '../model/errors.js';
import type { OrgSession } from './session-provider.js';

/** What a session must hold. */
const TEXTS = ['accessToken', 'instanceUrl', 'organizationId'] as const;

/**
 * What `open` of a provider gave, which may be the user's own.
 *
 * @throws `AuthenticationError` when it is no session. It names what is wrong, never the values: one of them is a secret.
 */
export function openedSession(answer: unknown): OrgSession {
  if (typeof answer !== 'object' || answer === null) throw noSession(`resolved with ${kindOf(answer)}`);
  const session = answer as OrgSession;
  for (const name of TEXTS) {
    const value: unknown = session[name];
    if (typeof value !== 'string' || value.trim() === '')
      throw noSession(`gave a session whose ${name} is ${kindOf(value)}`);
  }
  const { expiresAt, userId } = session;
  if (expiresAt !== undefined && (typeof expiresAt !== 'number' || Number.isNaN(expiresAt))) {
    throw noSession(`gave a session whose expiresAt is ${kindOf(expiresAt)}`);
  }
  if (userId !== undefined && typeof userId !== 'string') {
    throw noSession(`gave a session whose userId is ${kindOf(userId)}`);
  }
  return session;
}

function noSession(what: string): AuthenticationError {
  return new AuthenticationError(
    `open() of the session provider ${what}, but must resolve with { accessToken, instanceUrl, organizationId }, all texts, ` +
      'and where they are known userId, a text, and expiresAt, in epoch milliseconds.',
    { reason: 'answer-incomplete' },
  );
}
