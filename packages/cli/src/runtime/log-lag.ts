import type { EventLog, LogLag, ReplayStore } from '@rxforce/core';
import { ReplayId } from '@rxforce/core/model';
import type { TopicPlan } from './topic-plan.js';

/** What the lag of a log is worked out from. */
export interface LogLagOptions {
  readonly log: EventLog;
  readonly store: ReplayStore;
  readonly plans: readonly Pick<TopicPlan, 'topic' | 'name'>[];
  /** The time in epoch milliseconds. */
  readonly now: () => number;
}

/** How long an answer is good for. */
const ASK_EVERY_MS = 15_000;

const HEAD = `# HELP rxforce_log_lag Events in the log that the workers have not committed yet.
# TYPE rxforce_log_lag gauge
`;
const AGE_HEAD = `# HELP rxforce_log_lag_age_seconds Age of the oldest of these events.
# TYPE rxforce_log_lag_age_seconds gauge
`;

/**
 * How far workers are behind, as Prometheus reads it. Every worker knows it of all partitions, so that the number is
 * right while there is a single one, too. It is asked for when somebody wants to know, at most every 15 seconds.
 */
export class LogLagText {
  private asked: { readonly at: number; readonly text: Promise<string> } | undefined;

  constructor(private readonly options: LogLagOptions) {}

  /** The text; an empty one where Redis does not answer. */
  text(): Promise<string> {
    const now = this.options.now();
    if (this.asked === undefined || now - this.asked.at >= ASK_EVERY_MS) {
      this.asked = { at: now, text: this.ask().catch(() => '') };
    }
    return this.asked.text;
  }

  private async ask(): Promise<string> {
    const { log, plans, now } = this.options;
    const { id, partitions } = await log.open();
    const lags = await Promise.all(plans.map(async (plan) => [plan, await this.lagsOf(plan, id, partitions)] as const));
    const line = (name: string, { topic, name: group }: Pick<TopicPlan, 'topic' | 'name'>, value: number) =>
      `${name}{messaging_destination_name="${topic}",messaging_consumer_group_name="${group}"} ${value}\n`;
    const events = lags.map(([plan, all]) => line('rxforce_log_lag', plan, sum(all)));
    const ages = lags.map(([plan, all]) => line('rxforce_log_lag_age_seconds', plan, oldest(all, now())));
    return `${HEAD}${events.join('')}${AGE_HEAD}${ages.join('')}`;
  }

  private lagsOf({ topic, name }: Pick<TopicPlan, 'topic' | 'name'>, id: string, partitions: number) {
    const { log, store } = this.options;
    return Promise.all(
      Array.from({ length: partitions }, async (_, partition) => {
        const position = await store.load({ organizationId: id, topic: `${topic}#${partition}`, name });
        return log.lag(topic, partition, ReplayId.is(position) ? position : undefined);
      }),
    );
  }
}

function sum(lags: readonly LogLag[]): number {
  return lags.reduce((all, { events = 0 }) => all + events, 0);
}

function oldest(lags: readonly LogLag[], now: number): number {
  const ages = lags.map(({ oldestAt }) => (oldestAt === undefined ? 0 : (now - oldestAt) / 1_000));
  return Math.max(0, ...ages);
}
