import * as oauth from 'oauth4webapi';
import { AuthenticationError, ConnectionError } from '../model/errors.js';
import type { OrgSession } from '../ports/session-provider.js';
import type { LoginContext } from './login-context.js';
import { loginRefused } from './login-failures.js';
import { send, type LoginAnswer, type LoginRequest } from './login-http.js';
import type { LoginEndpoint } from './login-options.js';
import { orgSession } from './org-session.js';
import { instanceOrigin } from './origin.js';
import { withoutSecrets } from './secrets.js';

/** The functions of the OAuth library. Flows get them here, so that the first login loads it, and not the start. */
export type OAuth = typeof oauth;

/** A request for tokens. */
export interface TokenRequest {
  readonly endpoint: LoginEndpoint;
  /** @param serverTime - The server's clock, in epoch milliseconds, where the answer had it. */
  readonly context: (serverTime: number | undefined) => LoginContext;
  /** Texts that must not show, even if the endpoint repeats them. */
  readonly secrets: readonly string[];
  /** Sends the grant, with the library's functions. */
  readonly ask: (
    library: OAuth,
    server: oauth.AuthorizationServer,
    options: oauth.TokenEndpointRequestOptions,
  ) => Promise<Response>;
}

/** The answer of a token endpoint. */
export interface Tokens {
  /** The refresh token, for apps with the scope `refresh_token`, and again when a newer one replaces it. */
  readonly refreshToken: string | undefined;
  /**
   * Makes the session. It is separate, because the session may be unusable, and a new refresh token must be kept all
   * the same.
   */
  readonly session: () => Promise<OrgSession>;
}

/**
 * Asks the OAuth token endpoint of an org for tokens.
 *
 * @throws `AuthenticationError` when it refuses, `ConnectionError` when it does not answer. No secret is in them, nor
 * in what `session()` rejects with.
 */
export async function requestTokens(request: TokenRequest): Promise<Tokens> {
  const { endpoint } = request;
  const server = { issuer: endpoint.origin, token_endpoint: `${endpoint.origin}/services/oauth2/token` };
  const response = await request.ask(oauth, server, {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- What it sends says the same to an emulator without TLS.
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: async (url, { method, headers, body }) =>
      Response.json(await fetchJson(request, url, { method, headers, body: body.toString() })),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  const { refresh_token: refreshToken } = answer;
  return {
    refreshToken: typeof refreshToken === 'string' && refreshToken !== '' ? refreshToken : undefined,
    session: () => sessionIn(request, answer),
  };
}

async function sessionIn(request: TokenRequest, answer: Record<string, unknown>): Promise<OrgSession> {
  const { origin } = request.endpoint;
  const accessToken = requiredText(answer, 'access_token', origin);
  const instanceUrl = instanceOrigin(requiredText(answer, 'instance_url', origin), origin);
  if (instanceUrl === undefined) throw incomplete('instance_url', origin);
  // Before anything is asked with it.
  const session = orgSession({ accessToken, instanceUrl, organizationId: '', ...lifetimeIn(answer) });
  const organizationId = organizationIn(answer.id, accessToken) ?? (await askUserInfo(request, session));
  return orgSession({ accessToken, instanceUrl, organizationId, ...userIn(answer.id), ...lifetimeIn(answer) });
}

/** Salesforce tells no lifetime for opaque tokens, as a rule. */
function lifetimeIn({ expires_in: seconds }: Record<string, unknown>): { expiresAt?: number } {
  return typeof seconds === 'number' && seconds > 0 ? { expiresAt: Date.now() + seconds * 1000 } : {};
}

/** The org's id is in the identity URL, `https://…/id/<org>/<user>`, and before the `!` of an access token. */
function organizationIn(identityUrl: unknown, accessToken: string): string | undefined {
  const inIdentityUrl = typeof identityUrl === 'string' ? /\/id\/(00D\w{12,15})\//.exec(identityUrl)?.[1] : undefined;
  return inIdentityUrl ?? /^(00D\w{12,15})!/.exec(accessToken)?.[1];
}

/** The user's id is there, too. */
function userIn(identityUrl: unknown): { userId?: string } {
  const userId = typeof identityUrl === 'string' ? /\/id\/\w+\/(005\w{12,15})$/.exec(identityUrl)?.[1] : undefined;
  return userId === undefined ? {} : { userId };
}

async function askUserInfo(request: TokenRequest, { accessToken, instanceUrl }: OrgSession): Promise<string> {
  const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json' };
  const secrets = [...request.secrets, accessToken];
  const url = `${instanceUrl}/services/oauth2/userinfo`;
  return requiredText(
    await fetchJson({ ...request, secrets }, url, { method: 'GET', headers }),
    'organization_id',
    url,
  );
}

async function fetchJson(request: TokenRequest, url: string, init: LoginRequest): Promise<Record<string, unknown>> {
  const answer = await send(request.endpoint, url, init);
  const body = parseObject(answer.text);
  if (answer.status === 200 && body) return body;
  throw failureOf(request, url, answer, body);
}

function failureOf(
  { context, secrets }: TokenRequest,
  url: string,
  { status, serverTime }: LoginAnswer,
  body: Record<string, unknown> | undefined,
): AuthenticationError | ConnectionError {
  if (status === 429 || status >= 500) {
    return new ConnectionError(
      `${url} answered with HTTP ${status}: it cannot serve this login for now. Try again after a pause.`,
    );
  }
  if (typeof body?.error !== 'string') {
    return new ConnectionError(
      `${url} answered with HTTP ${status} and no OAuth response: check that loginUrl is a Salesforce login or My Domain ` +
        'URL ("https://acme.my.salesforce.com", not the "lightning.force.com" one that browsers show).',
      { retriable: false },
    );
  }
  const { error, error_description: description } = body;
  const refused = {
    error: withoutSecrets(error, secrets),
    description: withoutSecrets(typeof description === 'string' ? description : 'no description', secrets),
  };
  return loginRefused(refused, context(serverTime));
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function requiredText(answer: Record<string, unknown>, field: string, url: string): string {
  const value = answer[field];
  if (typeof value === 'string' && value !== '') return value;
  throw incomplete(field, url);
}

function incomplete(field: string, url: string): AuthenticationError {
  return new AuthenticationError(
    `The login at ${url} gave no ${field} of use. Check that it is a Salesforce login URL.`,
    { reason: 'answer-incomplete' },
  );
}
