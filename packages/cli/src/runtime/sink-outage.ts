import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { isOutage } from '../sinks/sink.js';
import { SourceError } from '../sinks/source-error.js';
import type { TopicPlan } from './topic-plan.js';

/** The shortest and the longest wait of an event while a sink is out, in milliseconds. */
const SHORTEST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** How long a sink takes nothing before that is worth a word, in milliseconds: a receiver that is restarted is not. */
const SHORT_MS = 10_000;

/** The clock and the chance that waits depend on. */
export interface SinkOutageOptions {
  readonly scheduler?: SchedulerLike;
  /** Numbers from 0 to 1. */
  readonly random?: () => number;
}

/**
 * How the sink of one topic does. While it is out, an event waits about as long again as that has lasted: from 1 s to
 * 30 s, or to `retry_delay_seconds` where that is longer. The waits are spread, so that events do not come together.
 */
export class SinkOutage {
  private since: number | undefined;
  private failure: unknown;
  private readonly scheduler: SchedulerLike;
  private readonly random: () => number;

  constructor(
    private readonly plan: Pick<TopicPlan, 'retryDelayMs'>,
    { scheduler = asyncScheduler, random = Math.random }: SinkOutageOptions = {},
  ) {
    this.scheduler = scheduler;
    this.random = random;
  }

  /** Events got through. */
  worked(): void {
    this.since = undefined;
  }

  /** How long an event waits after a failure, in milliseconds. */
  waitAfter(error: unknown): number {
    const { retryDelayMs } = this.plan;
    const asked = waitAskedFor(error);
    if (!isOutage(error)) return Math.max(retryDelayMs, asked);
    const now = this.scheduler.now();
    this.since ??= now;
    const lasted = now - this.since;
    const longest = Math.max(LONGEST_WAIT_MS, retryDelayMs);
    const grown = Math.min(longest, Math.max(SHORTEST_WAIT_MS, lasted));
    this.failure = error;
    return Math.max(asked, Math.round((grown * (1 + this.random())) / 2));
  }

  /** How long the sink has taken nothing, in milliseconds, once that are 10 s. */
  get lastsMs(): number | undefined {
    const ms = this.since === undefined ? 0 : this.scheduler.now() - this.since;
    return ms < SHORT_MS ? undefined : ms;
  }

  /** Whether it was not even asked at last, as something could not be had that it needs. */
  get isOfSource(): boolean {
    return this.failure instanceof SourceError;
  }
}

/** How long the other side asks to wait, in milliseconds. */
function waitAskedFor(error: unknown): number {
  const { retryAfterMs } = Object(error) as { readonly retryAfterMs?: unknown };
  return typeof retryAfterMs === 'number' && retryAfterMs > 0 ? retryAfterMs : 0;
}
