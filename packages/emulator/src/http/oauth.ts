import type { LoginRefusals } from '../sessions/login-refusals.js';
import type { Identity, Sessions } from '../sessions/sessions.js';
import type { HttpAnswer, HttpRequest, Route } from './route.js';

/** What the login endpoints need. */
export interface OAuthContext {
  readonly sessions: Sessions;
  /** Logins that are refused whatever they bring. */
  readonly refusals: LoginRefusals;
  readonly instanceUrl: string;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** The OAuth endpoints of an org: the client credentials flow, and who a session belongs to. */
export function oauthRoutes(context: OAuthContext): Route[] {
  return [
    { method: 'POST', path: '/services/oauth2/token', handle: (request) => token(context, request) },
    { method: 'GET', path: '/services/oauth2/userinfo', handle: (request) => userInfo(context, request) },
  ];
}

type Grant = (context: OAuthContext, form: URLSearchParams, request: HttpRequest) => HttpAnswer;

/** Each grant type, and what it answers. */
const GRANTS: ReadonlyMap<string | null, Grant> = new Map([['client_credentials', clientCredentials]]);

function token(context: OAuthContext, request: HttpRequest): HttpAnswer {
  const refusal = context.refusals.take();
  if (refusal !== undefined) {
    return oauthError(refusal.status, refusal.error, refusal.description);
  }
  const form = new URLSearchParams(request.body);
  const grant = GRANTS.get(form.get('grant_type'));
  return grant?.(context, form, request) ?? oauthError(400, 'unsupported_grant_type', 'grant type not supported');
}

function clientCredentials(context: OAuthContext, form: URLSearchParams, request: HttpRequest): HttpAnswer {
  const { clientId, clientSecret } = context.sessions.identity;
  const basic = basicCredentials(request);
  // A client that identified itself by a header is answered with the status that belongs to headers.
  const status = basic === undefined ? 400 : 401;
  const [id, secret] = basic ?? [form.get('client_id'), form.get('client_secret')];
  if (id !== clientId) {
    return oauthError(status, 'invalid_client_id', 'client identifier invalid');
  }
  if (secret !== clientSecret) {
    return oauthError(status, 'invalid_client', 'invalid client credentials');
  }
  return sessionGranted(context);
}

function sessionGranted({ sessions, instanceUrl, now }: OAuthContext): HttpAnswer {
  const { organizationId, userId } = sessions.identity;
  const body = {
    access_token: sessions.logIn(),
    signature: Buffer.alloc(32).toString('base64'),
    scope: 'api',
    instance_url: instanceUrl,
    id: `${instanceUrl}/id/${organizationId}/${userId}`,
    token_type: 'Bearer',
    issued_at: now().toString(),
  };
  return { type: 'json', status: 200, body, headers: { 'cache-control': 'no-store' } };
}

/** Without a session the service answers in text. */
function userInfo({ sessions, instanceUrl }: OAuthContext, { headers }: HttpRequest): HttpAnswer {
  const accessToken = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (accessToken === undefined) {
    return { type: 'text', status: 401, body: 'Missing_OAuth_Token' };
  }
  if (!sessions.isValid(accessToken)) {
    return { type: 'text', status: 403, body: 'Bad_OAuth_Token' };
  }
  return { type: 'json', status: 200, body: userInfoOf(sessions.identity, instanceUrl) };
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
    urls: {},
  };
}

function basicCredentials({ headers }: HttpRequest): [string, string] | undefined {
  const encoded = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (encoded === undefined) {
    return undefined;
  }
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return [id, secret.join(':')];
}

function oauthError(status: number, error: string, description: string): HttpAnswer {
  return { type: 'json', status, body: { error, error_description: description } };
}
