import { errors, jwtVerify, type JWTPayload } from 'jose';
import { type OAuthContext, oauthError, sessionGranted } from './oauth-answers.js';
import type { HttpAnswer } from './route.js';

/** Assertions that are valid for longer are refused, in milliseconds. */
const LONGEST_LIFETIME_MS = 300_000;

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
    const lifetimeMs = (payload.exp ?? 0) * 1000 - currentDate.getTime();
    return lifetimeMs <= LONGEST_LIFETIME_MS ? payload : 'invalid assertion';
  } catch (error) {
    return error instanceof errors.JWTExpired ? 'expired authorization code' : 'invalid assertion';
  }
}

function isForUs({ instanceUrl }: OAuthContext, { aud }: JWTPayload): boolean {
  return [aud].flat().some((audience) => audience === instanceUrl || AUDIENCES.includes(audience ?? ''));
}
