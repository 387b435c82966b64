import type { HeldUpBy } from '@rxforce/live-page';
import { SinkOutage, type SinkOutageOptions } from './sink-outage.js';
import type { TopicPlan } from './topic-plan.js';

/** What a run knows of the sink of one topic. */
export interface SinkWatch {
  readonly plan: TopicPlan;
  /** How the sink does. */
  readonly outage: SinkOutage;
}

/** What a run knows of the sinks of its topics, for whoever asks while it runs. */
export class SinkWatches {
  private readonly all: SinkWatch[] = [];

  constructor(private readonly options: SinkOutageOptions = {}) {}

  /** Begins to watch the sink of a topic. */
  watch(plan: TopicPlan): SinkWatch {
    const watch = { plan, outage: new SinkOutage(plan, this.options) };
    this.all.push(watch);
    return watch;
  }

  /** A sentence for each topic whose sink has taken nothing for a while. */
  get sentences(): readonly string[] {
    return this.all.flatMap(({ outage }) => outage.sentence ?? []);
  }

  /** The sentence for a subscription, where its sink has taken nothing for a while. */
  readonly heldUpBy: HeldUpBy = (of) => this.all.find(({ plan }) => isOf(plan, of))?.outage.sentence;
}

/** Whether a subscription is that of a plan. Of a log, each partition is a topic: `/data/LeadChangeEvent#7`. */
function isOf(plan: TopicPlan, { org, topic, name }: Parameters<HeldUpBy>[0]): boolean {
  const isTopic = topic === plan.topic || topic.startsWith(`${plan.topic}#`);
  const isOrg = org === null || org === (plan.org ?? null);
  return isTopic && isOrg && (name === null || name === plan.name);
}
