import type { SchedulerLike } from 'rxjs';
import { monotonicNow } from '../model/monotonic.js';
import { membersOf } from '../work/members.js';
import { AttributeSet } from './attribute-set.js';
import { ATTRIBUTES, MESSAGING_SYSTEM } from './instruments.js';
import type { MetricSink } from './metric-sink.js';

/** What `meter()` of `@rxforce/operators` gives its hooks. */
export interface PipelineReading {
  readonly event: unknown;
  readonly lagMs?: number;
}

/** Hooks for `meter()` of `@rxforce/operators`. */
export interface PipelineHooks {
  readonly onReceived: (reading: PipelineReading) => void;
  readonly onSettled: (reading: PipelineReading) => void;
  readonly onUnsettled: (reading: PipelineReading) => void;
}

/** Hooks for `retryWithDLQ` of `@rxforce/operators`. */
export interface OutcomeHooks {
  readonly onRetry: (value: unknown, attempt: number, error: unknown) => void;
  readonly onDeadLetter: (letter: unknown) => void;
}

/** The attributes of values, by the topic and the org that they name themselves. */
export class Origins {
  private readonly all = new AttributeSet({ [ATTRIBUTES.system]: MESSAGING_SYSTEM });
  private topic: unknown;
  private ownOrg: unknown;
  private found: AttributeSet;

  /** @param org - The name of the org, for values that do not name it. */
  constructor(private readonly org?: string) {
    this.found = this.find(undefined, undefined);
  }

  /** The attributes of a value: an event, a batch, a transaction or a letter. */
  of(value: unknown): AttributeSet {
    const members = membersOf(value);
    const first = members ? members[0] : value;
    const { topic, org } = Object(first) as { readonly topic?: unknown; readonly org?: unknown };
    // Most events are of the topic of the event before.
    if (topic !== this.topic || org !== this.ownOrg) {
      this.topic = topic;
      this.ownOrg = org;
      this.found = this.find(topic, org);
    }
    return this.found;
  }

  private find(topic: unknown, org: unknown): AttributeSet {
    if (!isTopic(topic)) return this.all.with(ATTRIBUTES.org, this.org);
    return this.all.with(ATTRIBUTES.topic, topic).with(ATTRIBUTES.org, typeof org === 'string' ? org : this.org);
  }
}

/** A value that is no event may have any text there. */
function isTopic(topic: unknown): topic is string {
  return typeof topic === 'string' && /^\/(?:data|event)\/\w{1,100}$/.test(topic);
}

/**
 * Hooks that measure a pipeline.
 *
 * @param group - The name of the pipeline's position.
 */
export function pipelineHooks(
  sink: MetricSink,
  origins: Origins,
  scheduler: SchedulerLike,
  group: string | undefined,
): PipelineHooks {
  const begun = new WeakMap<object, number>();
  const attributesOf = ({ event }: PipelineReading) => origins.of(event).with(ATTRIBUTES.group, group);
  return {
    onReceived: (reading) => {
      const received = attributesOf(reading).with(ATTRIBUTES.operation, 'receive');
      sink.add('messaging.client.consumed.messages', 1, received.attributes);
      if (isObject(reading.event)) begun.set(reading.event, monotonicNow(scheduler));
    },
    onSettled: (reading) => {
      const of = attributesOf(reading);
      const { event, lagMs } = reading;
      // The org's clock may be ahead.
      if (lagMs !== undefined) sink.record('rxforce.event.lag', Math.max(0, lagMs) / 1_000, of.attributes);
      const since = isObject(event) ? begun.get(event) : undefined;
      if (since === undefined) return;
      const seconds = (monotonicNow(scheduler) - since) / 1_000;
      sink.record('messaging.process.duration', seconds, of.with(ATTRIBUTES.operation, 'process').attributes);
    },
    onUnsettled: (reading) => sink.add('rxforce.events.unsettled', 1, attributesOf(reading).attributes),
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Hooks that count attempts which are tried again, and letters. */
export function outcomeHooks(sink: MetricSink, origins: Origins): OutcomeHooks {
  return {
    onRetry: (value) => countAttempt(sink, origins, value, 'retry'),
    onDeadLetter: (letter) => countAttempt(sink, origins, letter, 'dead_letter'),
  };
}

/** Counts an attempt at a value. */
export function countAttempt(
  sink: MetricSink,
  origins: Origins,
  value: unknown,
  outcome: 'ok' | 'retry' | 'dead_letter',
): void {
  sink.add('rxforce.attempts', 1, origins.of(value).with(ATTRIBUTES.outcome, outcome).attributes);
}
