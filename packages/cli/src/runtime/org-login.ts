import type { OrgSession, SessionProvider } from '@rxforce/core';

/** The logins to an org. */
export interface OrgLogin {
  /** For the client. It logs in anew at each call, unless another login is fresh and the client has not had it. */
  readonly auth: SessionProvider;
  /** What the first session said of the org. It logs in where nobody has. */
  readonly facts: () => Promise<Pick<OrgSession, 'instanceUrl' | 'organizationId'>>;
}

/** How long a session is fresh, in milliseconds. One that ended while nobody used it would cost a refused call. */
const FRESH_MS = 60_000;

/**
 * Joins the logins of a client with those for the org's URL and its id: one login serves both.
 *
 * @param logIn - Logs in anew at each call.
 * @param now - The clock, in epoch milliseconds.
 */
export function orgLogin(logIn: SessionProvider['open'], now: () => number = Date.now): OrgLogin {
  let known: OrgSession | undefined;
  let underWay: Promise<OrgSession> | undefined;
  let unused: { readonly session: Promise<OrgSession>; readonly at: number } | undefined;
  const begin = () => {
    const session = logIn();
    underWay = session;
    const over = () => (underWay = undefined);
    session.then((opened) => {
      known ??= opened;
      over();
    }, over);
    return session;
  };
  const open = () => {
    const fresh = unused && now() - unused.at < FRESH_MS ? unused.session : undefined;
    unused = undefined;
    return fresh ?? begin();
  };
  const facts = () => {
    if (known) return Promise.resolve(known);
    if (underWay) return underWay;
    const session = begin();
    unused = { session, at: now() };
    session.catch(() => (unused = undefined));
    return session;
  };
  return { auth: { open }, facts };
}
