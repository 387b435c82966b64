import type { Identity } from '../sessions/sessions.js';
import { oauthError } from './oauth-answers.js';
import type { HttpAnswer, HttpRequest } from '../http/route.js';

/**
 * Checks the client of a token request: the app's id and secret, in the body or in a Basic header.
 *
 * @param secret - `optional` where an app may omit it; a wrong one is still refused.
 * @returns The answer that refuses it, or `undefined`.
 */
export function clientProblem(
  { clientId, clientSecret }: Identity,
  form: URLSearchParams,
  request: HttpRequest,
  secret: 'required' | 'optional',
): HttpAnswer | undefined {
  const basic = basicCredentials(request);
  // A client that identified itself by a header gets the status for headers.
  const status = basic === undefined ? 400 : 401;
  const [givenId, givenSecret] = basic ?? [form.get('client_id'), form.get('client_secret')];
  if (givenId !== clientId) return oauthError(status, 'invalid_client_id', 'client identifier invalid');
  if (secret === 'optional' && (givenSecret === null || givenSecret === '')) return undefined;
  return givenSecret === clientSecret ? undefined : oauthError(status, 'invalid_client', 'invalid client credentials');
}

function basicCredentials({ headers }: HttpRequest): [string, string] | undefined {
  const encoded = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return [id, secret.join(':')];
}
