import { send } from '@rxforce/core/internal/http';
import { AuthenticationError, ConnectionError, ServiceError, type RxforceError } from '@rxforce/core/model';
import type { OrgSession } from '@rxforce/core';
import type { EventType } from '../event-type.js';
import { pickListsOf, type PickListValues } from '../render-types.js';

/** Every version that an org serves knows pick lists. */
const API_VERSION = '62.0';

const TIMEOUT_MS = 30_000;

/** Objects with many fields and record types have long descriptions. */
const MAX_DESCRIBE_BYTES = 64 * 1024 * 1024;

interface DescribedField {
  readonly name?: string;
  readonly picklistValues?: readonly { readonly value?: string; readonly active?: boolean }[];
}

/**
 * Asks the org's REST API for the active values of the pick lists that events have.
 *
 * @throws `AuthenticationError` when the session is refused, `ConnectionError` when there is no answer, `RxforceError`
 * with `service` when the answer cannot be used.
 */
export async function fetchPickLists(
  session: OrgSession,
  ca: string | undefined,
  events: readonly EventType[],
): Promise<PickListValues> {
  const withPickLists = events.filter((event) => pickListsOf(event).length > 0);
  const described = await Promise.all(withPickLists.map(({ name }) => describe(session, ca, name)));
  return new Map(described.flat());
}

async function describe(session: OrgSession, ca: string | undefined, object: string) {
  const url = `${session.instanceUrl}/services/data/v${API_VERSION}/sobjects/${object}/describe`;
  const { status, text } = await ask(session, ca, url);
  const fields = status === 200 ? fieldsIn(text) : undefined;
  if (fields === undefined) throw refused(url, status, object);
  return fields.flatMap(({ name = '', picklistValues = [] }): [string, string[]][] => {
    const values = picklistValues.flatMap(({ value, active }) => (active === true && value ? [value] : []));
    return values.length > 0 ? [[`${object}.${name}`, [...new Set(values)]]] : [];
  });
}

async function ask({ accessToken }: OrgSession, ca: string | undefined, url: string) {
  try {
    const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json' };
    return await send({ ca, timeoutMs: TIMEOUT_MS }, url, {
      method: 'GET',
      headers,
      maxAnswerBytes: MAX_DESCRIBE_BYTES,
    });
  } catch (cause) {
    const { message } = cause as Error;
    throw new ConnectionError(
      `The values of pick lists cannot be fetched. Check the instance URL and the network, or leave out --picklists. ${message}`,
      { cause },
    );
  }
}

function refused(url: string, status: number, object: string): RxforceError {
  if (status === 401) {
    return new AuthenticationError(
      `${url} refused the session (HTTP 401). Log in anew, and check that the app may use the REST API (scope "api").`,
    );
  }
  return new ServiceError(
    `${url} does not describe ${object} (HTTP ${status}): check that the user may see it, or leave out --picklists.`,
  );
}

function fieldsIn(text: string): readonly DescribedField[] | undefined {
  try {
    const { fields } = JSON.parse(text) as { readonly fields?: unknown };
    return Array.isArray(fields) ? (fields as DescribedField[]) : undefined;
  } catch {
    return undefined;
  }
}
