import { AuthenticationError, ConnectionError, ServiceError } from '@rxforce/core/model';
import type { PubSubClient } from '@rxforce/core';
import type { EventType } from '../event-type.js';
import { pickListsOf, type PickListValues } from '../render-types.js';

/** Every version that an org serves knows pick lists. */
const API_VERSION = '62.0';

interface DescribedField {
  readonly name?: string;
  readonly picklistValues?: readonly { readonly value?: string; readonly active?: boolean }[];
}

/**
 * Asks the org's REST API for the active values of the pick lists that events have.
 *
 * @throws `RxforceError` with `service` when the org refuses the call, or gives no answer that can be used; with
 * `authentication` when it refuses the login, and with `connection` when it cannot be reached.
 */
export async function fetchPickLists(
  client: Pick<PubSubClient, 'fetch'>,
  events: readonly EventType[],
): Promise<PickListValues> {
  const withPickLists = events.filter((event) => pickListsOf(event).length > 0);
  const described = await Promise.all(withPickLists.map(({ name }) => describe(client, name)));
  return new Map(described.flat());
}

async function describe(client: Pick<PubSubClient, 'fetch'>, object: string) {
  const fields = await fieldsOf(client, object);
  return fields.flatMap(({ name = '', picklistValues = [] }): [string, string[]][] => {
    const values = picklistValues.flatMap(({ value, active }) => (active === true && value ? [value] : []));
    return values.length > 0 ? [[`${object}.${name}`, [...new Set(values)]]] : [];
  });
}

async function fieldsOf(client: Pick<PubSubClient, 'fetch'>, object: string): Promise<readonly DescribedField[]> {
  try {
    const answer = await client.fetch(`/services/data/v${API_VERSION}/sobjects/${object}/describe`);
    const { fields } = (await answer.json()) as { readonly fields?: unknown };
    if (!Array.isArray(fields)) throw new TypeError('The answer has no fields.');
    return fields as DescribedField[];
  } catch (cause) {
    // They say what to do, which is not about pick lists.
    if (AuthenticationError.is(cause) || ConnectionError.is(cause)) throw cause;
    throw new ServiceError(
      `The values of the pick lists of ${object} cannot be fetched. Check that the user may see it and use the REST API ` +
        `(scope "api"), or leave out --picklists. ${(cause as Error).message}`,
      { cause },
    );
  }
}
