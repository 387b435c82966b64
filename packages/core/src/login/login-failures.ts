import { AuthenticationError } from '../model/errors.js';
import type { LoginFailure } from '../model/login-failure.js';
import { plainText } from '../model/plain-text.js';
import { advice } from './login-advice.js';
import type { LoginContext } from './login-context.js';

/** The refusal of a login endpoint. */
export interface Refused {
  /** OAuth's `error`, or the code of a SOAP fault. */
  readonly error: string;
  readonly description: string;
}

interface Row {
  /** OAuth's `error`, or the code of a SOAP fault. */
  readonly error?: RegExp;
  /** Matches `error_description`, or the text of the fault, where `error` alone is not enough. */
  readonly description?: RegExp;
  /** Restricts the row where the same words mean something else for another kind of login. */
  readonly only?: (context: LoginContext) => boolean;
  readonly reason: LoginFailure;
  readonly retriable?: true;
}

const isOld = ({ behindMs }: LoginContext) => behindMs !== undefined;
const isJwtBearer = ({ login }: LoginContext) => login === 'jwtBearer';

/**
 * The meaning of refusals. The first match wins. OAuth's come as `error` and `error_description`, where `invalid_grant`
 * stands for nearly everything and the description tells; those of SOAP as a code.
 */
const ROWS: readonly Row[] = [
  // SOAP.
  { error: /^INVALID_LOGIN$/, reason: 'wrong-credentials' },
  { error: /^LOGIN_MUST_USE_SECURITY_TOKEN$/, reason: 'security-token-needed' },
  { error: /^INVALID_OPERATION_WITH_EXPIRED_PASSWORD$/, reason: 'user-blocked' },
  { error: /^(PASSWORD_LOCKOUT|USER_LOCKED|INACTIVE_OWNER_OR_USER)$/, reason: 'user-blocked' },
  { error: /^(INVALID_OPERATION|UNSUPPORTED_API_VERSION)$/, reason: 'flow-not-enabled' },
  { error: /^(API_DISABLED_FOR_ORG|API_CURRENTLY_DISABLED|CLIENT_NOT_ACCESSIBLE_FOR_USER)$/, reason: 'api-disabled' },
  { error: /^LOGIN_DURING_RESTRICTED_(DOMAIN|TIME)$/, reason: 'ip-restricted' },
  { error: /^(ORG_LOCKED|TRIAL_EXPIRED)$/, reason: 'org-blocked' },
  { error: /^REQUEST_LIMIT_EXCEEDED$/, reason: 'too-many-logins' },
  { error: /^(SERVER_UNAVAILABLE|UNKNOWN_EXCEPTION|QUERY_TIMEOUT)$/, reason: 'other', retriable: true },
  // OAuth: what the app may do.
  { description: /hasn.?t approved this consumer|not admin approved/i, reason: 'app-not-approved' },
  { error: /^(invalid_app_access|oauth_app_access_denied|oauth_approval_error.*)$/i, reason: 'app-not-approved' },
  { error: /^(invalid_client_id|(oauth_(ec_)?)?app_not_found)$/i, reason: 'unknown-app' },
  { description: /app is not installed in this org/i, reason: 'unknown-app' },
  { description: /client identifier invalid/i, reason: 'unknown-app' },
  { description: /request not supported on this domain/i, reason: 'wrong-login-url' },
  { description: /client credentials (user|flow)/i, reason: 'flow-not-enabled' },
  { error: /^(unsupported_grant_type|unauthorized_client)$/i, reason: 'flow-not-enabled' },
  // OAuth: the assertion of the JWT bearer flow.
  { description: /audience/i, reason: 'wrong-audience' },
  { error: /^invalid_grant$/i, description: /assertion|expired/i, only: isOld, reason: 'clock-skew' },
  { description: /expired authorization code|expired assertion/i, only: isJwtBearer, reason: 'clock-skew' },
  { description: /invalid assertion/i, reason: 'wrong-credentials' },
  // OAuth: the user, the org, the secret.
  { description: /ip restricted|login hours/i, reason: 'ip-restricted' },
  { error: /^inactive_user$/i, reason: 'user-blocked' },
  { description: /inactive user|user is inactive|locked|expired password/i, reason: 'user-blocked' },
  { error: /^inactive_org$/i, reason: 'org-blocked' },
  { error: /^invalid_client(_credentials)?$/i, reason: 'wrong-credentials' },
  { description: /authentication failure|invalid (user|client) credentials/i, reason: 'wrong-credentials' },
  // OAuth: codes, refresh tokens, browsers.
  { description: /authorization code|access\/refresh token|token .*(revoked|expired)/i, reason: 'grant-expired' },
  { error: /^access.denied$/i, reason: 'denied' },
  { error: /^redirect_uri/i, reason: 'callback-mismatch' },
  { description: /redirect.?uri|code verifier/i, reason: 'callback-mismatch' },
  // OAuth: later.
  { error: /^rate_limit_exceeded$/i, reason: 'too-many-logins', retriable: true },
  { description: /rate exceeded/i, reason: 'too-many-logins', retriable: true },
  { error: /^(unknown_error|server_error|temporarily_unavailable)$/i, reason: 'other', retriable: true },
];

const LAST_RESORT = { reason: 'other', retriable: undefined } as const;

/** Turns the answer of a login endpoint into an error with advice. */
export function loginRefused(refused: Refused, context: LoginContext): AuthenticationError {
  const row = ROWS.find((candidate) => matches(candidate, refused, context));
  const { reason, retriable = false } = row ?? LAST_RESORT;
  return new AuthenticationError(
    `The login at ${context.origin} was refused: ${advice(reason, context)} (${plainText(refused.error, 100)}: ${plainText(refused.description)})`,
    { reason, retriable },
  );
}

function matches({ error, description, only }: Row, refused: Refused, context: LoginContext): boolean {
  if (error?.test(refused.error) === false) return false;
  return (description?.test(refused.description) ?? true) && (only?.(context) ?? true);
}
