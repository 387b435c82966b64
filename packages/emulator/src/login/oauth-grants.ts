import { isVerified } from '../sessions/authorizations.js';
import { jwtBearer } from './jwt-bearer.js';
import { clientProblem } from './oauth-client.js';
import { type OAuthContext, oauthError, sessionGranted } from './oauth-answers.js';
import type { HttpAnswer, HttpRequest } from '../http/route.js';

type Grant = (context: OAuthContext, form: URLSearchParams, request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;

/** The grant types, with their handlers. */
export const GRANTS: ReadonlyMap<string | null, Grant> = new Map<string, Grant>([
  ['client_credentials', clientCredentials],
  ['urn:ietf:params:oauth:grant-type:jwt-bearer', (context, form) => jwtBearer(context, form.get('assertion') ?? '')],
  ['authorization_code', authorizationCode],
  ['refresh_token', refreshToken],
  ['password', password],
]);

function clientCredentials(context: OAuthContext, form: URLSearchParams, request: HttpRequest): HttpAnswer {
  return clientProblem(context.sessions.identity, form, request, 'required') ?? sessionGranted(context);
}

/**
 * A user's name and password, with the security token at its end, which the service requires from unknown addresses.
 */
function password(context: OAuthContext, form: URLSearchParams, request: HttpRequest): HttpAnswer {
  const { identity } = context.sessions;
  const problem = clientProblem(identity, form, request, 'required');
  if (problem !== undefined) return problem;
  const isUser =
    form.get('username') === identity.username && form.get('password') === identity.password + identity.securityToken;
  return isUser ? sessionGranted(context) : oauthError(400, 'invalid_grant', 'authentication failure');
}

function authorizationCode(context: OAuthContext, form: URLSearchParams, request: HttpRequest): HttpAnswer {
  const problem = clientProblem(context.sessions.identity, form, request, 'optional');
  if (problem !== undefined) return problem;
  const { authorizations } = context;
  const authorization = authorizations.redeem(form.get('code') ?? '');
  if (typeof authorization === 'string') return oauthError(400, 'invalid_grant', `${authorization} authorization code`);
  const { scope, redirectUri, codeChallenge } = authorization;
  if (form.get('redirect_uri') !== redirectUri) {
    return oauthError(400, 'redirect_uri_mismatch', 'redirect_uri must match configuration');
  }
  if (!isVerified(codeChallenge, form.get('code_verifier'))) {
    return oauthError(400, 'invalid_grant', 'invalid code verifier');
  }
  const lasting = /\b(refresh_token|offline_access)\b/.test(scope);
  return sessionGranted(context, {
    scope,
    ...(lasting && { refresh_token: authorizations.issueRefreshToken(scope) }),
  });
}

function refreshToken(context: OAuthContext, form: URLSearchParams, request: HttpRequest): HttpAnswer {
  const problem = clientProblem(context.sessions.identity, form, request, 'optional');
  if (problem !== undefined) return problem;
  const { authorizations, rotateRefreshTokens } = context;
  const token = form.get('refresh_token') ?? '';
  const scope = authorizations.scopeOf(token);
  if (scope === undefined) return oauthError(400, 'invalid_grant', 'expired access/refresh token');
  if (!rotateRefreshTokens) return sessionGranted(context, { scope });
  authorizations.revoke(token);
  return sessionGranted(context, { scope, refresh_token: authorizations.issueRefreshToken(scope) });
}
