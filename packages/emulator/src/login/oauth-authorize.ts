import type { OAuthContext } from './oauth-answers.js';
import type { HttpAnswer, HttpRequest } from '../http/route.js';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The start of the web server flow. There is no person at a browser, so the emulated user allows every app at once,
 * unless a refusal was planned: then the user refuses.
 */
export function authorize(context: OAuthContext, { query }: HttpRequest): HttpAnswer {
  const redirectUri = query.get('redirect_uri') ?? '';
  if (query.get('client_id') !== context.sessions.identity.clientId) {
    return page('invalid_client_id', 'client identifier invalid');
  }
  if (!isOnThisMachine(redirectUri)) return page('redirect_uri_mismatch', 'redirect_uri must match configuration');
  return redirect(redirectUri, { ...outcome(context, query, redirectUri), state: query.get('state') });
}

function outcome(
  { refusals, authorizations }: OAuthContext,
  query: URLSearchParams,
  redirectUri: string,
): Readonly<Record<string, string>> {
  const refusal = refusals.take();
  if (refusal !== undefined) return { error: refusal.error, error_description: refusal.description };
  if (query.get('response_type') !== 'code') {
    return { error: 'unsupported_response_type', error_description: 'response type not supported' };
  }
  if ((query.get('code_challenge_method') ?? 'S256') !== 'S256') {
    return { error: 'invalid_request', error_description: 'code challenge method must be S256' };
  }
  const scope = query.get('scope') ?? 'api';
  return {
    code: authorizations.authorize({ redirectUri, scope, codeChallenge: query.get('code_challenge') ?? undefined }),
  };
}

/** In Salesforce the app lists its callback URLs. Here every URL of this machine counts as listed. */
function isOnThisMachine(redirectUri: string): boolean {
  return URL.canParse(redirectUri) && LOOPBACK.has(new URL(redirectUri).hostname);
}

function redirect(redirectUri: string, parameters: Readonly<Record<string, string | null>>): HttpAnswer {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null) url.searchParams.set(name, value);
  }
  return { type: 'text', status: 302, body: '', headers: { location: url.href } };
}

/** The page for the user where no redirect can be trusted. */
function page(error: string, description: string): HttpAnswer {
  return { type: 'text', status: 400, body: `error=${error}&error_description=${description}` };
}
