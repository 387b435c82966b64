/**
 * Telemetry: the table of all instruments, what feeds them, and metrics for Prometheus without any dependency. For
 * OpenTelemetry, see `@rxforce/opentelemetry`.
 *
 * @packageDocumentation
 */
export { ATTRIBUTES, INSTRUMENTS, MESSAGING_SYSTEM, SUBSCRIPTION_STATES } from './instruments.js';
export { errorTypeOf } from './error-type.js';
export { LogLags } from './log-lags.js';
export { observeStatuses } from './observe-statuses.js';
export { countAttempt, Origins, outcomeHooks, pipelineHooks } from './pipeline-hooks.js';
export { prometheusLabel, prometheusName } from './prometheus-name.js';
export { prometheusMetrics } from './prometheus-metrics.js';
export { QueueDepths } from './queue-depths.js';
export { timedSink } from './timed-sink.js';
export { watchWork } from './watch-work.js';
export type { AttributeSet } from './attribute-set.js';
export type { Instrument, InstrumentKind, InstrumentName } from './instruments.js';
export type { LagSource, MeasuredLag } from './log-lags.js';
export type { Attributes, MetricSink } from './metric-sink.js';
export type { ObserveOptions, StatusSource } from './observe-statuses.js';
export type { ObservedStatus } from '../ports/status.js';
export type { OutcomeHooks, PipelineHooks, PipelineReading } from './pipeline-hooks.js';
export type { OrgMetrics, PrometheusMetrics, PrometheusMetricsOptions } from './prometheus-metrics.js';
export type { MeasuredQueue, MeasuredQueues } from './queue-depths.js';
export type { WorkEnd, WorkWatch } from './watch-work.js';
