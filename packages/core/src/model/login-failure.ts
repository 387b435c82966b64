/** Why a login was refused. A closed set: a `switch` over it can be complete. */
export type LoginFailure =
  /** The user name, password, security token, consumer secret or private key is wrong. */
  | 'wrong-credentials'
  /** The login needs the user's security token after the password. */
  | 'security-token-needed'
  /** This login URL does not know the app's client id, or does not know it yet. */
  | 'unknown-app'
  /** The user may not use the app: nobody has approved it. */
  | 'app-not-approved'
  /** The app or the org does not allow this kind of login. */
  | 'flow-not-enabled'
  /** The assertion has another audience than the login URL accepts. */
  | 'wrong-audience'
  /** This login URL does not serve this kind of login. */
  | 'wrong-login-url'
  /** The clock of this machine, or of the server, is wrong. */
  | 'clock-skew'
  /** The user may not log in from this address, or not at this hour. */
  | 'ip-restricted'
  /** The user is inactive or locked out, or the password has expired. */
  | 'user-blocked'
  /** The org is locked, closed or suspended. */
  | 'org-blocked'
  /** The org's edition, or the user's permissions, do not include the API. */
  | 'api-disabled'
  /** There were too many logins, or calls, for now. */
  | 'too-many-logins'
  /** The refresh token or authorization code has expired, was revoked, or was used before. */
  | 'grant-expired'
  /** The user refused to let the app in. */
  | 'denied'
  /** The callback from the browser does not belong to the login that was begun. */
  | 'callback-mismatch'
  /** The access token is in JWT format, which the service does not accept. */
  | 'token-format'
  /** The answer of the login endpoint lacks what a session needs. */
  | 'answer-incomplete'
  /** A new refresh token could not be kept, as `onRotated` failed. */
  | 'rotation-not-kept'
  /** The session cannot be renewed, as there are no credentials. */
  | 'not-renewable'
  /** Another reason; the message says what the login endpoint answered. */
  | 'other';
