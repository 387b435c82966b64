import type { Identity } from '../sessions/sessions.js';
import { type OAuthContext, oauthError } from './oauth-answers.js';
import type { HttpAnswer, HttpRequest } from '../http/route.js';

/** The owner of a session, in OpenID's form. */
export function userInfo(context: OAuthContext, request: HttpRequest): HttpAnswer {
  const { sessions, instanceUrl } = context;
  return tokenProblem(context, request) ?? ok(userInfoOf(sessions.identity, instanceUrl));
}

/** The owner of a session, in Salesforce's form: the resource at the `id` of a token answer. */
export function identity(context: OAuthContext, request: HttpRequest, segments: readonly string[]): HttpAnswer {
  const { sessions, instanceUrl, now } = context;
  const { organizationId, userId, username } = sessions.identity;
  const problem = tokenProblem(context, request);
  if (problem !== undefined) return problem;
  if (segments[0] !== organizationId || segments[1] !== userId) return { type: 'text', status: 403, body: 'Wrong_Org' };
  return ok({
    id: `${instanceUrl}/id/${organizationId}/${userId}`,
    asserted_user: true,
    user_id: userId,
    organization_id: organizationId,
    username,
    nick_name: 'integration',
    display_name: 'Integration User',
    email: username,
    email_verified: true,
    first_name: 'Integration',
    last_name: 'User',
    timezone: 'Etc/UTC',
    active: true,
    user_type: 'STANDARD',
    language: 'en_US',
    locale: 'en_US',
    utcOffset: 0,
    urls: urlsOf(instanceUrl),
    last_modified_date: new Date(now()).toISOString(),
    is_app_installed: true,
  });
}

/** Ends a session, or a refresh token. */
export function revoke({ sessions, authorizations }: OAuthContext, { body, query }: HttpRequest): HttpAnswer {
  const token = new URLSearchParams(body).get('token') ?? query.get('token') ?? '';
  // Both are tried: a refresh token is not an access token.
  const found = [sessions.revoke(token), authorizations.revoke(token)].includes(true);
  return found ? { type: 'text', status: 200, body: '' } : oauthError(400, 'invalid_token', 'invalid token');
}

/** Without a session, the service answers with text. */
function tokenProblem({ sessions }: OAuthContext, { headers, query }: HttpRequest): HttpAnswer | undefined {
  const bearer = /^(?:Bearer|OAuth) (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const accessToken = bearer ?? query.get('oauth_token') ?? query.get('access_token');
  if (accessToken === null) return { type: 'text', status: 401, body: 'Missing_OAuth_Token' };
  return sessions.isValid(accessToken) ? undefined : { type: 'text', status: 403, body: 'Bad_OAuth_Token' };
}

function userInfoOf({ organizationId, userId, username }: Identity, instanceUrl: string) {
  return {
    sub: `${instanceUrl}/id/${organizationId}/${userId}`,
    user_id: userId,
    organization_id: organizationId,
    preferred_username: username,
    nickname: 'integration',
    name: 'Integration User',
    email: username,
    email_verified: true,
    given_name: 'Integration',
    family_name: 'User',
    zoneinfo: 'Etc/UTC',
    user_type: 'STANDARD',
    language: 'en_US',
    locale: 'en_US',
    active: true,
    urls: urlsOf(instanceUrl),
  };
}

function urlsOf(instanceUrl: string): Readonly<Record<string, string>> {
  return {
    rest: `${instanceUrl}/services/data/v{version}/`,
    sobjects: `${instanceUrl}/services/data/v{version}/sobjects/`,
    query: `${instanceUrl}/services/data/v{version}/query/`,
    tooling_rest: `${instanceUrl}/services/data/v{version}/tooling/`,
  };
}

function ok(body: unknown): HttpAnswer {
  return { type: 'json', status: 200, body };
}
