import { AuthenticationError } from '../model/errors.js';
import { openedSession } from '../ports/session-answer.js';
import type { OrgSession, SessionProvider, SharedSession } from '../ports/session-provider.js';
import { isJwt, JWT_TOKEN_ADVICE } from './org-session.js';

/** A session whose end is known is renewed so long before it, in milliseconds, or at nine tenths of its life. */
const RENEWAL_MS = 60_000;

/**
 * Shares the sessions that a provider opens: one login at a time, however many calls wait for it. A session is opened anew
 * once it was refused, or shortly before its end, where that is known. A failed login is not remembered: the next call tries
 * again.
 *
 * @param now - The clock, in epoch milliseconds.
 */
export function sharedSession(provider: SessionProvider, now: () => number = Date.now): SharedSession {
  let opening: Promise<OrgSession> | undefined;
  let opened: OrgSession | undefined;
  let renewAt = Infinity;
  const forget = () => {
    opening = undefined;
    opened = undefined;
  };
  const login = async () => {
    const startedAt = now();
    try {
      const session = openedSession(await provider.open());
      // A provider of the user's own may not look at the format.
      if (isJwt(session.accessToken)) throw new AuthenticationError(JWT_TOKEN_ADVICE, { reason: 'token-format' });
      opened = session;
      renewAt = renewalOf(session, startedAt);
      return session;
    } catch (error) {
      forget();
      throw error;
    }
  };
  return {
    current: () => {
      if (opened && now() >= renewAt) forget();
      return (opening ??= login());
    },
    refused: (session) => {
      if (session === opened) forget();
    },
  };
}

function renewalOf({ expiresAt = Infinity }: OrgSession, startedAt: number): number {
  return expiresAt - Math.min(RENEWAL_MS, (expiresAt - startedAt) / 10);
}
