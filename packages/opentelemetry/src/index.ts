/**
 * Metrics and traces of rxforce, for OpenTelemetry.
 *
 * @packageDocumentation
 */
export { openTelemetry } from './open-telemetry.js';
export type { Carrier } from './event-context.js';
export type { OpenTelemetryOptions, OrgTelemetry, Telemetry } from './open-telemetry.js';
export type { TracedOptions } from './traced-work.js';
