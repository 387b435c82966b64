import { expect } from 'chai';
import { createHash } from 'node:crypto';
import type { Emulator } from '../../src/index.js';

/** What an endpoint answers. */
export type Answer = Readonly<Record<string, string>>;

/** Where the browser is sent back to. */
export const REDIRECT_URI = 'http://localhost:3000/callback';

/** A verifier of PKCE. */
export const VERIFIER = 'a-verifier-of-forty-three-characters-or-more';

/** Its challenge. */
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

/** Asks for a token. */
export async function token({ httpUrl }: Emulator, form: Answer): Promise<[number, Answer]> {
  const response = await fetch(`${httpUrl}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
  return [response.status, (await response.json()) as Answer];
}

/** A refusal of a grant. */
export function invalid(description: string): Answer {
  return { error: 'invalid_grant', error_description: description };
}

/** Where a browser begins to log in. */
export function authorizeUrl(
  { httpUrl, credentials }: Emulator,
  changed: Answer,
  without: readonly string[] = [],
): string {
  const query = {
    response_type: 'code',
    client_id: credentials.clientId,
    redirect_uri: REDIRECT_URI,
    scope: 'api refresh_token',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changed,
  };
  return `${httpUrl}/services/oauth2/authorize?${formOf(query, without).toString()}`;
}

/** Where the user is sent back to. */
export async function authorize(
  emulator: Emulator,
  changed: Answer = {},
  without: readonly string[] = [],
): Promise<URL> {
  const response = await fetch(authorizeUrl(emulator, changed, without), { redirect: 'manual' });
  expect(response.status).to.equal(302);
  return new URL(response.headers.get('location')!);
}

/** Changes a code for tokens. */
export function exchange(
  emulator: Emulator,
  back: URL,
  changed: Answer = {},
  without: readonly string[] = [],
): Promise<[number, Answer]> {
  const { clientId: client_id, clientSecret: client_secret } = emulator.credentials;
  const form = {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    client_id,
    client_secret,
    redirect_uri: REDIRECT_URI,
    code_verifier: VERIFIER,
    ...changed,
  };
  return token(emulator, Object.fromEntries(formOf(form, without)));
}

/** A refresh token of an emulator. */
export async function refreshTokenOf(emulator: Emulator): Promise<string> {
  const [, { refresh_token = '' }] = await exchange(emulator, await authorize(emulator));
  return refresh_token;
}

/** Changes a refresh token for a session. */
export function refresh(
  emulator: Emulator,
  refresh_token: string,
  without: readonly string[] = [],
): Promise<[number, Answer]> {
  const { clientId: client_id, clientSecret: client_secret } = emulator.credentials;
  const form = { grant_type: 'refresh_token', refresh_token, client_id, client_secret };
  return token(emulator, Object.fromEntries(formOf(form, without)));
}

/** Ends a token. */
export async function revoke({ httpUrl }: Emulator, value: string): Promise<number> {
  const body = new URLSearchParams({ token: value });
  return (await fetch(`${httpUrl}/services/oauth2/revoke`, { method: 'POST', body })).status;
}

/** Fields as a form. */
export function formOf(form: Answer, without: readonly string[]): URLSearchParams {
  return new URLSearchParams(Object.entries(form).filter(([name]) => !without.includes(name)));
}
