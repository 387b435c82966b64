import { AuthenticationError, ConnectionError } from '../model/errors.js';
import type { OrgSession } from '../ports/session-provider.js';

const TIMEOUT_MS = 30_000;

/**
 * Asks the OAuth token endpoint of an org for a session.
 *
 * @param form - The grant and its fields. They never reach an error message.
 */
export async function requestToken(loginUrl: string, form: Record<string, string>): Promise<OrgSession> {
  const answer = await fetchJson(`${loginUrl}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const accessToken = requiredText(answer, 'access_token', loginUrl);
  const instanceUrl = requiredText(answer, 'instance_url', loginUrl);
  return { accessToken, instanceUrl, organizationId: await organizationIdOf(accessToken, instanceUrl, answer.id) };
}

/** The org id stands in the identity URL, `https://…/id/<org>/<user>`; else userinfo tells it. */
async function organizationIdOf(accessToken: string, instanceUrl: string, identityUrl: unknown): Promise<string> {
  const inIdentityUrl = typeof identityUrl === 'string' ? /\/id\/(00D\w{12,15})\//.exec(identityUrl)?.[1] : undefined;
  if (inIdentityUrl !== undefined) return inIdentityUrl;
  const userinfo = await fetchJson(`${instanceUrl}/services/oauth2/userinfo`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  return requiredText(userinfo, 'organization_id', instanceUrl);
}

async function fetchJson(url: string, init: RequestInit): Promise<Record<string, unknown>> {
  const { status, text } = await reach(url, init);
  const answer = parseObject(text);
  if (status === 200 && answer) return answer;
  const mayPass = status === 429 || status >= 500;
  if (answer && !mayPass) throw refused(url, status, answer);
  throw new ConnectionError(
    mayPass
      ? `${url} answered with HTTP ${status}: it cannot serve this login for now. Try again after a pause.`
      : `${url} answered with HTTP ${status} and no OAuth response: check that loginUrl is a Salesforce login or My Domain URL.`,
    { retriable: mayPass },
  );
}

async function reach(url: string, init: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    const { cause: reason = cause } = cause as { cause?: unknown };
    throw new ConnectionError(
      `Cannot log in: ${url} cannot be reached (${reason instanceof Error ? reason.message : String(reason)}). Check ` +
        'loginUrl and the network.',
      { cause },
    );
  }
}

function refused(url: string, status: number, answer: Record<string, unknown>): AuthenticationError {
  const { error = 'unknown', error_description: description = '' } = answer;
  return new AuthenticationError(
    `The login at ${url} was refused (HTTP ${status}, ${String(error)}: ${String(description)}). Check the client id and ` +
      'secret, that the connected app has this flow enabled, and that it names a user to run as.',
  );
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
  throw new AuthenticationError(`The login at ${url} gave no ${field}. Check that it is a Salesforce login URL.`);
}
