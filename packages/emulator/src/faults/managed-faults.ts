import { ConfigurationError } from '@rxforce/core/model';
import type { ManagedSubscriptions } from '../managed/managed-subscriptions.js';
import type { FaultContext } from './fault-context.js';
import { type Checks, optional, readOptions, text, wholeNumber } from '../model/option-checks.js';

/** Which commits fail. */
export interface FailCommitsOptions {
  /**
   * The developer name or the id of a managed subscription.
   *
   * @defaultValue All.
   */
  readonly subscription?: string;
  /**
   * How many commits; at least 1.
   *
   * @defaultValue 1
   */
  readonly times?: number;
  /**
   * The error text of their answers.
   *
   * @defaultValue A text that says that this is a fault on command.
   */
  readonly details?: string;
}

/** Faults of managed subscriptions. All throw a `ConfigurationError` for arguments that are not valid. */
export interface ManagedFaults {
  /** Lets the next commits fail: their answers have errors, the committed position stays, and the streams continue. */
  failCommits(options?: FailCommitsOptions): void;
}

const FAIL_OPTIONS: Checks<FailCommitsOptions> = {
  subscription: optional(text),
  times: optional(wholeNumber(1)),
  details: optional(text),
};

/** Makes the faults of managed subscriptions. */
export function managedFaults({ managed, server }: FaultContext): ManagedFaults {
  return {
    failCommits: (options = {}) => {
      const {
        subscription,
        times = 1,
        details = 'A fault on command.',
      } = readOptions('failCommits', options, FAIL_OPTIONS);
      const id = subscription === undefined ? undefined : idOf(managed, subscription);
      server.planned.failCommits(details, id, times);
    },
  };
}

function idOf(managed: ManagedSubscriptions, nameOrId: string): string {
  const found = managed.named(nameOrId) ?? managed.get(nameOrId);
  if (found === undefined) {
    throw new ConfigurationError(`The emulated org has no managed subscription "${nameOrId}". Create it first.`);
  }
  return found.id;
}
