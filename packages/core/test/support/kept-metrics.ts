import {
  INSTRUMENTS,
  type Attributes,
  type Instrument,
  type InstrumentName,
  type MetricSink,
} from '@rxforce/core/telemetry';

/** A sink whose measurements a test can look at. */
export interface KeptMetrics extends MetricSink {
  /** Each series with its value, sorted: `rxforce.logins{error.type=other} 2`. Those of a histogram have all values. */
  series(instrument?: InstrumentName): string[];
  /** The objects that attributes came in. */
  readonly attributeObjects: ReadonlySet<Attributes>;
}

/** Keeps measurements, and refuses those that are not as the table of instruments says. */
export function keptMetrics(): KeptMetrics {
  const table = new Map<string, Instrument>(INSTRUMENTS.map((each) => [each.name, each]));
  const values = new Map<string, number | number[]>();
  const attributeObjects = new Set<Attributes>();
  const keyOf = (name: InstrumentName, kind: Instrument['kind'], attributes: Attributes): string => {
    const instrument = table.get(name)!;
    if (instrument.kind !== kind) throw new Error(`${name} is no ${kind}.`);
    const stranger = Object.keys(attributes).find((attribute) => !instrument.attributes.includes(attribute));
    if (stranger !== undefined) throw new Error(`The table does not give ${name} an attribute ${stranger}.`);
    attributeObjects.add(attributes);
    const shown = Object.entries(attributes).filter(([attribute]) => attribute !== 'messaging.system');
    return `${name}{${shown.map((pair) => pair.join('=')).join(',')}}`;
  };
  return {
    attributeObjects,
    add: (name, value, attributes) => {
      const key = keyOf(name, 'counter', attributes);
      values.set(key, ((values.get(key) as number | undefined) ?? 0) + value);
    },
    set: (name, value, attributes) => void values.set(keyOf(name, 'gauge', attributes), value),
    record: (name, value, attributes) => {
      const key = keyOf(name, 'histogram', attributes);
      values.set(key, [...((values.get(key) as number[] | undefined) ?? []), value]);
    },
    series: (instrument) =>
      [...values]
        .filter(([key]) => instrument === undefined || key.startsWith(`${instrument}{`))
        .map(([key, value]) => `${key} ${String(value)}`)
        .sort(),
  };
}
