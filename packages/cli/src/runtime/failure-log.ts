import type { LogFields, Logger } from '@rxforce/core/model';
import type { DeadLetter } from '@rxforce/dead-letters';
import { asyncScheduler, type SchedulerLike, type Subscription, type Unsubscribable } from 'rxjs';
import { plural } from '../command/plural.js';
import { isOutage, type SinkEvent } from '../sinks/sink.js';
import { messageOf, REMINDER_MS, type OutageLog } from './outage-log.js';
import type { WorkInHand } from './work-in-hand.js';

type Kind = 'retry' | 'letter' | 'works';

/** What the lines are about. */
export interface FailureLogOptions {
  /** What the topic is called. */
  readonly label: string;
  readonly maxRetries: number;
  /** Has the lines about its sink. */
  readonly outages: OutageLog;
  /** What the topic has in hand. */
  readonly inHand: Pick<WorkInHand, 'has'>;
}

/** The retries of an event so far, and of how many events the last one was. */
interface Retries {
  readonly event: SinkEvent;
  readonly used: number;
  readonly together: number;
}

/**
 * Logs how the writes of a topic fail. Outages of its sink are logged for all its topics together. Of the others, most
 * are only counted, as many events may fail, and each of them several times: there is a line when writes begin to fail,
 * one for the first event that is put aside, one every 60 s with the count since, and one when all that had failed is
 * written. At the level debug, each failure is a line.
 */
export class FailureLog implements Unsubscribable {
  /** What has had its line since failures began, or since the last reminder of them. */
  private readonly told = new Set<Kind>();
  /** The events that are tried again, by their ids, as letters have copies of them. */
  private readonly waiting = new Map<string, Retries>();
  private reminder: Subscription | undefined;
  private isFailing = false;
  private hasEnded = false;
  private attempts = 0;
  private letters = 0;
  private reason = '';
  private letterReason = '';

  constructor(
    private readonly options: FailureLogOptions,
    private readonly logger: Logger,
    private readonly scheduler: SchedulerLike = asyncScheduler,
  ) {
    options.outages.joins(options.label, options.inHand);
  }

  /**
   * An attempt has failed, and another one follows.
   *
   * @param events - Those that were not written.
   * @param together - How many events the attempt was for.
   */
  retried(events: readonly SinkEvent[], error: unknown, together = events.length): void {
    const used = Math.max(...events.map((event) => this.retriesOf(event, together, isOutage(error) ? 0 : 1)));
    const { label, maxRetries, outages } = this.options;
    if (isOutage(error)) return outages.failed(label, events, error);
    outages.gaveUp(label, events);
    this.isFailing = true;
    this.reason = messageOf(error);
    const text = `retry ${used} of ${maxRetries} follows: ${this.reason}`;
    if (!this.tell('retry', text, { events: events.length })) this.attempts += 1;
  }

  /** An event has failed for good. Returns the line about it. */
  putAside({ id, error, value }: DeadLetter<SinkEvent>): string {
    const { used = 0 } = this.waiting.get(value.id) ?? {};
    this.waiting.delete(value.id);
    this.isFailing = true;
    this.reason = this.letterReason = error.message;
    const text = `put aside ${used === 0 ? 'without a retry' : `after ${used} ${used === 1 ? 'retry' : 'retries'}`}: ${this.reason}`;
    if (!this.tell('letter', text, { letter: id })) this.letters += 1;
    return text;
  }

  /** Events were written; those that nobody waits for any more may be, after the end. */
  worked(events: readonly SinkEvent[]): void {
    if (this.hasEnded) return;
    const { label, outages } = this.options;
    outages.worked(label, events);
    events.forEach(({ id }) => this.waiting.delete(id));
    if (!this.isFailing || this.waiting.size > 0) return;
    this.isFailing = false;
    const counts = this.counts;
    const isTold = this.tell('works', `is written again${counts === '' ? '' : `. Meanwhile ${counts}`}`);
    if (isTold) this.forget();
  }

  /** Ends the reminders, and logs what was only counted. */
  unsubscribe(): void {
    this.hasEnded = true;
    this.reminder?.unsubscribe();
    this.remind();
    const { label, outages } = this.options;
    outages.leaves(label);
  }

  /** What is left of a batch that was split is tried as often as any other event. */
  private retriesOf(event: SinkEvent, together: number, more: number): number {
    const before = this.waiting.get(event.id);
    const used = (before?.together === together ? before.used : 0) + more;
    this.waiting.set(event.id, { event, used, together });
    return used;
  }

  private get counts(): string {
    const failed = this.attempts > 0 ? [`${plural(this.attempts, 'attempt')} failed`] : [];
    const were = this.letters === 1 ? 'was' : 'were';
    const why = this.letterReason === this.reason ? '' : ` (${this.letterReason})`;
    const aside = this.letters > 0 ? [`${plural(this.letters, 'event')} ${were} put aside${why}`] : [];
    return [...failed, ...aside].join(' and ');
  }

  private forget(): void {
    this.attempts = 0;
    this.letters = 0;
  }

  /** Whether it has logged the line for all to see. */
  private tell(kind: Kind, text: string, fields: LogFields = {}): boolean {
    const line = `${this.options.label}: ${text}`;
    if (this.told.has(kind)) {
      this.logger.debug?.(line, fields);
      return false;
    }
    this.told.add(kind);
    this.reminder ??= this.later();
    this.log(kind)?.(line, fields);
    return true;
  }

  private log(kind: Kind): Logger['error'] {
    const { logger } = this;
    if (kind === 'letter') return (...line) => logger.error?.(...line);
    if (kind === 'works') return (...line) => logger.info?.(...line);
    return (...line) => logger.warn(...line);
  }

  private later(): Subscription {
    return this.scheduler.schedule(() => {
      this.reminder = undefined;
      this.forgetLost();
      if (!this.remind() && !this.remindOfWaiting()) return this.told.clear();
      this.told.delete('works');
      this.reminder = this.later();
    }, REMINDER_MS);
  }

  /** Those of a lost lease are not tried again. */
  private forgetLost(): void {
    for (const [id, { event }] of this.waiting) if (!this.options.inHand.has(event)) this.waiting.delete(id);
  }

  /** Whether events are not written yet, though no attempt has failed meanwhile, as in a long wait. */
  private remindOfWaiting(): boolean {
    const { size } = this.waiting;
    if (size === 0 || !this.isFailing) return false;
    const are = size === 1 ? 'is' : 'are';
    this.log('retry')?.(`${this.options.label}: ${plural(size, 'event')} ${are} not written yet: ${this.reason}`);
    return true;
  }

  /** Whether there was something to remind of. */
  private remind(): boolean {
    const { counts, letters, reason, isFailing } = this;
    if (counts === '') return false;
    const state = isFailing ? `It fails: ${reason}` : `It is written again; it failed: ${reason}`;
    this.log(letters > 0 ? 'letter' : 'retry')?.(
      `${this.options.label}: ${counts} since the last line about it. ${state}`,
    );
    this.forget();
    return true;
  }
}
