import type { Metadata } from '@grpc/grpc-js';
import type { Refusal } from '../model/refusal.js';
import type { Sessions } from '../sessions/sessions.js';

/** The prefix of an org's id in answers of GetTopic, which the service also accepts in `tenantid`. */
const TENANT_PREFIX = 'core/prod/';

/** The form of each header's value; a value of another form is not looked up. */
const HEADERS = {
  accesstoken: (value: string) => value !== '',
  instanceurl: (value: string) => URL.canParse(value) && /^https?:/i.test(value),
  tenantid: (value: string) => /^00D[A-Za-z\d]{12}(?:[A-Za-z\d]{3})?$/.test(orgIdOf(value)),
} as const satisfies Record<string, (value: string) => boolean>;

/** The name of a header that every call must have. */
type HeaderName = keyof typeof HEADERS;

/** An org's id as a GUID of a tenant, as the service writes it. */
export function tenantGuidOf(organizationId: string): string {
  return `${TENANT_PREFIX}${organizationId}`;
}

/** Checks the session that every call must name in its metadata: access token, instance URL and tenant id. */
export function authenticate(metadata: Metadata, sessions: Sessions): Refusal | undefined {
  const headers = { accesstoken: '', instanceurl: '', tenantid: '' };
  for (const name of Object.keys(HEADERS) as HeaderName[]) {
    headers[name] = valueOf(metadata, name);
    if (!HEADERS[name](headers[name])) {
      return { reason: 'headers-invalid', message: `The value of the header ${name} is blank or invalid.` };
    }
  }
  const { accesstoken: accessToken, instanceurl: instanceUrl, tenantid } = headers;
  const problem = sessions.problemOf({ accessToken, instanceUrl, tenantId: orgIdOf(tenantid) });
  return problem === undefined ? undefined : NOT_AUTHENTICATED;
}

/** The refusal of a call with an invalid session. The service does not say what is wrong with it. */
export const NOT_AUTHENTICATED: Refusal = {
  reason: 'not-authenticated',
  message: 'An authentication exception occurred. Provide valid authentication via metadata headers.',
};

/** The org's id without its prefix. The service's own messages write the prefix in capitals. */
function orgIdOf(tenantId: string): string {
  const isPrefixed = tenantId.slice(0, TENANT_PREFIX.length).toLowerCase() === TENANT_PREFIX;
  return isPrefixed ? tenantId.slice(TENANT_PREFIX.length) : tenantId;
}

function valueOf(metadata: Metadata, name: HeaderName): string {
  return metadata.get(name)[0]?.toString().trim() ?? '';
}
