import type { PartitionLag } from '@rxforce/core';
import type { SchedulerLike } from 'rxjs';
import type { LiveClient } from '../state/live-state.js';

/** How far a group is behind the end of one partition. */
export interface LivePartitionLag {
  readonly org: string | null;
  readonly topic: string;
  readonly partition: number;
  /** The name of the group. */
  readonly name: string;
  /** How many events follow the last position that a member made durable; `null` where the engine does not tell. */
  readonly events: number | null;
  /**
   * How long ago the first of them came into the log, in milliseconds; 0 where none follows, `null` where nobody knows.
   */
  readonly lagMs: number | null;
}

/** How far the groups of this process are behind the ends of event logs. */
export interface LiveLag {
  /** When that was, in epoch milliseconds. */
  readonly at: number;
  /** The largest lag of all, in milliseconds; `null` where none is known. */
  readonly lagMs: number | null;
  /** The events of all together; `null` where none is known. */
  readonly events: number | null;
  /** All of its groups, in any process. One that is about to be read here, or was just read, may be missing. */
  readonly partitions: readonly LivePartitionLag[];
}

/** An answer counts as new for so long, in milliseconds: however many look, the log is asked once. */
const NEW_MS = 1_000;

/** Asks clients of event logs how far they are. */
export class LogLags {
  private asked: { readonly at: number; readonly answer: Promise<LiveLag> } | undefined;

  constructor(
    private readonly clients: readonly (readonly [org: string | undefined, client: LiveClient])[],
    private readonly clock: Pick<SchedulerLike, 'now'>,
  ) {}

  /** Rejects with an `EventLogError` when a log fails for all partitions of a client. */
  read(): Promise<LiveLag> {
    const at = this.clock.now();
    if (this.asked && at - this.asked.at < NEW_MS) return this.asked.answer;
    const asked = { at, answer: this.ask() };
    // A failure is not kept: the next one who looks asks again.
    asked.answer.catch(() => {
      if (this.asked === asked) this.asked = undefined;
    });
    this.asked = asked;
    return asked.answer;
  }

  private async ask(): Promise<LiveLag> {
    const answers = await Promise.all(
      this.clients.map(async ([org, client]) =>
        (await (client.lag?.({ of: 'group' }) ?? [])).map((lag) => ({ org, lag })),
      ),
    );
    const at = this.clock.now();
    const partitions = answers.flat().map(({ org, lag }) => lagOf(lag, org, at));
    const lags = partitions.flatMap(({ lagMs }) => lagMs ?? []);
    const events = partitions.flatMap((each) => each.events ?? []);
    return {
      at,
      lagMs: lags.length === 0 ? null : Math.max(...lags),
      events: events.length === 0 ? null : events.reduce((sum, each) => sum + each, 0),
      partitions,
    };
  }
}

function lagOf(lag: PartitionLag, org: string | undefined, at: number): LivePartitionLag {
  const { topic, partition, name, oldestAt } = lag;
  const events = lag.events ?? null;
  const none = events === 0 ? 0 : null;
  const lagMs = oldestAt === undefined ? none : Math.max(0, Math.round(at - oldestAt));
  return { org: org ?? null, topic, partition, name, events, lagMs };
}
