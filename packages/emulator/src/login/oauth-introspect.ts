import { SESSION_SECONDS } from '../sessions/sessions.js';
import type { OAuthContext } from './oauth-answers.js';
import { clientProblem } from './oauth-client.js';
import type { HttpAnswer, HttpRequest } from '../http/route.js';

/** The state of a token, for an app that identifies itself. Of an invalid token, the app learns nothing else. */
export function introspect(context: OAuthContext, request: HttpRequest): HttpAnswer {
  const { sessions, authorizations, instanceUrl, now } = context;
  const form = new URLSearchParams(request.body);
  const problem = clientProblem(sessions.identity, form, request, 'optional');
  if (problem !== undefined) return problem;
  const token = form.get('token') ?? '';
  const isSession = sessions.isValid(token);
  const scope = isSession ? 'api' : authorizations.scopeOf(token);
  if (scope === undefined) return { type: 'json', status: 200, body: { active: false } };
  const { clientId, username, organizationId, userId } = sessions.identity;
  const nowSeconds = Math.floor(now() / 1000);
  const body = {
    active: true,
    scope,
    client_id: clientId,
    username,
    sub: `${instanceUrl}/id/${organizationId}/${userId}`,
    token_type: isSession ? 'access_token' : 'refresh_token',
    ...(isSession && { exp: nowSeconds + SESSION_SECONDS, iat: nowSeconds, nbf: nowSeconds }),
  };
  return { type: 'json', status: 200, body };
}
