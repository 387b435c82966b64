import { failedEventsOf } from '@rxforce/core';
import type { Logger } from '@rxforce/core/model';
import { asyncScheduler, type SchedulerLike, type Subscription } from 'rxjs';
import { plural } from '../command/plural.js';
import { wordsOf } from '../config/setting-words.js';
import type { SinkEvent } from '../sinks/sink.js';
import { SourceError } from '../sinks/source-error.js';
import { someOf } from './some-of.js';

/** How long failures are only counted after a line about them, in milliseconds. */
export const REMINDER_MS = 60_000;
/** The least time between two lines that a sink is out, where it took events in between, in milliseconds. */
const ANEW_MS = 10_000;
/**
 * How long after its wait an event that is not done counts as given up, in milliseconds: those of a lost lease are not
 * tried again.
 */
const GIVEN_UP_MS = 30_000;

/** When each event of a topic is tried again, in epoch milliseconds, by their ids. */
type Waits = Map<string, number>;

/**
 * Logs that a sink is out, once for all its topics: there is a line when that begins, one every 60 s with the count of
 * attempts, and one when all that waited is written. A topic that waits for another reason has a line of its own. At
 * the level debug, each failure is a line.
 */
export class OutageLog {
  /** By the names of their topics. */
  private readonly waiting = new Map<string, Waits>();
  /** The topics and the reasons that have had a line in this outage. */
  private readonly told = new Set<string>();
  private lastFailed: readonly [topic: string, ids: readonly string[]] = ['', []];
  private topics = 0;
  private since: number | undefined;
  private attempts = 0;
  private reason = '';
  /** When the line that the sink is out was logged last, in epoch milliseconds. */
  private outAt = -Infinity;
  private reminder: Subscription | undefined;

  /** @param sink - The name of the sink. */
  constructor(
    private readonly sink: string,
    private readonly logger: Logger,
    private readonly scheduler: SchedulerLike = asyncScheduler,
  ) {}

  /** A topic begins to write to the sink. */
  joins(): void {
    this.topics += 1;
  }

  /** A topic has ended. The last one ends the reminders, and what was only counted is logged. */
  leaves(topic: string): void {
    this.waiting.delete(topic);
    this.topics -= 1;
    if (this.topics > 0) return;
    this.reminder?.unsubscribe();
    this.remind();
  }

  /** An attempt has failed as the sink is out. Its events wait. */
  failed(topic: string, events: readonly SinkEvent[], error: unknown): void {
    const now = this.scheduler.now();
    const waits = this.waiting.get(topic) ?? (new Map() as Waits);
    const ids = events.map(({ id }) => id);
    ids.forEach((id) => waits.set(id, now));
    this.waiting.set(topic, waits);
    this.lastFailed = [topic, ids];
    this.since ??= now;
    this.reason = wordsOf(error);
    this.reminder ??= this.later();
    const until = error instanceof SourceError ? 'waits' : `waits until the sink ${this.sink} takes events again`;
    const line = `${topic}: ${until}: ${messageOf(error)}`;
    if (this.isNews(topic, now)) {
      this.outAt = now;
      this.logger.warn(line);
    } else {
      this.attempts += 1;
      this.logger.debug?.(line);
    }
  }

  /** What has just failed waits so long, in milliseconds. */
  waits(ms: number): void {
    const [topic, ids] = this.lastFailed;
    const waits = this.waiting.get(topic);
    ids.forEach((id) => waits?.has(id) && waits.set(id, this.scheduler.now() + ms));
    this.lastFailed = ['', []];
  }

  /** Events do not wait for the sink any more: they have failed by themselves. */
  gaveUp(topic: string, events: readonly Pick<SinkEvent, 'id'>[]): void {
    const waits = this.waiting.get(topic);
    events.forEach(({ id }) => waits?.delete(id));
    if (waits?.size === 0) this.waiting.delete(topic);
  }

  /** The sink has taken events. */
  worked(topic: string, events: readonly SinkEvent[]): void {
    if (this.since === undefined) return;
    this.gaveUp(topic, events);
    const now = this.scheduler.now();
    this.forgetBefore(now - GIVEN_UP_MS);
    if (this.waiting.size > 0) return;
    const { attempts, since } = this;
    const isTold = this.told.size > 0;
    this.over();
    if (!isTold) return;
    this.attempts = 0;
    const meanwhile = attempts === 0 ? '' : `. Meanwhile ${plural(attempts, 'attempt')} failed`;
    this.logger.info?.(
      `the sink ${this.sink} takes events again, after ${Math.round((now - since) / 1_000)} s${meanwhile}`,
    );
  }

  /** Whether a line says what none of this outage has said. A sink that comes and goes is not worth one each time. */
  private isNews(topic: string, now: number): boolean {
    const { told, reason, outAt } = this;
    if (told.has(topic) || told.has(reason) || (told.size === 0 && now - outAt < ANEW_MS)) return false;
    told.add(topic).add(reason);
    return true;
  }

  private over(): void {
    this.since = undefined;
    this.told.clear();
    this.waiting.clear();
  }

  private later(): Subscription {
    return this.scheduler.schedule(() => {
      this.reminder = undefined;
      const now = this.scheduler.now();
      const rests = [...this.waiting.values()].every((waits) => [...waits.values()].every((at) => at <= now));
      if (this.attempts === 0 && rests) return this.over();
      this.remind();
      this.reminder = this.later();
    }, REMINDER_MS);
  }

  private remind(): void {
    const { attempts, reason, sink } = this;
    const waits = [...this.waiting.values()].reduce((sum, { size }) => sum + size, 0);
    if (attempts === 0 && waits === 0) return;
    this.attempts = 0;
    const failed = attempts === 0 ? [] : [`${plural(attempts, 'attempt')} failed since the last line about it`];
    const topics = [...this.waiting.keys()];
    const wait =
      waits === 0 ? [] : [`${plural(waits, 'event')} of ${someOf(topics, 'topic')} ${waits === 1 ? 'waits' : 'wait'}`];
    const state = this.since === undefined ? 'It takes events again; it failed' : 'It fails';
    this.logger.warn(`the sink ${sink}: ${[...failed, ...wait].join(', and ')}. ${state}: ${reason}`);
  }

  private forgetBefore(time: number): void {
    for (const [topic, waits] of this.waiting) {
      for (const [id, at] of waits) if (at < time) waits.delete(id);
      if (waits.size === 0) this.waiting.delete(topic);
    }
  }
}

/** What an error says, and of which event, where it is about one. */
export function messageOf(error: unknown): string {
  const [event] = failedEventsOf(error);
  const what = wordsOf(error);
  return event === undefined ? what : `${what} (event ${event.id})`;
}
