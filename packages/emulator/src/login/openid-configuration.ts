import type { OAuthContext } from './oauth-answers.js';
import { GRANTS } from './oauth-grants.js';
import type { HttpAnswer } from '../http/route.js';

/** The resource where a program that knows only the org's address finds the login endpoints and their parameters. */
export function openIdConfiguration({ instanceUrl }: Pick<OAuthContext, 'instanceUrl'>): HttpAnswer {
  const oauth = `${instanceUrl}/services/oauth2`;
  const body = {
    issuer: instanceUrl,
    authorization_endpoint: `${oauth}/authorize`,
    token_endpoint: `${oauth}/token`,
    revocation_endpoint: `${oauth}/revoke`,
    userinfo_endpoint: `${oauth}/userinfo`,
    introspection_endpoint: `${oauth}/introspect`,
    scopes_supported: ['api', 'refresh_token', 'offline_access'],
    response_types_supported: ['code'],
    grant_types_supported: [...GRANTS.keys()],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    code_challenge_methods_supported: ['S256'],
    subject_types_supported: ['public'],
    display_values_supported: ['page', 'popup', 'touch'],
  };
  return { type: 'json', status: 200, body };
}
