import { ConfigurationError } from '../model/errors.js';
import type { ManagedName } from '../ports/transport.js';

/** The options of a managed subscription alone, checked and complete. */
export interface ResolvedManaged {
  readonly name: ManagedName;
  /** The whole name of its topic, where it is known. */
  readonly topic: string | undefined;
  readonly commitIntervalMs: number;
}

/** Key prefix of the records of ManagedEventSubscription, then 12 or 15 characters more. */
const RECORD_ID = /^18x[a-zA-Z0-9]{12}(?:[a-zA-Z0-9]{3})?$/;

/** Developer names begin with a letter, do not end with `_`, and have no two `_` in a row. */
const DEVELOPER_NAME = /^[a-z](?:_?[a-z0-9])*$/i;

/**
 * Tells an id from a developer name.
 *
 * @throws `ConfigurationError` when it can be neither.
 */
export function managedName(idOrName: string): ManagedName {
  if (RECORD_ID.test(idOrName)) return { subscriptionId: idOrName };
  if (typeof idOrName === 'string' && DEVELOPER_NAME.test(idOrName)) return { developerName: idOrName };
  throw new ConfigurationError(
    `"${idOrName}" names no managed subscription. Give its developer name ("Account_Sync") or the id of its ` +
      'ManagedEventSubscription record ("18x…", of 15 or 18 characters). For a topic, use client.changes() or client.events().',
  );
}
