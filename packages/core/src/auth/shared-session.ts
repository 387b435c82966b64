import type { OrgSession, SessionProvider } from '../ports/session-provider.js';

/** One session for all calls of a client: opened at the first, and by one login however many calls wait for it. */
export function sharedSession(provider: SessionProvider): () => Promise<OrgSession> {
  let opening: Promise<OrgSession> | undefined;
  return () => {
    opening ??= provider.open().catch((error: unknown) => {
      // A failed login is not remembered: the next call tries again.
      opening = undefined;
      throw error;
    });
    return opening;
  };
}
