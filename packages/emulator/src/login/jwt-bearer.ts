import { errors, jwtVerify, type JWTPayload } from 'jose';
import { type OAuthContext, oauthError, sessionGranted } from './oauth-answers.js';
import type { HttpAnswer } from '../http/route.js';

/** How long after its end an assertion is still accepted whose end is in milliseconds, in milliseconds. */
const MILLISECONDS_GRACE_MS = 300_000;

/**
 * From this value on, a number is in milliseconds, not seconds: in seconds it would be after the year 5000, in
 * milliseconds it is after 1973. Salesforce's own command line sends `exp` in milliseconds, and the service accepts it.
 */
const LEAST_MILLISECONDS = 100_000_000_000;

/** The error text for an expired assertion. */
const EXPIRED = 'expired authorization code';

/** The allowed audiences of assertions, besides the emulator itself. */
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

/** The claims of an assertion that is signed and not expired, or what is wrong with it. */
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
 * Whether an assertion with an end in milliseconds is expired; the library checks ends in seconds. The command line
 * adds 300 to the milliseconds of its clock, which leaves its own request no time, so there is a grace period. Any
 * later end is accepted: Salesforce documents 3 to 5 minutes, but the service accepts any.
 */
function hasEnded(exp: number, nowMs: number): boolean {
  return exp >= LEAST_MILLISECONDS && exp < nowMs - MILLISECONDS_GRACE_MS;
}

/** Whether the emulator is the audience; a slash at the end of an address does not matter. */
function isForUs({ instanceUrl }: OAuthContext, { aud }: JWTPayload): boolean {
  const audiences = [aud].flat().map((audience) => audience?.replace(/\/$/, '') ?? '');
  return audiences.some((audience) => audience === instanceUrl || AUDIENCES.includes(audience));
}
