import { context, type TracerProvider } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type DataPoint,
  type Histogram,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { INSTRUMENTS, prometheusLabel, prometheusName } from '@rxforce/core/telemetry';

/** A series with its value: `name{label="value"}`, and for a histogram also its buckets, as in Prometheus' text. */
export type Values = Readonly<Record<string, number>>;

/** A meter provider, and what its instruments have measured so far. */
export function measuring() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  // It exports when it is told to.
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2_147_483_647 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  return {
    meterProvider,
    values: async (): Promise<Values> => {
      exporter.reset();
      await reader.forceFlush();
      const metrics = exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
      return Object.fromEntries(
        metrics.flatMap(({ descriptor, dataPoints }) => {
          const name = prometheusName(INSTRUMENTS.find((each) => each.name === descriptor.name)!);
          return dataPoints.flatMap((point) => valuesOf(name, point));
        }),
      );
    },
    stop: () => meterProvider.shutdown(),
  };
}

function valuesOf(
  name: string,
  { attributes, value }: DataPoint<number | Histogram> | DataPoint<unknown>,
): [string, number][] {
  const labels = Object.entries(attributes).map(([key, text]) => `${prometheusLabel(key)}="${String(text)}"`);
  if (typeof value === 'number') return [[seriesOf(name, labels), value]];
  const { buckets, count, sum = 0 } = value as Histogram;
  const bounds = [...buckets.boundaries.map(String), '+Inf'];
  let total = 0;
  const below = bounds.map((bound, index): [string, number] => {
    total += buckets.counts[index] ?? 0;
    return [seriesOf(`${name}_bucket`, [...labels, `le="${bound}"`]), total];
  });
  return [...below, [seriesOf(`${name}_sum`, labels), sum], [seriesOf(`${name}_count`, labels), count]];
}

function seriesOf(name: string, labels: readonly string[]): string {
  return labels.length === 0 ? name : `${name}{${[...labels].sort().join(',')}}`;
}

/** The values in a text of Prometheus. */
export function valuesIn(text: string): Values {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      return [seriesOf(name, labels === '' ? [] : labels.split(/,(?=\w+=")/)), Number(value)];
    }),
  );
}

/** A tracer provider, and its spans that have ended. */
export function tracing() {
  const exporter = new InMemorySpanExporter();
  const tracerProvider: TracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  return {
    tracerProvider,
    spans: (name?: string): ReadableSpan[] =>
      exporter.getFinishedSpans().filter((span) => name === undefined || span.name === name),
  };
}

/** Has contexts follow promises and timers, as an SDK does. */
export function followContexts(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

/** Undoes {@link followContexts}. */
export function forgetContexts(): void {
  context.disable();
}
