import type { Logger } from '@rxforce/core/model';
import type { HeldUpBy } from '@rxforce/live-page';
import { OutageLog } from './outage-log.js';
import { SinkOutage, type SinkOutageOptions } from './sink-outage.js';
import { someOf } from './some-of.js';
import type { TopicPlan } from './topic-plan.js';
import { WorkInHand } from './work-in-hand.js';

/** What a run knows of the sink of one topic. */
export interface SinkWatch {
  readonly plan: TopicPlan;
  /** How the sink does with the events of the topic. */
  readonly outage: SinkOutage;
  /** Logs that the sink is out, for all its topics. */
  readonly log: OutageLog;
  /** What it was given and has not taken. */
  readonly inHand: WorkInHand;
}

/** What a run knows of the sinks of its topics, for whoever asks while it runs. */
export class SinkWatches {
  private readonly all: SinkWatch[] = [];
  /** By the names of the sinks. */
  private readonly logs = new Map<string, OutageLog>();

  constructor(
    private readonly logger: Logger,
    private readonly options: SinkOutageOptions = {},
  ) {}

  /** Begins to watch the sink of a topic. */
  watch(plan: TopicPlan): SinkWatch {
    const { options } = this;
    const { sink = '' } = plan;
    // Where a sink is opened for each of several orgs, it is the same place all the same.
    const log = this.logs.get(sink) ?? new OutageLog(sink, this.logger, options.scheduler);
    this.logs.set(sink, log);
    const watch = { plan, log, outage: new SinkOutage(plan, options), inHand: new WorkInHand(options.scheduler) };
    this.all.push(watch);
    return watch;
  }

  /** The sentence for a subscription, where its sink has taken nothing of it for a while. */
  readonly heldUpBy: HeldUpBy = (of) => {
    const watch = this.all.find(({ plan }) => isOf(plan, of));
    return watch && lastsMsOf(watch) !== undefined ? this.sentenceOf(watch) : undefined;
  };

  /**
   * The sinks that all events wait for, where none of them is tried before a time, in epoch milliseconds: to wait until
   * then would gain nothing. None where some work may still end by then, as nobody knows what a pipeline does.
   */
  waitedFor(time: number): readonly string[] {
    if (this.all.some(({ plan, inHand }) => plan.pipeline !== undefined || !inHand.restsUntil(time))) return [];
    return [...new Set(this.all.flatMap(({ plan, inHand }) => (inHand.isEmpty ? [] : (plan.sink ?? []))))];
  }

  /** It is without the reason, as anybody may read it. */
  private sentenceOf({ plan: { sink = '' }, outage: { isOfSource } }: SinkWatch): string {
    const out = this.all.filter((each) => {
      return each.plan.sink === sink && each.outage.isOfSource === isOfSource && lastsMsOf(each) !== undefined;
    });
    const seconds = Math.round(Math.max(...out.map((each) => lastsMsOf(each) ?? 0)) / 1_000);
    const topics = someOf(
      out.map(({ plan }) => plan.label),
      'topic',
    );
    if (isOfSource) return `The sink ${sink} has lacked what it needs for ${topics} for ${seconds} s, and events wait.`;
    return `The sink ${sink} has taken nothing of ${topics} for ${seconds} s, and ${out.length === 1 ? 'its' : 'their'} events wait.`;
  }
}

/** How long a sink has taken nothing of a topic. On standby, there is nothing that it could take. */
function lastsMsOf({ outage, inHand }: SinkWatch): number | undefined {
  return inHand.isEmpty ? undefined : outage.lastsMs;
}

/** Whether a subscription is that of a plan. Of a log, each partition is a topic: `/data/LeadChangeEvent#7`. */
function isOf(plan: TopicPlan, { org, topic, name }: Parameters<HeldUpBy>[0]): boolean {
  const isTopic = topic === plan.topic || topic.startsWith(`${plan.topic}#`);
  const isOrg = org === null || org === (plan.org ?? null);
  return isTopic && isOrg && (name === null || name === plan.name);
}
