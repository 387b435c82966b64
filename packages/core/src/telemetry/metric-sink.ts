import type { InstrumentName } from './instruments.js';

/** What a value belongs to, by the names of {@link Instrument.attributes}. */
export type Attributes = Readonly<Record<string, string>>;

/**
 * Takes measurements, and keeps them as its own kind of metrics. The same object comes again for the same attributes,
 * so that a sink can find a series by identity.
 */
export interface MetricSink {
  /** Adds to a counter. `value` may be 0: the series begins, so that its first increase can be seen. */
  add(instrument: InstrumentName, value: number, attributes: Attributes): void;
  /** Records a value in a histogram. */
  record(instrument: InstrumentName, value: number, attributes: Attributes): void;
  /** Sets a gauge. */
  set(instrument: InstrumentName, value: number, attributes: Attributes): void;
}
