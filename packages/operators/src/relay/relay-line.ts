import { defer, Subscription, type SchedulerLike, type Subscriber } from 'rxjs';
import type { Hold } from '@rxforce/core/delivery';
import {
  appendedAnswer,
  logFailed,
  retryTransient,
  schemaKeptAnswer,
  type EventLog,
  type LogEntry,
} from '@rxforce/core/internal';
import { EventLogError, PositionInUseError, type RxforceError } from '@rxforce/core/model';

/** An event that waits to be durable in the log. */
export interface RelayItem<E> {
  readonly event: E;
  readonly held: Hold;
  readonly entries: readonly LogEntry[];
  readonly bytes: number;
  /** The schema that its payload was written with, as JSON. */
  readonly schemaJson: string;
  /** The fencing token under which it came. */
  readonly token: number | undefined;
}

/** The parts of a line. */
export interface RelayLineParts<E> {
  readonly log: EventLog;
  readonly topic: string;
  readonly scheduler: SchedulerLike;
  readonly batchSize: number;
  readonly maxBytes: number;
  readonly subscriber: Subscriber<E>;
  /** The ids of the schemas that are in the log. */
  readonly schemas: Set<string>;
  /** A call failed, this often in a row, and is made again after a pause. */
  readonly waiting: (topic: string, attempt: number, delayMs: number, cause: RxforceError) => void;
  /** The log has refused this token, as another replica has a larger one. */
  readonly fenced: (error: RxforceError, token: number) => void;
  /** Nothing waits any more. */
  readonly idle: () => void;
}

/** The events of one topic on their way into the log: in order, one batch at a time. */
export class RelayLine<E> {
  private waiting: RelayItem<E>[] = [];
  private batch: RelayItem<E>[] = [];
  private sending = Subscription.EMPTY;
  private call: Promise<unknown> | undefined;
  private isBusy = false;

  constructor(private readonly parts: RelayLineParts<E>) {}

  /** Whether nothing waits, and nothing is on its way. */
  get isEmpty(): boolean {
    return !this.isBusy && this.waiting.length === 0;
  }

  add(item: RelayItem<E>): void {
    this.waiting.push(item);
    this.sendLater();
  }

  /** Drops what came under another token than this one: its subscription is over, and another one gets it again. */
  dropOthers(token: number | undefined): void {
    const isOver = (item: RelayItem<E>) => item.token !== token;
    if (this.batch.some(isOver)) {
      this.sending.unsubscribe();
      const { batch } = this;
      this.batch = [];
      batch.forEach(({ held }) => held.abandon(this.call));
      this.isBusy = false;
    }
    this.waiting.filter(isOver).forEach(({ held }) => held.abandon());
    this.waiting = this.waiting.filter((item) => !isOver(item));
    this.sendLater();
    if (this.isEmpty) this.parts.idle();
  }

  /** Drops everything. */
  stop(): void {
    this.sending.unsubscribe();
    this.batch.forEach(({ held }) => held.abandon(this.call));
    this.waiting.forEach(({ held }) => held.abandon());
    this.batch = [];
    this.waiting = [];
  }

  /** In a later turn, so that all events that come in this one are sent together. */
  private sendLater(): void {
    if (this.isBusy || this.waiting.length === 0) return;
    this.isBusy = true;
    this.sending = this.parts.scheduler.schedule(() => this.send());
  }

  private send(): void {
    const { scheduler, topic, waiting, subscriber } = this.parts;
    const batch = this.takeBatch();
    this.batch = batch;
    const context = { scheduler, random: Math.random };
    this.sending = defer(() => this.append(batch))
      .pipe(retryTransient(context, (...pause) => waiting(topic, ...pause)))
      .subscribe({
        error: (error: unknown) => this.failed(error),
        complete: () => {
          this.isBusy = false;
          this.batch = [];
          if (subscriber.closed) return;
          this.sendLater();
          if (this.isEmpty) this.parts.idle();
        },
      });
  }

  private failed(error: unknown): void {
    const failure = logFailed(error);
    const token = this.batch[0]?.token;
    // The events stay held until their subscription hears that it has lost the lease.
    if (PositionInUseError.is(failure) && token !== undefined) this.parts.fenced(failure, token);
    else this.parts.subscriber.error(failure);
  }

  private takeBatch(): RelayItem<E>[] {
    const { batchSize, maxBytes } = this.parts;
    const token = this.waiting[0]?.token;
    let bytes = 0;
    const end = this.waiting.findIndex((item, index) => {
      bytes += item.bytes;
      return index > 0 && (index >= batchSize || bytes > maxBytes || item.token !== token);
    });
    return this.waiting.splice(0, end === -1 ? this.waiting.length : end);
  }

  private append(batch: RelayItem<E>[]): Promise<void> {
    const work = this.appendBatch(batch).catch((error: unknown) => {
      throw logFailed(error);
    });
    this.call = work.catch(() => undefined);
    return work.then((durable) => {
      // The batch may have been dropped meanwhile.
      if (batch === this.batch) this.settle(durable);
      if (batch.length > 0) throw notAll(this.parts.topic, batch.length);
    });
  }

  private async appendBatch(batch: readonly RelayItem<E>[]): Promise<number> {
    const { log, topic } = this.parts;
    for (const item of batch) await this.keepSchema(item);
    const entries = batch.flatMap((item) => item.entries);
    return appendedAnswer(await log.append(topic, entries, batch[0]?.token), entries.length);
  }

  private async keepSchema({ entries: [entry], schemaJson }: RelayItem<E>): Promise<void> {
    const { schemas, log } = this.parts;
    const { schemaId } = entry ?? {};
    if (schemaId === undefined || schemas.has(schemaId)) return;
    schemaKeptAnswer(await log.putSchema(schemaId, schemaJson));
    schemas.add(schemaId);
  }

  /** Settles the events whose entries are all durable. */
  private settle(durable: number): void {
    const { subscriber } = this.parts;
    let left = durable;
    for (let item = this.batch[0]; item !== undefined && item.entries.length <= left; item = this.batch[0]) {
      left -= item.entries.length;
      this.batch.shift();
      item.held.emit(subscriber, item.event);
      item.held.release();
    }
  }
}

function notAll(topic: string, missing: number): EventLogError {
  return new EventLogError(`The log has not taken the last ${missing} events of a batch of ${topic}.`, { topic });
}
