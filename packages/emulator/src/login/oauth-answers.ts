import type { KeyObject } from 'node:crypto';
import type { Authorizations } from '../sessions/authorizations.js';
import type { LoginRefusals } from '../sessions/login-refusals.js';
import type { Sessions } from '../sessions/sessions.js';
import type { HttpAnswer } from '../http/route.js';

/** The parts that the login endpoints need. */
export interface OAuthContext {
  readonly sessions: Sessions;
  readonly authorizations: Authorizations;
  /** The planned refusals of logins, whatever their credentials. */
  readonly refusals: LoginRefusals;
  readonly instanceUrl: string;
  /** Verifies the assertions of the connected app. */
  readonly publicKey: KeyObject;
  /** Whether each use of a refresh token replaces it. */
  readonly rotateRefreshTokens: boolean;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** Answers a login with a session. */
export function sessionGranted(
  { sessions, instanceUrl, now }: OAuthContext,
  more: { readonly scope?: string; readonly refresh_token?: string } = {},
): HttpAnswer {
  const { organizationId, userId } = sessions.identity;
  const body = {
    access_token: sessions.logIn(),
    signature: Buffer.alloc(32).toString('base64'),
    scope: 'api',
    instance_url: instanceUrl,
    id: `${instanceUrl}/id/${organizationId}/${userId}`,
    token_type: 'Bearer',
    issued_at: now().toString(),
    ...more,
  };
  return { type: 'json', status: 200, body, headers: { 'cache-control': 'no-store' } };
}

/** An error as on the OAuth endpoints. */
export function oauthError(status: number, error: string, description: string): HttpAnswer {
  return { type: 'json', status, body: { error, error_description: description } };
}
