import type { LoginRefusals } from '../sessions/login-refusals.js';
import { SESSION_SECONDS, type Sessions } from '../sessions/sessions.js';
import type { HttpAnswer, HttpRequest, Route } from '../http/route.js';
import { clientFault, fault, type SoapKind, success } from './soap-message.js';
import { textsOf } from './soap-reader.js';

/** The parts that the SOAP endpoints need. */
export interface SoapContext {
  readonly sessions: Sessions;
  /** The planned refusals of logins, whatever their credentials. */
  readonly refusals: LoginRefusals;
  readonly instanceUrl: string;
}

/** The API versions that have a login: older ones are retired, and later ones came without. */
const OLDEST_VERSION = 31;
const NEWEST_VERSION = 64;

/** The SOAP endpoints of an org, partner (`u`) and enterprise (`c`): `login()` and `logout()`. */
export function soapRoutes(context: SoapContext): Route[] {
  return (['u', 'c'] as const).flatMap((kind) =>
    // The address from a login ends with the org's id.
    [`/services/Soap/${kind}/*`, `/services/Soap/${kind}/*/*`].map((path): Route => ({
      method: 'POST',
      path,
      handle: (request, [version = '']) => answerTo(context, kind, version, request),
    })),
  );
}

function answerTo(context: SoapContext, kind: SoapKind, version: string, { body }: HttpRequest): HttpAnswer {
  const texts = textsOf(body);
  if (texts === undefined) {
    return clientFault('The message is no XML of a login: well-formed, without a document type, and at most 1 MB.');
  }
  if (texts.has('username')) return login(context, kind, version, texts);
  if (texts.has('logout')) {
    context.sessions.revoke(texts.get('sessionId') ?? '');
    return success(kind, '<logoutResponse/>');
  }
  return fault(kind, 'INVALID_OPERATION', 'The emulator has no other operations than login and logout.');
}

function login(
  { sessions, refusals, instanceUrl }: SoapContext,
  kind: SoapKind,
  version: string,
  texts: ReadonlyMap<string, string>,
): HttpAnswer {
  const refusal = refusals.take();
  if (refusal !== undefined) {
    // SOAP does not use OAuth's names of errors.
    return fault(kind, /^[A-Z_]+$/.test(refusal.error) ? refusal.error : 'INVALID_LOGIN', refusal.description);
  }
  const number = Number(version);
  if (!(number >= OLDEST_VERSION)) {
    return fault(kind, 'UNSUPPORTED_API_VERSION', 'Invalid Api version specified on URL');
  }
  if (number > NEWEST_VERSION) {
    return fault(kind, 'INVALID_OPERATION', `SOAP API login() is not available in version ${version}.`);
  }
  const { username, password, securityToken } = sessions.identity;
  if (texts.get('username') !== username || !texts.get('password')?.startsWith(password)) {
    return fault(kind, 'INVALID_LOGIN', 'Invalid username, password, security token; or user locked out.');
  }
  if (texts.get('password') === password) {
    const message = 'Your login must include a security token: add it to the end of the password.';
    return fault(kind, 'LOGIN_MUST_USE_SECURITY_TOKEN', message);
  }
  if (texts.get('password') !== password + securityToken) {
    return fault(kind, 'INVALID_LOGIN', 'Invalid username, password, security token; or user locked out.');
  }
  return success(kind, loginResponse(sessions, instanceUrl, kind, version));
}

function loginResponse(sessions: Sessions, instanceUrl: string, kind: SoapKind, version: string): string {
  const { organizationId, userId, username } = sessions.identity;
  const base = `${instanceUrl}/services/Soap`;
  const shortId = organizationId.slice(0, 15);
  return `<loginResponse><result>
<metadataServerUrl>${base}/m/${version}/${shortId}</metadataServerUrl>
<passwordExpired>false</passwordExpired>
<sandbox>false</sandbox>
<serverUrl>${base}/${kind}/${version}/${shortId}</serverUrl>
<sessionId>${sessions.logIn()}</sessionId>
<userId>${userId}</userId>
<userInfo>
<accessibilityMode>false</accessibilityMode>
<chatterExternal>false</chatterExternal>
<currencySymbol>$</currencySymbol>
<orgAttachmentFileSizeLimit>5242880</orgAttachmentFileSizeLimit>
<orgDefaultCurrencyIsoCode>USD</orgDefaultCurrencyIsoCode>
<orgDefaultCurrencyLocale>en_US</orgDefaultCurrencyLocale>
<orgDisallowHtmlAttachments>false</orgDisallowHtmlAttachments>
<orgHasPersonAccounts>false</orgHasPersonAccounts>
<organizationId>${organizationId}</organizationId>
<organizationMultiCurrency>false</organizationMultiCurrency>
<organizationName>rxforce emulator</organizationName>
<profileId xsi:nil="true"/>
<roleId xsi:nil="true"/>
<sessionSecondsValid>${SESSION_SECONDS}</sessionSecondsValid>
<userEmail>${username}</userEmail>
<userFullName>Integration User</userFullName>
<userId>${userId}</userId>
<userLanguage>en_US</userLanguage>
<userLocale>en_US</userLocale>
<userName>${username}</userName>
<userTimeZone>Etc/UTC</userTimeZone>
<userType>Standard</userType>
</userInfo>
</result></loginResponse>`.replaceAll('\n', '');
}
