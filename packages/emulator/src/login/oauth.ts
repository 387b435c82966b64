import { type OAuthContext, oauthError } from './oauth-answers.js';
import { authorize } from './oauth-authorize.js';
import { GRANTS } from './oauth-grants.js';
import { identity, revoke, userInfo } from './oauth-identity.js';
import { introspect } from './oauth-introspect.js';
import { openIdConfiguration } from './openid-configuration.js';
import type { HttpAnswer, HttpRequest, Route } from '../http/route.js';

/** The OAuth endpoints of an org: the logins of apps and users, and the owner of a session. */
export function oauthRoutes(context: OAuthContext): Route[] {
  return [
    { method: 'GET', path: '/services/oauth2/authorize', handle: (request) => authorize(context, request) },
    { method: 'POST', path: '/services/oauth2/token', handle: (request) => token(context, request) },
    { method: 'GET', path: '/services/oauth2/revoke', handle: (request) => revoke(context, request) },
    { method: 'POST', path: '/services/oauth2/revoke', handle: (request) => revoke(context, request) },
    { method: 'GET', path: '/services/oauth2/userinfo', handle: (request) => userInfo(context, request) },
    { method: 'POST', path: '/services/oauth2/userinfo', handle: (request) => userInfo(context, request) },
    { method: 'POST', path: '/services/oauth2/introspect', handle: (request) => introspect(context, request) },
    { method: 'GET', path: '/.well-known/openid-configuration', handle: () => openIdConfiguration(context) },
    { method: 'GET', path: '/id/*/*', handle: (request, segments) => identity(context, request, segments) },
  ];
}

function token(context: OAuthContext, request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
  const refusal = context.refusals.take();
  if (refusal !== undefined) return oauthError(refusal.status, refusal.error, refusal.description);
  const form = formOf(request);
  const grant = GRANTS.get(form.get('grant_type'));
  return grant?.(context, form, request) ?? oauthError(400, 'unsupported_grant_type', 'grant type not supported');
}

/** The parameters of the body, and those of the address that the body lacks. */
function formOf({ body, query }: HttpRequest): URLSearchParams {
  const form = new URLSearchParams(body);
  query.forEach((value, name) => form.has(name) || form.set(name, value));
  return form;
}
