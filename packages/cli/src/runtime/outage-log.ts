import { failedEventsOf } from '@rxforce/core';
import type { Logger } from '@rxforce/core/model';
import { asyncScheduler, type SchedulerLike, type Subscription } from 'rxjs';
import { plural } from '../command/plural.js';
import { wordsOf } from '../config/setting-words.js';
import type { SinkEvent } from '../sinks/sink.js';
import { SourceError } from '../sinks/source-error.js';
import { someOf } from './some-of.js';
import type { WorkInHand } from './work-in-hand.js';

/** How long failures are only counted after a line about them, in milliseconds. */
export const REMINDER_MS = 60_000;
/** What a topic waits for. */
interface Waits {
  readonly inHand: Pick<WorkInHand, 'has'>;
  /** The events that have failed as the sink is out. */
  readonly events: Set<SinkEvent>;
}

/**
 * Logs that a sink is out, once for all its topics: there is a line when that begins, one every 60 s with the count of
 * attempts, and one when all that waited is written. A topic that waits for another reason has a line of its own. A
 * sink that comes and goes has a line for each end at most every 60 s. At the level debug, each failure is a line.
 */
export class OutageLog {
  /** By the names of the topics. */
  private readonly topics = new Map<string, Waits>();
  /** What has had a line in this outage: reasons, and who waits for what. */
  private readonly told = new Set<string>();
  /** When events began to wait, or the first line said so, in epoch milliseconds; `undefined` while none waits. */
  private since: number | undefined;
  /** How many have had no line. */
  private attempts = 0;
  private error: unknown;
  /** Whether the sink has taken events since the last line. */
  private takesOthers = false;
  private reminder: Subscription | undefined;

  /** @param sink - The name of the sink. */
  constructor(
    private readonly sink: string,
    private readonly logger: Logger,
    private readonly scheduler: SchedulerLike = asyncScheduler,
  ) {}

  /** A topic begins to write to the sink. */
  joins(topic: string, inHand: Pick<WorkInHand, 'has'>): void {
    this.topics.set(topic, { inHand, events: new Set() });
  }

  /** A topic has ended. The last one ends the reminders, and what was only counted is logged. */
  leaves(topic: string): void {
    this.topics.delete(topic);
    if (this.topics.size > 0) return;
    this.reminder?.unsubscribe();
    this.reminder = undefined;
    this.remind();
    this.over();
  }

  /** An attempt has failed as the sink is out. Its events wait. */
  failed(topic: string, events: readonly SinkEvent[], error: unknown): void {
    events.forEach((event) => this.topics.get(topic)?.events.add(event));
    this.error = error;
    this.since ??= this.scheduler.now();
    const until = error instanceof SourceError ? 'waits' : `waits until the sink ${this.sink} takes events again`;
    const line = `${topic}: ${until}: ${messageOf(error)}`;
    if (this.isNews(topic)) {
      this.takesOthers = false;
      this.logger.warn(line);
    } else {
      this.attempts += 1;
      this.logger.debug?.(line);
    }
    this.reminder ??= this.later();
  }

  /** Events do not wait for the sink any more: they fail by themselves. */
  gaveUp(topic: string, events: readonly SinkEvent[]): void {
    events.forEach((event) => this.topics.get(topic)?.events.delete(event));
  }

  /** The sink has taken events. */
  worked(topic: string, events: readonly SinkEvent[]): void {
    this.takesOthers = true;
    if (this.since === undefined) return;
    this.gaveUp(topic, events);
    if (this.countWaiting() > 0) return;
    const { attempts, error, since, sink } = this;
    const isTold = this.told.size > 0;
    this.over();
    if (!isTold) return;
    this.attempts = 0;
    const again =
      error instanceof SourceError
        ? `what the sink ${sink} needs can be had again`
        : `the sink ${sink} takes events again`;
    const meanwhile = attempts === 0 ? '' : `. Meanwhile ${plural(attempts, 'attempt')} failed`;
    this.logger.info?.(`${again}, after ${Math.round((this.scheduler.now() - since) / 1_000)} s${meanwhile}`);
  }

  /** Whether a line says what none of this outage has said. After the end of one, the reminder says it. */
  private isNews(topic: string): boolean {
    const { told, error } = this;
    if (told.size === 0 && this.reminder !== undefined) return false;
    const [what, reason] = [whatOf(topic, error), wordsOf(error)];
    if (told.has(what) || told.has(reason)) return false;
    told.add(what).add(reason);
    return true;
  }

  private over(): void {
    this.since = undefined;
    this.told.clear();
  }

  private later(): Subscription {
    return this.scheduler.schedule(() => {
      this.reminder = undefined;
      if (!this.remind()) return this.over();
      this.reminder = this.later();
    }, REMINDER_MS);
  }

  /** Whether there was something to remind of. */
  private remind(): boolean {
    const { attempts, sink } = this;
    const waits = this.countWaiting();
    if (attempts === 0 && waits === 0) return false;
    const failed = attempts === 0 ? [] : [`${plural(attempts, 'attempt')} failed since the last line about it`];
    const topics = [...this.topics].flatMap(([topic, { events }]) => (events.size === 0 ? [] : topic));
    const wait =
      waits === 0 ? [] : [`${plural(waits, 'event')} of ${someOf(topics, 'topic')} ${waits === 1 ? 'waits' : 'wait'}`];
    this.logger.warn(`the sink ${sink}: ${[...failed, ...wait].join(', and ')}. ${this.state}`);
    this.attempts = 0;
    this.takesOthers = false;
    if (this.told.size === 0 && waits > 0) this.begin(topics);
    return true;
  }

  /** The line of a reminder has said that these topics wait. */
  private begin(topics: readonly string[]): void {
    this.since = this.scheduler.now();
    [wordsOf(this.error), ...topics.map((topic) => whatOf(topic, this.error))].forEach((each) => this.told.add(each));
  }

  private get state(): string {
    const { error, since, takesOthers } = this;
    const reason = wordsOf(error);
    if (since === undefined) return `It takes events again; the last failure: ${reason}`;
    if (takesOthers) return `It takes others meanwhile; the last failure: ${reason}`;
    return error instanceof SourceError ? reason : `It fails: ${reason}`;
  }

  /** How many events wait. Those of a lost lease are not tried again. */
  private countWaiting(): number {
    let count = 0;
    for (const { inHand, events } of this.topics.values()) {
      for (const event of events) if (!inHand.has(event)) events.delete(event);
      count += events.size;
    }
    return count;
  }
}

/** Who waits for what: the org may be away as well as the sink. */
function whatOf(topic: string, error: unknown): string {
  return error instanceof SourceError ? `${topic}: source` : topic;
}

/** What an error says, and of which event, where it is about one. */
export function messageOf(error: unknown): string {
  const [event] = failedEventsOf(error);
  const what = wordsOf(error);
  return event === undefined ? what : `${what} (event ${event.id})`;
}
