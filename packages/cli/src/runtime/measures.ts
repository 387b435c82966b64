import type {
  ObserveOptions,
  OrgMetrics,
  OutcomeHooks,
  PrometheusMetrics,
  StatusSource,
} from '@rxforce/core/telemetry';
import { meter } from '@rxforce/operators';
import { identity, type Observable } from 'rxjs';

/** What measures the work on events: for Prometheus, for OpenTelemetry, or for both. */
export interface Measures {
  /** Measures events on their way. It comes first. */
  measureAs(group: string): <E>(source: Observable<E>) => Observable<E>;
  /** The same function, whose attempts are measured. */
  counted<A extends readonly unknown[], W>(work: (...args: A) => W, group: string): (...args: A) => W;
  /** The same function, whose calls are timed as those of the sink of this name. */
  timed<A extends readonly unknown[], W>(sink: string, work: (...args: A) => W): (...args: A) => W;
  /** Counts the rows of snapshots that a stream reports. */
  observeSnapshots(source: StatusSource, org: string | undefined): void;
  readonly outcomes: OutcomeHooks;
  /** The same for the events of one of several orgs. */
  ofOrg(org: string): Measures;
}

/** How a stream's snapshots are observed: its client reports the rest. */
export function snapshotsOf(org: string | undefined): ObserveOptions {
  return { only: 'snapshots', ...(org !== undefined && { org }) };
}

/** Measures for Prometheus. */
export function prometheusMeasures(metrics: PrometheusMetrics, of: OrgMetrics = metrics): Measures {
  return {
    measureAs: (group) => meter(of.hooks(group)).measure,
    counted: (work) => of.counted(work),
    timed: (sink, work) => metrics.timed(sink, work),
    observeSnapshots: (source, org) => void metrics.observe(source, snapshotsOf(org)),
    outcomes: of.outcomes,
    ofOrg: (org) => prometheusMeasures(metrics, metrics.ofOrg(org)),
  };
}

/** Several of them as one; none measures nothing. */
export function allMeasures(all: readonly Measures[]): Measures {
  return {
    measureAs: (group) =>
      all.length === 0 ? identity : (source) => all.reduce((measured, each) => each.measureAs(group)(measured), source),
    counted: (work, group) => all.reduce((counted, each) => each.counted(counted, group), work),
    timed: (sink, work) => all.reduce((timed, each) => each.timed(sink, timed), work),
    observeSnapshots: (source, org) => all.forEach((each) => each.observeSnapshots(source, org)),
    outcomes: {
      onRetry: (...given) => all.forEach(({ outcomes }) => outcomes.onRetry(...given)),
      onDeadLetter: (...given) => all.forEach(({ outcomes }) => outcomes.onDeadLetter(...given)),
    },
    ofOrg: (org) => allMeasures(all.map((each) => each.ofOrg(org))),
  };
}
