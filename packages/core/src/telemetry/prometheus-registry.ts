import { INSTRUMENTS, type Instrument, type InstrumentName } from './instruments.js';
import type { Attributes, MetricSink } from './metric-sink.js';
import { prometheusLabel, prometheusName } from './prometheus-name.js';

/** Most series of an instrument. Others are added up in one that says so. */
const MOST_SERIES = 2_000;
const OVERFLOW: Attributes = { otel_metric_overflow: 'true' };

/** The value of a counter or a gauge, or a histogram, of certain attributes. */
interface Series {
  /** Its labels, as text. */
  readonly labels: string;
  value: number;
  /** How many values of a histogram were in each bucket. The last one has no upper bound. */
  readonly counts: number[];
}

/** Keeps measurements, and writes them as Prometheus reads them. */
export class PrometheusRegistry implements MetricSink {
  private readonly families = new Map<string, Family>(INSTRUMENTS.map((each) => [each.name, new Family(each)]));

  add(instrument: InstrumentName, value: number, attributes: Attributes): void {
    const series = this.families.get(instrument)?.seriesOf(attributes);
    if (series) series.value += value;
  }

  set(instrument: InstrumentName, value: number, attributes: Attributes): void {
    const series = this.families.get(instrument)?.seriesOf(attributes);
    if (series) series.value = value;
  }

  record(instrument: InstrumentName, value: number, attributes: Attributes): void {
    this.families.get(instrument)?.record(value, attributes);
  }

  /** Forgets the series of an instrument. */
  clear(instrument: InstrumentName): void {
    this.families.get(instrument)?.clear();
  }

  /** The exposition text. Instruments without a value are left out. */
  text(): string {
    return [...this.families.values()].flatMap((family) => family.lines()).join('');
  }
}

class Family {
  private readonly name: string;
  private readonly bounds: readonly number[];
  private readonly byLabels = new Map<string, Series>();
  /** The same object comes again for the same attributes. */
  private byAttributes = new WeakMap<Attributes, Series>();

  constructor(private readonly instrument: Instrument) {
    this.name = prometheusName(instrument);
    this.bounds = instrument.buckets ?? [];
  }

  seriesOf(attributes: Attributes): Series {
    let series = this.byAttributes.get(attributes);
    if (series === undefined) this.byAttributes.set(attributes, (series = this.find(attributes)));
    return series;
  }

  record(value: number, attributes: Attributes): void {
    const series = this.seriesOf(attributes);
    const { counts } = series;
    let bucket = 0;
    while (bucket < this.bounds.length && value > (this.bounds[bucket] ?? Infinity)) bucket++;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    series.value += value;
  }

  clear(): void {
    this.byLabels.clear();
    this.byAttributes = new WeakMap();
  }

  lines(): string[] {
    if (this.byLabels.size === 0) return [];
    const { name, instrument } = this;
    const help = instrument.description.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
    const series = [...this.byLabels.values()].sort((a, b) => (a.labels < b.labels ? -1 : 1));
    const isHistogram = instrument.kind === 'histogram';
    return [
      `# HELP ${name} ${help}\n# TYPE ${name} ${instrument.kind}\n`,
      ...series.flatMap((each) => (isHistogram ? this.bucketLines(each) : [line(name, each.labels, each.value)])),
    ];
  }

  private bucketLines({ labels, value, counts }: Series): string[] {
    const before = labels === '' ? '' : `${labels},`;
    let count = 0;
    const buckets = [...this.bounds, Infinity].map((bound, index) => {
      count += counts[index] ?? 0;
      return line(`${this.name}_bucket`, `${before}le="${numberText(bound)}"`, count);
    });
    return [...buckets, line(`${this.name}_sum`, labels, value), line(`${this.name}_count`, labels, count)];
  }

  private find(attributes: Attributes): Series {
    const labels = labelsOf(attributes);
    const found = this.byLabels.get(labels);
    if (found) return found;
    if (this.byLabels.size >= MOST_SERIES && attributes !== OVERFLOW) return this.seriesOf(OVERFLOW);
    const series = { labels, value: 0, counts: Array.from({ length: this.bounds.length + 1 }, () => 0) };
    this.byLabels.set(labels, series);
    return series;
  }
}

function line(name: string, labels: string, value: number): string {
  return `${name}${labels === '' ? '' : `{${labels}}`} ${numberText(value)}\n`;
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

/** Attributes as labels, sorted. */
function labelsOf(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${prometheusLabel(name)}="${escaped(value)}"`)
    .sort()
    .join(',');
}

/** What may not be in the value of a label as it is. */
function escaped(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
