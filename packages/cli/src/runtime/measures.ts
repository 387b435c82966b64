import type { OutcomeHooks, PrometheusMetrics } from '@rxforce/core/telemetry';
import { meter } from '@rxforce/operators';
import { identity, type Observable } from 'rxjs';

/** What measures the work on events: for Prometheus, for OpenTelemetry, or for both. */
export interface Measures {
  /** Measures events on their way. It comes first. */
  measureAs(group: string): <E>(source: Observable<E>) => Observable<E>;
  /** The same function, whose attempts are measured. */
  counted<A extends readonly unknown[], W>(work: (...args: A) => W, group: string): (...args: A) => W;
  readonly outcomes: OutcomeHooks;
}

/** Measures for Prometheus. */
export function prometheusMeasures(metrics: PrometheusMetrics): Measures {
  return {
    measureAs: (group) => meter(metrics.hooks(group)).measure,
    counted: (work) => metrics.counted(work),
    outcomes: metrics.outcomes,
  };
}

/** Several of them as one; none measures nothing. */
export function allMeasures(all: readonly Measures[]): Measures {
  return {
    measureAs: (group) =>
      all.length === 0 ? identity : (source) => all.reduce((measured, each) => each.measureAs(group)(measured), source),
    counted: (work, group) => all.reduce((counted, each) => each.counted(counted, group), work),
    outcomes: {
      onRetry: (...given) => all.forEach(({ outcomes }) => outcomes.onRetry(...given)),
      onDeadLetter: (...given) => all.forEach(({ outcomes }) => outcomes.onDeadLetter(...given)),
    },
  };
}
