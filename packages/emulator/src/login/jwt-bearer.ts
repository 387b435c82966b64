import { errors, jwtVerify, type JWTPayload } from 'jose';
import { type OAuthContext, oauthError, sessionGranted } from './oauth-answers.js';
import type { HttpAnswer } from '../http/route.js';

/** How long after its end an assertion that gives it in milliseconds is taken, in milliseconds. */
const MILLISECONDS_GRACE_MS = 300_000;

/**
 * From here on a number is milliseconds and no seconds: as seconds it is after the year 5000, as milliseconds after 1973.
 * Salesforce's own command line gives `exp` in milliseconds, and the service takes it.
 */
const LEAST_MILLISECONDS = 100_000_000_000;

/** What is said of an assertion that has ended. */
const EXPIRED = 'expired authorization code';

/** Whom assertions may be for, besides the emulator itself. */
const AUDIENCES = ['https://login.salesforce.com', 'https://test.salesforce.com'];

/** The JWT bearer grant: an assertion that the connected app has signed. */
export async function jwtBearer(context: OAuthContext, assertion: string): Promise<HttpAnswer> {
  const { clientId, username } = context.sessions.identity;
  const claims = await verified(context, assertion);
  if (typeof claims === 'string') return oauthError(400, 'invalid_grant', claims);
  if (claims.iss !== clientId) return oauthError(400, 'invalid_client_id', 'client identifier invalid');
  if (!isForUs(context, claims)) return oauthError(400, 'invalid_grant', 'audience is invalid');
  if (claims.sub !== username) return oauthError(400, 'invalid_grant', "user hasn't approved this consumer");
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
    return hasEnded(payload.exp ?? 0, currentDate.getTime()) ? EXPIRED : payload;
  } catch (error) {
    return error instanceof errors.JWTExpired ? EXPIRED : 'invalid assertion';
  }
}

/**
 * Whether an assertion is over whose end is in milliseconds; the library looks after seconds. The command line adds 300 to
 * the milliseconds of its clock, which leaves its own request no time, so there is a grace. How far ahead the end lies
 * does not matter: Salesforce documents 3 to 5 minutes, and the service takes any.
 */
function hasEnded(exp: number, nowMs: number): boolean {
  return exp >= LEAST_MILLISECONDS && exp < nowMs - MILLISECONDS_GRACE_MS;
}

/** A slash at the end of an address changes nothing about whom it names. */
function isForUs({ instanceUrl }: OAuthContext, { aud }: JWTPayload): boolean {
  const audiences = [aud].flat().map((audience) => audience?.replace(/\/$/, '') ?? '');
  return audiences.some((audience) => audience === instanceUrl || AUDIENCES.includes(audience));
}
