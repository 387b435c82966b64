import { NEVER, type Observable } from 'rxjs';
import type { Status } from '@rxforce/core';
import { AuthenticationError, ConnectionError } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { mergeOrgs, type MergeOrgsOptions } from '../../src/orgs/merge-orgs.js';
import { OrgsFailedError, type OrgFailure } from '../../src/model/errors.js';

/** Events by the letters of marbles. */
export const events = {
  a: changeEvent({ id: 'a' }),
  b: changeEvent({ id: 'b' }),
  c: changeEvent({ id: 'c' }),
  x: changeEvent({ id: 'x' }),
  y: changeEvent({ id: 'y' }),
};

/** The login of an org is refused. */
export const refused = new AuthenticationError('The login was refused.');

/** An org cannot be reached. */
export const unreachable = new ConnectionError('The org cannot be reached.');

/** Nobody is warned. */
export const quiet: MergeOrgsOptions = { logger: { warn: () => undefined } };

/** Plain sources in place of clients: what `mergeOrgs` needs of one, with the events at hand. */
export const source = (events$: Observable<object>, status$: Observable<Status> = NEVER) => ({ events$, status$ });

/** The events of several orgs, merged. */
export const merged = <O extends string>(
  sources: Record<O, Observable<object>>,
  options: MergeOrgsOptions<O> = quiet,
) =>
  mergeOrgs(
    Object.fromEntries(Object.entries<Observable<object>>(sources).map(([org, events$]) => [org, source(events$)])),
    ({ events$ }) => events$,
    options as MergeOrgsOptions,
  );

/** The error of orgs that failed. */
export const failedWith = (...failures: [OrgFailure, ...OrgFailure[]]) => new OrgsFailedError(failures);
