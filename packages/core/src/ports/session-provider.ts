/** The session that every call to the service needs. */
export interface OrgSession {
  /** An opaque access token (session id). The service refuses tokens in JWT format. */
  readonly accessToken: string;
  /** The org's My Domain URL, without a path: `https://acme.my.salesforce.com`. */
  readonly instanceUrl: string;
  /** The org's id, of 15 or 18 characters. */
  readonly organizationId: string;
  /** The id of the session's user, where the login gave it. Published events have it as `CreatedById`. */
  readonly userId?: string;
  /**
   * When the session ends, in milliseconds since 1970, where the login gave it. The session is then renewed earlier.
   * Without it, the session is renewed once the service refuses it.
   */
  readonly expiresAt?: number;
}

/** How a client reaches the network, for a login without such options of its own. */
export interface LoginWay {
  /** As `proxy` of `createClient`. */
  readonly proxy: string | false;
}

/** A way to log in. */
export interface SessionProvider {
  /**
   * Logs in, anew at each call. Rejects with an `AuthenticationError` when the login is refused, and with a
   * `ConnectionError` when the login endpoint cannot be reached. The resolved session is checked: without its texts it
   * is an `AuthenticationError` (`answer-incomplete`).
   *
   * @param way - Passed only by a client that has the option `proxy`.
   */
  open(way?: LoginWay): Promise<OrgSession>;
}

/** One session for all calls of a client. */
export interface SharedSession {
  /** The session. The first call opens it, with one login for all calls that wait. */
  current(): Promise<OrgSession>;
  /** The service accepted a call with this session. */
  accepted(session: OrgSession): void;
  /**
   * The service refused a call with this session. A later call logs in anew, unless another call has already done so,
   * or the session is so new that the service may not know it yet.
   */
  refused(session: OrgSession): void;
}
