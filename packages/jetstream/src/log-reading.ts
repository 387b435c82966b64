import type { Observable, Subscriber } from 'rxjs';
import type { LoggedEntry, LogResponse, LogStart } from '@rxforce/core';
import { readByDemand, type LogReader } from '@rxforce/core/internal';
import type { JetStreamConnection } from './jet-stream-connection.js';
import { loggedEntry, placeIn } from './log-entry-headers.js';
import { consumerLost, noEntry } from './log-errors.js';
import { positionOf } from './log-position.js';
import { invalidStart, readingFailed, readingStart, type ReadingPlace } from './log-start.js';
import type { LogStreams } from './log-streams.js';
import { PullConsumer, type PulledMessage } from './pull-consumer.js';

/** The parts of a reading. */
export interface LogReadingParts {
  readonly connection: JetStreamConnection;
  readonly streams: LogStreams;
  /** Longest time without a response, in milliseconds. */
  readonly keepaliveMs: number;
}

/** Reads one partition, as `EventLog.read`. */
export function logReading(
  parts: LogReadingParts,
  start: LogStart,
  demand: Observable<number>,
): Observable<LogResponse> {
  return readByDemand(demand, (subscriber) => new LogReading(parts, start, subscriber));
}

/** So many signs of life may be missing. */
const MISSED_SIGNS = 3;
/** So often in a row a consumer may end before it has brought anything. */
const MOST_LOST = 3;

/**
 * One reading of one partition, by a consumer of its own. It pulls exactly what is wanted, and looks by itself whether
 * it is at the end whenever nothing has come for `keepaliveMs`.
 */
class LogReading implements LogReader {
  private after: number | undefined;
  /** The sequence of the entry that came last, or that the consumer begins after. */
  private taken = 0;
  /** The position there, once there is one. */
  private from: LogStart['from'];
  private wanted = 0;
  /** How much of it was pulled, and has not come. */
  private pulled = 0;
  private hasBegun = false;
  private consumer: PullConsumer | undefined;
  /** How many messages the consumer has brought. */
  private delivered = 0;
  private isOpening = false;
  private lost = 0;
  /** How many consumers in a row gave signs of life and did not bring what was there. */
  private stalled = 0;
  private entries: LoggedEntry[] = [];
  private isDue = false;
  private keepalive: NodeJS.Timeout | undefined;
  private silence: NodeJS.Timeout | undefined;

  constructor(
    private readonly parts: LogReadingParts,
    private readonly start: LogStart,
    private readonly subscriber: Subscriber<LogResponse>,
  ) {
    this.from = start.from;
  }

  async begin(): Promise<void> {
    const place = await this.place();
    if (this.isOver()) return;
    if (place.err) {
      this.end(place.val);
      return;
    }
    this.hasBegun = true;
    this.takePlace(place.val, place.val.dropped);
    this.pullLater();
  }

  want(count: number): void {
    this.wanted += count;
    this.pullLater();
  }

  stop(): void {
    clearTimeout(this.keepalive);
    this.dropConsumer();
  }

  /**
   * In a later turn, so that what is wanted in this one is pulled in one call, and nothing is emitted in `subscribe`.
   */
  private pullLater(): void {
    if (!this.hasBegun || this.isDue) return;
    this.isDue = true;
    setImmediate(() => {
      this.isDue = false;
      this.emit();
      void this.pull();
    });
  }

  private async pull(): Promise<void> {
    if (this.subscriber.closed || this.wanted === 0 || this.pulled > 0 || this.isOpening) return;
    if (this.consumer === undefined) await this.open();
    const { consumer, wanted } = this;
    if (consumer === undefined || this.isOver()) return;
    this.pulled = wanted;
    this.listen(consumer);
    await consumer.pull(wanted, {
      message: (pulled) => this.take(pulled),
      alive: () => this.hear(() => this.listen(consumer)),
      over: () => this.hear(() => this.pullAgain()),
      gone: (why) => this.reopen(why),
      failed: (failure) => this.fail(failure),
    });
  }

  private async open(): Promise<void> {
    const { connection, streams } = this.parts;
    const { stream, subject } = streams.names(this.start.topic);
    this.isOpening = true;
    const from = (this.after ?? 0) + 1;
    const of = { stream, subject: subject(this.start.partition), from };
    const opened = await PullConsumer.open(connection, of);
    // While there was no consumer, what was read may have been lost, and its sequences taken by others.
    const place = opened.ok && this.after ? await this.place() : undefined;
    this.isOpening = false;
    this.delivered = 0;
    this.taken = Math.max(this.taken, from - 1);
    if (opened.err) this.fail(opened.val);
    else if (place?.err || this.isOver()) opened.val.stop();
    else this.consumer = opened.val;
    if (place?.err && !this.isOver()) this.end(place.val);
  }

  private take({ sequence, timeMs, delivered, message: { headers, data, subject } }: PulledMessage): void {
    if (delivered !== this.delivered + 1) {
      this.reopen('a message is missing');
      return;
    }
    this.delivered = delivered;
    this.pulled--;
    // A server that is behind the others begins at its own end, which may be before what was wanted.
    if (sequence <= this.taken) {
      this.afterMessage();
      return;
    }
    const place = placeIn(headers);
    const entry = headers && loggedEntry(this.start.partition, { sequence, timeMs }, { headers, data });
    if (place === undefined || entry === undefined) {
      this.end(noEntry(subject, sequence));
      return;
    }
    if (this.after !== undefined && place.previous > this.after) {
      this.end(invalidStart({ ...this.start, from: this.from }, 'dropped'));
      return;
    }
    this.after = sequence;
    this.taken = sequence;
    this.stalled = 0;
    this.from = entry.position;
    this.lost = 0;
    this.wanted--;
    this.entries.push(entry);
    this.afterMessage();
  }

  private afterMessage(): void {
    if (this.pulled === 0) clearTimeout(this.silence);
    else if (this.consumer) this.listen(this.consumer);
    this.pullLater();
  }

  private pullAgain(): void {
    this.pulled = 0;
    clearTimeout(this.silence);
    this.pullLater();
  }

  /** Another consumer goes on after what came last. */
  private reopen(why: string): void {
    this.dropConsumer();
    if (++this.lost > MOST_LOST) this.end(consumerLost(this.start.topic, this.start.partition, why));
    else this.pullAgain();
  }

  private leaveStalled(): void {
    const why = 'it does not bring what is there';
    if (++this.stalled > MOST_LOST) this.end(consumerLost(this.start.topic, this.start.partition, why));
    else this.reopen(why);
  }

  private dropConsumer(): void {
    clearTimeout(this.silence);
    this.consumer?.stop();
    this.consumer = undefined;
  }

  /** After a sign of life, a consumer that is lost is the first one again. */
  private hear(then: () => void): void {
    this.lost = 0;
    then();
  }

  /** A server that was restarted knows nothing of a consumer in its memory, and of what was pulled. */
  private listen(consumer: PullConsumer): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.reopen('it gave no sign of life'), consumer.heartbeatMs * MISSED_SIGNS);
  }

  private emit(): void {
    if (this.entries.length === 0) return;
    const { entries } = this;
    this.entries = [];
    this.keepAlive();
    this.subscriber.next({ entries, latest: undefined });
  }

  private takePlace({ after, position }: ReadingPlace, dropped?: number): void {
    this.after = after;
    this.from = position ?? (after === 0 ? positionOf(0, 0) : this.from);
    this.keepAlive();
    this.subscriber.next({ entries: [], latest: position, ...(dropped !== undefined && { dropped }) });
  }

  private keepAlive(): void {
    clearTimeout(this.keepalive);
    if (!this.subscriber.closed) this.keepalive = setTimeout(() => void this.look(), this.parts.keepaliveMs);
  }

  /** Nothing has come for some time: is anything there? */
  private async look(): Promise<void> {
    const { after } = this;
    // One that nobody pulls from is deleted by the server some time, and does not tell.
    if (this.wanted === 0 && this.pulled === 0) this.dropConsumer();
    const place = await this.place();
    if (this.isOver()) return;
    // Something has come meanwhile.
    if (this.after !== after) this.keepAlive();
    else if (place.err) this.end(place.val);
    else {
      this.takePlace(place.val);
      // On a server that was behind the others, a consumer may never learn of what that server has caught up with.
      if (place.val.hasMore && this.pulled > 0) this.leaveStalled();
    }
  }

  /** Where it is, if that is still valid. */
  private place(): ReturnType<typeof readingStart> {
    return readingStart(this.parts.streams, { ...this.start, from: this.from });
  }

  private fail(failure: Parameters<typeof readingFailed>[2]): void {
    this.end(readingFailed(this.start.topic, this.start.partition, failure));
  }

  private isOver(): boolean {
    return this.subscriber.closed;
  }

  /** What has come is emitted before. */
  private end(error: Error): void {
    this.emit();
    this.subscriber.error(error);
  }
}
