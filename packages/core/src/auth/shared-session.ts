import type { OrgSession, SessionProvider, SharedSession } from '../ports/session-provider.js';

/** Shares the sessions that a provider opens. A failed login is not remembered: the next call tries again. */
export function sharedSession(provider: SessionProvider): SharedSession {
  let opening: Promise<OrgSession> | undefined;
  let opened: OrgSession | undefined;
  const forget = () => {
    opening = undefined;
    opened = undefined;
  };
  const login = async () => {
    try {
      opened = await provider.open();
      return opened;
    } catch (error) {
      forget();
      throw error;
    }
  };
  return {
    current: () => (opening ??= login()),
    refused: (session) => {
      if (session === opened) forget();
    },
  };
}
