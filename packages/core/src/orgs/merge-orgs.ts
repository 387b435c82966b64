import {
  catchError,
  concat,
  defer,
  EMPTY,
  isObservable,
  map,
  merge,
  Subject,
  tap,
  throwError,
  type Observable,
} from 'rxjs';
import { DELIVERY } from '../delivery/delivery.js';
import { ConfigurationError, RxforceError } from '../model/errors.js';
import { asText } from '../model/json.js';
import { checkOptionNames } from '../model/option-names.js';
import type { Logger } from '../ports/logger.js';
import { resolveLogger } from '../ports/safe-logger.js';
import { tracked } from '../delivery/tracked-observable.js';
import type { Status } from '../ports/status.js';
import { OrgsFailedError, type OrgFailure } from '../model/errors.js';

/** An event, or another value, with its org. */
export type OfOrg<E, O extends string = string> = E & {
  /** The name by which `mergeOrgs` knows the org. */
  readonly org: O;
};

/**
 * The status of the subscriptions of an org's client, or `orgFailed` when the org's events have ended with an error.
 */
export type OrgStatus<O extends string = string> = OfOrg<Status, O> | ({ readonly type: 'orgFailed' } & OrgFailure<O>);

/** The events of several orgs, each with its org. */
export interface MergedOrgs<E, O extends string = string> extends Observable<OfOrg<E, O>> {
  /**
   * The status of all subscriptions of these clients, and the orgs that fail here, as it changes. It never completes.
   */
  readonly status$: Observable<OrgStatus<O>>;
}

/** A client, or anything else that has a status. */
export interface OrgClient {
  readonly status$: Observable<Status>;
}

/** A value that can carry `org`: a plain object. Wrap lists and `Result`s first: `map((value) => ({ value }))`. */
export type Taggable = object & { readonly [Symbol.iterator]?: never };

/** How `mergeOrgs` treats an org that fails. */
export interface MergeOrgsOptions<O extends string = string> {
  /**
   * Called at once when an org's events end with an error, while the others continue. It is the place for an alarm. If
   * it throws, all orgs end with that error.
   *
   * @defaultValue none: the logger and `status$` report it
   */
  readonly onOrgFailed?: (failure: OrgFailure<O>) => void;
  /**
   * Gets a warning when an org has failed. An error that the logger throws is reported to `console` once, and changes
   * nothing else.
   *
   * @defaultValue warnings to `console`
   */
  readonly logger?: Logger;
}

const NAMES: readonly string[] = ['onOrgFailed', 'logger'] satisfies (keyof MergeOrgsOptions)[];

/**
 * Merges the events of several orgs. Each value is a copy of the event with `org` in it, which stands for the event in
 * every operator.
 *
 * An org that fails does not stop the others. The failure is reported at once, to the logger, `status$` and
 * `onOrgFailed`, and again at the end, so that it cannot be overlooked. To try the org again, put a `retry()` into its
 * own pipeline, which `project` returns.
 *
 * Operators that depend on a stream's order or on record ids belong there, too: `byTransaction`, `toRecords`,
 * `resolveGaps`, `latestByRecord`. Events of different orgs interleave, and a sandbox has the record ids of the org
 * that it was copied from.
 *
 * - Complete: when all orgs have completed.
 * - Error: with an {@link OrgsFailedError}, when all are over and one or more have failed.
 * - Unsubscribe: unsubscribes all.
 * - Delivery: each org keeps its own window, position and watermark. The operators downstream are shared, so a slow
 *   handler slows all orgs, and its failure ends all.
 * - Order: each org's own order; orgs interleave as events come.
 * - Memory: keeps nothing.
 *
 * @param clients - The orgs by name: `{ emea: client1, amer: client2 }`.
 * @param project - Returns an org's events, or the output of its pipeline: plain objects. Called once for each org, at
 * the call of `mergeOrgs`, so that a later subscription continues where the one before ended.
 * @throws `ConfigurationError` when there is no client, something is no client or no Observable, or an option cannot be
 * right; and what `project` throws.
 */
export function mergeOrgs<O extends string, C extends OrgClient, E extends Taggable>(
  clients: Readonly<Record<O, C>>,
  project: (client: C, org: O) => Observable<E>,
  options: MergeOrgsOptions<NoInfer<O>> = {},
): MergedOrgs<E, O> {
  checkArguments(clients, project, options);
  const { onOrgFailed } = options;
  const logger = resolveLogger(options.logger);
  const failed$ = new Subject<OrgStatus<O>>();
  const orgs = orgsOf(clients, project);
  const tell = (failure: OrgFailure<O>, goingOn: number) => {
    const others = goingOn > 0 ? 'other orgs go on' : 'no other org goes on';
    logger.warn(`The events of ${failure.org} have failed; ${others}. ${failure.error.message}`);
    failed$.next({ type: 'orgFailed', ...failure });
    onOrgFailed?.(failure);
  };
  const events$ = defer(() => {
    const failures: OrgFailure<O>[] = [];
    let goingOn = orgs.length;
    const each = orgs.map(({ org, events$ }) =>
      events$.pipe(
        map((event) => ofOrg(event, org)),
        tap({ complete: () => goingOn-- }),
        catchError((error: unknown) => {
          const failure = { org, error: RxforceError.from(error) };
          failures.push(failure);
          tell(failure, --goingOn);
          return EMPTY;
        }),
      ),
    );
    return concat(
      merge(...each),
      defer(() => endOf(failures)),
    );
  });
  return Object.assign(tracked(events$), { status$: merge(...orgs.map(({ status$ }) => status$), failed$) });
}

/** The events and the status of each org, in the order of the clients. */
function orgsOf<O extends string, C extends OrgClient, E>(
  clients: Readonly<Record<O, C>>,
  project: (client: C, org: O) => Observable<E>,
) {
  return (Object.entries(clients) as [O, C][]).map(([org, client]) => ({
    org,
    events$: eventsOf(project, client, org),
    status$: client.status$.pipe(map((status): OrgStatus<O> => ({ ...status, org }))),
  }));
}

function endOf([first, ...others]: readonly OrgFailure[]): Observable<never> {
  return first ? throwError(() => new OrgsFailedError([first, ...others])) : EMPTY;
}

/** A copy has all own fields of the event, also the delivery that it carries, which a test kit's events hide. */
function ofOrg<E extends object, O extends string>(event: E, org: O): OfOrg<E, O> {
  if (!isPlain(event)) throw notPlain(event, org);
  // An event of a log has a bigint, so its copy needs its form in JSON, too.
  const copy = 'version' in event ? asText({ ...event, org }) : { ...event, org };
  const delivery = Object.getOwnPropertyDescriptor(event, DELIVERY);
  return delivery === undefined || delivery.enumerable ? copy : Object.defineProperty(copy, DELIVERY, delivery);
}

/** A copy of anything else would change its kind: a copied array would be no array. */
function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && PLAIN.includes(Object.getPrototypeOf(value));
}

const PLAIN: readonly unknown[] = [Object.prototype, null];

function notPlain(value: unknown, org: string): ConfigurationError {
  const kind = (value as object | null | undefined)?.constructor.name ?? String(value);
  return new ConfigurationError(
    `mergeOrgs() got a value of ${org} that is no plain object (${kind}), so it cannot put the org into it. Wrap it in one, as ` +
      'with map((value) => ({ value })).',
  );
}

function eventsOf<O extends string, C, E>(
  project: (client: C, org: O) => Observable<E>,
  client: C,
  org: O,
): Observable<E> {
  const events$: unknown = project(client, org);
  if (isObservable(events$)) return events$ as Observable<E>;
  throw new ConfigurationError(
    `mergeOrgs() got no Observable for ${org}. Return one from project: (client) => client.changes('Account'), say.`,
  );
}

/** JavaScript callers have no compiler to check them. */
function checkArguments(clients: object, project: unknown, options: object): void {
  const entries = Object.entries(Object(clients) as Record<string, Partial<OrgClient> | null | undefined>);
  if (entries.length === 0) {
    throw new ConfigurationError('mergeOrgs() got no clients. Give them by name: { emea: client1, amer: client2 }.');
  }
  const noClient = entries.find(([, client]) => !isObservable(client?.status$));
  if (noClient) throw new ConfigurationError(`mergeOrgs() got something for ${noClient[0]} that is no client.`);
  if (typeof project !== 'function') {
    throw new ConfigurationError("mergeOrgs() needs a function: (client) => client.changes('Account'), say.");
  }
  checkOptionNames(options, NAMES, { of: 'mergeOrgs()' });
  const { onOrgFailed } = options as MergeOrgsOptions;
  if (onOrgFailed !== undefined && typeof onOrgFailed !== 'function') {
    throw new ConfigurationError('onOrgFailed must be a function that takes the org and its error.');
  }
}
