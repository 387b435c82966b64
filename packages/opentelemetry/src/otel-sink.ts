import type { Meter, MetricOptions } from '@opentelemetry/api';
import {
  INSTRUMENTS,
  type Attributes,
  type Instrument,
  type InstrumentName,
  type MetricSink,
} from '@rxforce/core/telemetry';

/** The instruments whose values are asked for when metrics are collected. */
export const ASKED = [
  'rxforce.dead_letters',
  'rxforce.log.lag',
  'rxforce.log.lag.age',
] as const satisfies readonly InstrumentName[];

/** Gives measurements to the instruments of a meter. */
export function otelSink(meter: Meter): MetricSink {
  const add = made(INSTRUMENTS, 'counter', (each) => {
    const counter = meter.createCounter(each.name, optionsOf(each));
    return (value, attributes) => counter.add(value, attributes);
  });
  const record = made(INSTRUMENTS, 'histogram', (each) => {
    const histogram = meter.createHistogram(each.name, optionsOf(each));
    return (value, attributes) => histogram.record(value, attributes);
  });
  const set = made(INSTRUMENTS, 'gauge', (each) => {
    if (ASKED.some((name) => name === each.name)) return undefined;
    const gauge = meter.createGauge(each.name, optionsOf(each));
    return (value, attributes) => gauge.record(value, attributes);
  });
  return {
    add: (name, value, attributes) => add.get(name)?.(value, attributes),
    record: (name, value, attributes) => record.get(name)?.(value, attributes),
    set: (name, value, attributes) => set.get(name)?.(value, attributes),
  };
}

/** What an instrument is made with. */
export function optionsOf({ unit, description, buckets }: Instrument): MetricOptions {
  return { unit, description, ...(buckets && { advice: { explicitBucketBoundaries: [...buckets] } }) };
}

type Take = (value: number, attributes: Attributes) => void;

function made(
  table: readonly Instrument[],
  kind: Instrument['kind'],
  make: (instrument: Instrument) => Take | undefined,
): ReadonlyMap<string, Take> {
  const instruments = new Map<string, Take>();
  for (const each of table) {
    const take = each.kind === kind ? make(each) : undefined;
    if (take) instruments.set(each.name, take);
  }
  return instruments;
}
