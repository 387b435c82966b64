import type { MeterProvider, MeterProviderOptions } from '@opentelemetry/sdk-metrics';
import type { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import type { MeasuredQueues, ObserveOptions, StatusSource } from '@rxforce/core/telemetry';
import type { OrgTelemetry, Telemetry } from '@rxforce/opentelemetry';
import { ConfigurationError, plainText, type Logger } from '@rxforce/core/model';
import type { TelemetrySettings } from '../config/settings/telemetry.js';
import { snapshotsOf, type Measures } from './measures.js';

/** What is sent to a collector. */
export interface Otlp {
  readonly measures: Measures;
  /** Measures a client. */
  observe(source: StatusSource, of: ObserveOptions): void;
  /** Sends what is left. A collector that does not answer is waited for at most 5 seconds. */
  close(): Promise<void>;
}

/** What sending takes from around it. */
export interface OtlpContext {
  readonly logger: Logger;
  readonly queues: MeasuredQueues;
}

/** The libraries, which nobody needs who sends nothing. */
export interface OtlpLibraries {
  readonly rxforce: typeof import('@rxforce/opentelemetry');
  readonly api: typeof import('@opentelemetry/api');
  readonly metrics: typeof import('@opentelemetry/sdk-metrics');
  readonly traces: typeof import('@opentelemetry/sdk-trace-base');
  readonly metricExport: typeof import('@opentelemetry/exporter-metrics-otlp-http');
  readonly traceExport: typeof import('@opentelemetry/exporter-trace-otlp-http');
}

const PACKAGES = [
  ...['@rxforce/opentelemetry', '@opentelemetry/api', '@opentelemetry/sdk-metrics', '@opentelemetry/sdk-trace-base'],
  ...['@opentelemetry/exporter-metrics-otlp-http', '@opentelemetry/exporter-trace-otlp-http'],
];
const LONGEST_MS = 5_000;

/**
 * Sends metrics and traces by OTLP over HTTP.
 *
 * @throws rejects with a `ConfigurationError` when the URL is none, or a package is missing.
 */
export async function openOtlp(
  settings: TelemetrySettings,
  { logger, queues }: OtlpContext,
  load: () => Promise<OtlpLibraries> = loadLibraries,
): Promise<Otlp> {
  checkUrl(settings.otlp);
  const libraries = await load().catch((cause: unknown) => {
    throw new ConfigurationError(`telemetry.otlp needs packages more: npm install ${PACKAGES.join(' ')}`, { cause });
  });
  const { api, rxforce } = libraries;
  api.diag.setLogger(diagnosticsTo(logger), api.DiagLogLevel.WARN);
  const meterProvider = metersOf(settings, libraries);
  const tracerProvider = settings.traces ? tracersOf(settings, libraries) : undefined;
  const telemetry = rxforce.openTelemetry({ meterProvider, queues, ...(tracerProvider && { tracerProvider }) });
  return {
    measures: otlpMeasures(telemetry),
    observe: (source, of) => void telemetry.observe(source, of),
    close: async () => {
      const quietly = (work: Promise<void>) => work.catch((error: unknown) => logger.warn(wordsOf(error)));
      await Promise.all([meterProvider, tracerProvider].map((each) => quietly(each?.shutdown() ?? Promise.resolve())));
      api.diag.disable();
    },
  };
}

function otlpMeasures(telemetry: Telemetry, of: OrgTelemetry = telemetry): Measures {
  return {
    measureAs: (group) => of.measureAs(group),
    counted: (work, group) => of.traced(work, { group }),
    timed: (sink, work) => telemetry.timed(sink, work),
    observeSnapshots: (source, org) => void telemetry.observe(source, snapshotsOf(org)),
    outcomes: of.outcomes,
    ofOrg: (org) => otlpMeasures(telemetry, telemetry.ofOrg(org)),
  };
}

async function loadLibraries(): Promise<OtlpLibraries> {
  const [rxforce, api, metrics, traces, metricExport, traceExport] = await Promise.all([
    import('@rxforce/opentelemetry'),
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-metrics'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-metrics-otlp-http'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  return { rxforce, api, metrics, traces, metricExport, traceExport };
}

function metersOf(settings: TelemetrySettings, { metrics, metricExport }: OtlpLibraries): MeterProvider {
  const exporter = new metricExport.OTLPMetricExporter(targetOf(settings, 'metrics'));
  const exportIntervalMillis = settings.interval_seconds * 1_000;
  const reader = new metrics.PeriodicExportingMetricReader({
    ...{ exporter, exportIntervalMillis, exportTimeoutMillis: Math.min(exportIntervalMillis, LONGEST_MS) },
  });
  return new metrics.MeterProvider({ readers: [reader], resource: resourceOf(settings) });
}

function tracersOf(settings: TelemetrySettings, { traces, traceExport }: OtlpLibraries): BasicTracerProvider {
  const exporter = new traceExport.OTLPTraceExporter(targetOf(settings, 'traces'));
  const processor = new traces.BatchSpanProcessor(exporter, { exportTimeoutMillis: LONGEST_MS });
  return new traces.BasicTracerProvider({ spanProcessors: [processor], resource: resourceOf(settings) });
}

function targetOf({ otlp, headers = {} }: TelemetrySettings, signal: 'metrics' | 'traces') {
  return { url: `${otlp.replace(/\/+$/, '')}/v1/${signal}`, headers, timeoutMillis: LONGEST_MS };
}

/** What all metrics and spans are of. */
function resourceOf({ service_name: name }: TelemetrySettings): NonNullable<MeterProviderOptions['resource']> {
  const attributes = { 'service.name': name };
  const resource: NonNullable<MeterProviderOptions['resource']> = {
    attributes,
    merge: (other) => other ?? resource,
    getRawAttributes: () => Object.entries(attributes),
  };
  return resource;
}

/** @throws `ConfigurationError` when it is no URL of HTTP. */
function checkUrl(otlp: string): void {
  const url = URL.canParse(otlp) ? new URL(otlp) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return;
  throw new ConfigurationError('telemetry.otlp must be such as http://collector:4318, or begin with https://.');
}

/** What the libraries have to say, as warnings of rxforce. */
function diagnosticsTo(logger: Logger) {
  const warn = (message: string) => logger.warn(`telemetry: ${plainText(message, 300)}`);
  const nothing = () => undefined;
  return { error: warn, warn, info: nothing, debug: nothing, verbose: nothing };
}

function wordsOf(error: unknown): string {
  return `telemetry: ${plainText((error as Error).message, 300)}`;
}
