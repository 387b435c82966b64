import { z } from 'zod';
import { flag, secret, text, whole } from './values.js';

/** `telemetry`: metrics and traces for OpenTelemetry. */
export const telemetrySettings = z.strictObject({
  otlp: z
    .string()
    .default('')
    .describe(
      'Where metrics and traces are sent to by OTLP over HTTP, such as `http://collector:4318`. An empty text sends nothing.',
    ),
  headers: z.record(z.string(), secret()).optional().describe('Headers of each request, such as `api-key`.'),
  service_name: text().default('rxforce').describe('The name of this service there.'),
  interval_seconds: whole(1, 3_600).default(60).describe('Time between two messages with metrics, in seconds.'),
  traces: flag().default(true).describe('Whether each attempt at writing has a span.'),
});

/** The settings of `telemetry`. */
export type TelemetrySettings = z.output<typeof telemetrySettings>;
