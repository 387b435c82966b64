/** What every call to the service is made with. */
export interface OrgSession {
  /** An opaque access token (session id). The service refuses tokens in JWT format. */
  readonly accessToken: string;
  /** The org's My Domain URL, without a path: `https://acme.my.salesforce.com`. */
  readonly instanceUrl: string;
  /** The org's id, of 15 or 18 characters. */
  readonly organizationId: string;
  /** The id of the user whose session it is, where the login told: what publishes names it as `CreatedById`. */
  readonly userId?: string;
  /**
   * When the session ends, in milliseconds since 1970, where the login told: it is then renewed before. Left out otherwise:
   * it is renewed once it is refused.
   */
  readonly expiresAt?: number;
}

/** How a client reaches the network: for a login that was told nothing else. */
export interface LoginWay {
  /** As `proxy` of `createClient`. */
  readonly proxy: string | false;
}

/** A way to log in. */
export interface SessionProvider {
  /**
   * Logs in, anew at each call. Rejects with an `AuthenticationError` when the login is refused, and with a
   * `ConnectionError` when the login endpoint cannot be reached. What it resolves is checked: a session without its texts is
   * an `AuthenticationError` (`answer-incomplete`).
   *
   * @param way - Given by a client that has the option `proxy`, and by no other.
   */
  open(way?: LoginWay): Promise<OrgSession>;
}

/** One session for all calls of a client. */
export interface SharedSession {
  /** The session: opened at the first call, by one login however many calls wait for it. */
  current(): Promise<OrgSession>;
  /** The service took a call with this session. */
  accepted(session: OrgSession): void;
  /**
   * The service refused a call with this session: a later one logs in anew, unless another call has done so already, or the
   * session is so new that the service may not know it yet.
   */
  refused(session: OrgSession): void;
}
