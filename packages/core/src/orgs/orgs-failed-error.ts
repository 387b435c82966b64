import { RxforceError } from '../model/errors.js';

/** The end of one org's events, by an error. */
export interface OrgFailure<O extends string = string> {
  /** The name that `mergeOrgs` was given it by. */
  readonly org: O;
  /** What its events ended with; an error that is none of rxforce's is its `cause`. */
  readonly error: RxforceError;
}

/**
 * What the events of several orgs end with, when those of one or more have failed and those of all others are over. Its `code`
 * is that of the first failure; it is retriable where all of them are.
 */
export class OrgsFailedError extends RxforceError {
  override readonly name = 'OrgsFailedError';

  /** @param failures - Which orgs failed, in the order of their failures: at least one. */
  constructor(readonly failures: readonly [OrgFailure, ...OrgFailure[]]) {
    const [{ error }] = failures;
    super(error.code, messageOf(failures), {
      cause: error,
      retriable: failures.every((failure) => failure.error.retriable),
    });
  }
}

function messageOf(failures: readonly OrgFailure[]): string {
  const each = failures.map(({ org, error }) => `${org}: ${error.message}`).join(' ');
  return `The events of all orgs are over, and those of ${failures.length} ended with an error. ${each}`;
}
