import { asyncScheduler, type Observable, type SchedulerLike, type Subscription } from 'rxjs';
import type { ObservedStatus } from '../ports/status.js';
import type { MetricSink } from './metric-sink.js';
import { StatusFold } from './status-fold.js';

/** A client, or what `mergeOrgs` returns. */
export interface StatusSource {
  readonly status$: Observable<ObservedStatus>;
}

/** How the statuses of a client are measured. */
export interface ObserveOptions {
  /**
   * The name of the client's org, where there are several. Give a name such as `emea`, and not an id.
   *
   * @defaultValue the org of a status of `mergeOrgs`; none for a client
   */
  readonly org?: string;
  /**
   * `'snapshots'` measures only the rows of snapshots. It is for what `records().changes()` of `@rxforce/records`
   * returns: the client reports the rest of it.
   *
   * @defaultValue everything
   */
  readonly only?: 'snapshots';
}

/** What is heard of a stream whose snapshots alone are measured. */
const OF_SNAPSHOTS: readonly ObservedStatus['type'][] = ['snapshot', 'closed'];

/** Measures what a client reports, until it is closed or the subscription ends. */
export function observeStatuses(
  source: StatusSource,
  sink: MetricSink,
  { org, only, clock = asyncScheduler }: ObserveOptions & { readonly clock?: Pick<SchedulerLike, 'now'> } = {},
): Subscription {
  const folds = new Map<string | undefined, StatusFold>();
  return source.status$.subscribe((status) => {
    if (status.type === 'orgFailed' || (only === 'snapshots' && !OF_SNAPSHOTS.includes(status.type))) return;
    const name = org ?? status.org;
    let fold = folds.get(name);
    if (fold === undefined) folds.set(name, (fold = new StatusFold(sink, clock, name)));
    fold.next(status);
  });
}
