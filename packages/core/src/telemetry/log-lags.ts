import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { AskedRarely } from './asked-rarely.js';
import { AttributeSet } from './attribute-set.js';
import { ATTRIBUTES, MESSAGING_SYSTEM } from './instruments.js';
import type { Attributes } from './metric-sink.js';

/** A client of an event log, as far as its lag is measured. */
export interface LagSource {
  /** How far each partition is behind the end of the log that this process reads. */
  lag(): Promise<
    readonly {
      readonly topic: string;
      readonly partition: number;
      readonly name: string;
      readonly events: number | undefined;
      readonly oldestAt: number | undefined;
    }[]
  >;
}

/** The lag of a partition, as it is measured. */
export interface MeasuredLag {
  readonly attributes: Attributes;
  /** Events that follow the last commit. `undefined` where the log does not say. */
  readonly events: number | undefined;
  /** How long ago the first of them came, in seconds. `undefined` where the log does not say. */
  readonly ageSeconds: number | undefined;
}

/** Asks clients of event logs how far they are behind: when somebody wants to know, and every 15 seconds at most. */
export class LogLags {
  private readonly sources = new Map<LagSource, AttributeSet>();
  private readonly asked: AskedRarely<readonly MeasuredLag[]>;

  constructor(private readonly scheduler: SchedulerLike = asyncScheduler) {
    this.asked = new AskedRarely(async (answerOf) => {
      const lags = [...this.sources].map(async ([source, of]) => this.measured(await answerOf(() => source.lag()), of));
      return (await Promise.all(lags)).flat();
    }, scheduler);
  }

  /** Asks this one too, where it is a client of a log. Returns the function that ends that. */
  add(source: object, org: string | undefined): () => void {
    if (!isLagSource(source)) return () => undefined;
    const of = new AttributeSet({ [ATTRIBUTES.system]: MESSAGING_SYSTEM }).with(ATTRIBUTES.org, org);
    this.sources.set(source, of);
    return () => this.sources.delete(source);
  }

  /** The lag of each partition. A client that fails, or does not answer within 5 seconds, is left out. */
  lags(): Promise<readonly MeasuredLag[]> {
    return this.asked.answer();
  }

  private measured(lags: Awaited<ReturnType<LagSource['lag']>> = [], of: AttributeSet): readonly MeasuredLag[] {
    return lags.map(({ topic, partition, name, events, oldestAt }) => ({
      attributes: of
        .with(ATTRIBUTES.topic, topic)
        .with(ATTRIBUTES.group, name)
        .with(ATTRIBUTES.partition, String(partition)).attributes,
      events,
      ageSeconds: events === 0 ? 0 : this.ageOf(oldestAt),
    }));
  }

  /** The clock of the engine may be ahead. */
  private ageOf(oldestAt: number | undefined): number | undefined {
    return oldestAt === undefined ? undefined : Math.max(0, this.scheduler.now() - oldestAt) / 1_000;
  }
}

function isLagSource(source: object): source is LagSource {
  return typeof (source as Partial<LagSource>).lag === 'function';
}
