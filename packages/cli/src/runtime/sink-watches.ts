import type { HeldUpBy } from '@rxforce/live-page';
import { SinkOutage, type SinkOutageOptions } from './sink-outage.js';
import type { TopicPlan } from './topic-plan.js';
import { WorkInHand } from './work-in-hand.js';

/** What a run knows of the sink of one topic. */
export interface SinkWatch {
  readonly plan: TopicPlan;
  /** How the sink does. */
  readonly outage: SinkOutage;
  /** What it was given and has not taken. */
  readonly inHand: WorkInHand;
}

/** What a run knows of the sinks of its topics, for whoever asks while it runs. */
export class SinkWatches {
  private readonly all: SinkWatch[] = [];

  constructor(private readonly options: SinkOutageOptions = {}) {}

  /** Begins to watch the sink of a topic. */
  watch(plan: TopicPlan): SinkWatch {
    const { options } = this;
    const watch = { plan, outage: new SinkOutage(plan, options), inHand: new WorkInHand(options.scheduler) };
    this.all.push(watch);
    return watch;
  }

  /** A sentence for each topic whose sink has taken nothing for a while. */
  get sentences(): readonly string[] {
    return this.all.flatMap(({ outage }) => outage.sentence ?? []);
  }

  /** The sentence for a subscription, where its sink has taken nothing for a while. */
  readonly heldUpBy: HeldUpBy = (of) => this.all.find(({ plan }) => isOf(plan, of))?.outage.sentence;

  /**
   * The sinks that all events wait for, where none of them is tried before a time, in epoch milliseconds: to wait until
   * then would gain nothing. None where some work may still end by then, as nobody knows what a pipeline does.
   */
  waitedFor(time: number): readonly string[] {
    if (this.all.some(({ plan, inHand }) => plan.pipeline !== undefined || !inHand.restsUntil(time))) return [];
    return [...new Set(this.all.flatMap(({ plan, inHand }) => (inHand.isEmpty ? [] : (plan.sink ?? []))))];
  }
}

/** Whether a subscription is that of a plan. Of a log, each partition is a topic: `/data/LeadChangeEvent#7`. */
function isOf(plan: TopicPlan, { org, topic, name }: Parameters<HeldUpBy>[0]): boolean {
  const isTopic = topic === plan.topic || topic.startsWith(`${plan.topic}#`);
  const isOrg = org === null || org === (plan.org ?? null);
  return isTopic && isOrg && (name === null || name === plan.name);
}
