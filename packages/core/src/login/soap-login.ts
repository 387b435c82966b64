import { AuthenticationError, ConnectionError } from '../model/errors.js';
import type { OrgSession } from '../ports/session-provider.js';
import { loginRefused } from './login-failures.js';
import { send } from './login-http.js';
import type { LoginEndpoint } from './login-options.js';
import { orgSession } from './org-session.js';
import { instanceOrigin } from './origin.js';
import { withoutSecrets } from './secrets.js';
import { escapeXml, textsIn } from './xml.js';

/** Who logs in. */
export interface SoapUser {
  readonly username: string;
  readonly password: string;
  readonly securityToken: string;
  readonly apiVersion: string;
}

/**
 * Calls `login()` of the partner SOAP API.
 *
 * @throws `AuthenticationError` when it refuses, `ConnectionError` when it does not answer. No secret is in them.
 */
export async function soapLogin(endpoint: LoginEndpoint, user: SoapUser): Promise<OrgSession> {
  const { origin } = endpoint;
  const url = `${origin}/services/Soap/u/${user.apiVersion}`;
  const headers = { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""', accept: 'text/xml' };
  const answer = await send(endpoint, url, { method: 'POST', headers, body: envelope(user) });
  const texts = textsIn(answer.text);
  const fault = texts?.get('exceptionCode') ?? texts?.get('faultcode');
  if (texts && fault !== undefined) throw refused(origin, user, fault, texts);
  if (answer.status === 200 && texts?.has('sessionId')) return sessionIn(origin, user, texts);
  const mayPass = answer.status === 429 || answer.status >= 500;
  throw new ConnectionError(
    mayPass
      ? `${url} answered with HTTP ${answer.status}: it cannot serve this login for now. Try again after a pause.`
      : `${url} answered with HTTP ${answer.status} and no SOAP response: check that loginUrl is a Salesforce login or My ` +
          'Domain URL.',
    { retriable: mayPass },
  );
}

function envelope({ username, password, securityToken }: SoapUser): string {
  return (
    '<?xml version="1.0" encoding="utf-8"?>' +
    '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>' +
    '<login xmlns="urn:partner.soap.sforce.com">' +
    `<username>${escapeXml(username)}</username><password>${escapeXml(password + securityToken)}</password>` +
    '</login></env:Body></env:Envelope>'
  );
}

function sessionIn(origin: string, user: SoapUser, texts: ReadonlyMap<string, string>): OrgSession {
  if (texts.get('passwordExpired') === 'true') {
    throw refused(
      origin,
      user,
      'INVALID_OPERATION_WITH_EXPIRED_PASSWORD',
      new Map([['faultstring', 'passwordExpired']]),
    );
  }
  const accessToken = texts.get('sessionId');
  const instanceUrl = instanceOrigin(texts.get('serverUrl') ?? '', origin);
  const organizationId = texts.get('organizationId');
  if (!accessToken || !instanceUrl || !organizationId) {
    throw new AuthenticationError(
      `The login at ${origin} gave no sessionId, serverUrl or organizationId of use. Check that it is a Salesforce login URL.`,
      { reason: 'answer-incomplete' },
    );
  }
  const userId = texts.get('userId');
  const seconds = Number(texts.get('sessionSecondsValid'));
  return orgSession({
    accessToken,
    instanceUrl,
    organizationId,
    ...(userId && { userId }),
    ...(seconds > 0 && { expiresAt: Date.now() + seconds * 1000 }),
  });
}

function refused(
  origin: string,
  { username, password, securityToken }: SoapUser,
  fault: string,
  texts: ReadonlyMap<string, string>,
): AuthenticationError {
  const secrets = [password + securityToken, password, securityToken];
  const description = texts.get('exceptionMessage') ?? texts.get('faultstring') ?? 'no description';
  return loginRefused(
    {
      error: withoutSecrets(fault.slice(fault.indexOf(':') + 1), secrets),
      description: withoutSecrets(description, secrets),
    },
    { login: 'usernamePassword', origin, username },
  );
}
