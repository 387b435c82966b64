import { errors, jwtVerify, type JWTPayload } from 'jose';
import { type OAuthContext, oauthError, sessionGranted } from './oauth-answers.js';
import type { HttpAnswer } from './route.js';

/** Assertions that are valid for longer are refused, in milliseconds. */
const LONGEST_LIFETIME_MS = 300_000;

/**
 * From here on a number is milliseconds and no seconds: as seconds it is after the year 5000, as milliseconds after 1973.
 * Salesforce's own command line gives `exp` in milliseconds, and the service takes it.
 */
const LEAST_MILLISECONDS = 100_000_000_000;

/** Whom assertions may be for, besides the emulator itself. */
const AUDIENCES = ['https://login.salesforce.com', 'https://test.salesforce.com'];

/** The JWT bearer grant: an assertion that the connected app has signed. */
export async function jwtBearer(context: OAuthContext, assertion: string): Promise<HttpAnswer> {
  const { clientId, username } = context.sessions.identity;
  const claims = await verified(context, assertion);
  if (typeof claims === 'string') {
    return oauthError(400, 'invalid_grant', claims);
  }
  if (claims.iss !== clientId) {
    return oauthError(400, 'invalid_client_id', 'client identifier invalid');
  }
  if (!isForUs(context, claims)) {
    return oauthError(400, 'invalid_grant', 'audience is invalid');
  }
  if (claims.sub !== username) {
    return oauthError(400, 'invalid_grant', "user hasn't approved this consumer");
  }
  return sessionGranted(context);
}

/** The claims of an assertion that is signed and in time, or what is wrong with it. */
async function verified({ publicKey, now }: OAuthContext, assertion: string): Promise<JWTPayload | string> {
  const currentDate = new Date(now());
  try {
    const { payload } = await jwtVerify(assertion, publicKey, {
      algorithms: ['RS256'],
      requiredClaims: ['iss', 'sub', 'aud', 'exp'],
      currentDate,
    });
    return lifetimeProblem(payload.exp ?? 0, currentDate.getTime()) ?? payload;
  } catch (error) {
    return error instanceof errors.JWTExpired ? 'expired authorization code' : 'invalid assertion';
  }
}

/**
 * What is wrong with the end of an assertion's life. One in milliseconds is meant as seconds by those who send it: the
 * command line adds 300, which would leave its own request no time. So it may have passed by as much as it may lie ahead.
 */
function lifetimeProblem(exp: number, nowMs: number): string | undefined {
  const inMilliseconds = exp >= LEAST_MILLISECONDS;
  const leftMs = (inMilliseconds ? exp : exp * 1000) - nowMs;
  if (leftMs > LONGEST_LIFETIME_MS) {
    return 'invalid assertion';
  }
  return inMilliseconds && leftMs < -LONGEST_LIFETIME_MS ? 'expired authorization code' : undefined;
}

/** A slash at the end of an address changes nothing about whom it names. */
function isForUs({ instanceUrl }: OAuthContext, { aud }: JWTPayload): boolean {
  const audiences = [aud].flat().map((audience) => audience?.replace(/\/$/, '') ?? '');
  return audiences.some((audience) => audience === instanceUrl || AUDIENCES.includes(audience));
}
