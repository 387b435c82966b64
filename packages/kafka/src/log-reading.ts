import type { Observable, Subscriber } from 'rxjs';
import type { KafkaMessage } from 'kafkajs';
import type { LoggedEntry, LogResponse, LogStart } from '@rxforce/core';
import { readByDemand, type LogReader, type PositionProblem } from '@rxforce/core/internal';
import { ReplayId } from '@rxforce/core/model';
import { foreignMessage, invalidPosition, stalled } from './log-errors.js';
import { entryOf } from './log-message.js';
import { offsetOf, positionOf } from './log-position.js';
import { RECENT, RecentEntries } from './recent-entries.js';
import type { PartitionBounds } from './topic-bounds.js';
import type { PartitionPlace, PartitionReader } from './topic-consumer.js';

/** Most entries of one response. */
const MOST_AT_ONCE = 200;
/** More are fetched once fewer than these wait to be wanted. */
const FETCH_BELOW = 200;

/** The parts of a reading. */
export interface LogReadingParts {
  /** Where the partition begins and ends now. */
  readonly bounds: () => Promise<PartitionBounds>;
  /** Has the partition read. */
  readonly seat: (reader: PartitionReader) => PartitionPlace;
  /** Longest time without a response, in milliseconds. */
  readonly keepaliveMs: number;
  /** How long nothing may come although there are entries, in milliseconds. */
  readonly stalledMs: number;
}

/** Reads one partition, as `EventLog.read`. */
export function logReading(
  parts: LogReadingParts,
  start: LogStart,
  demand: Observable<number>,
): Observable<LogResponse> {
  return readByDemand(demand, (subscriber) => new LogReading(parts, start, subscriber));
}

/**
 * One reading of one partition. Kafka answers with as much as it likes: what is not wanted yet waits here. Entries that
 * come again are not emitted. To recognize them, it begins to fetch up to 1,000 entries before its start.
 */
class LogReading implements LogReader, PartitionReader {
  readonly partition: number;
  fetched = 0n;
  /** The offset of the first entry that may be emitted. */
  private first = 0n;
  private wanted = 0;
  /** Nothing is fetched before something is wanted. */
  private hasWanted = false;
  private readonly waiting: LoggedEntry[] = [];
  private readonly recent = new RecentEntries();
  private place: PartitionPlace | undefined;
  private isDue = false;
  private timer: NodeJS.Timeout | undefined;
  /** How far it was when it was found to be behind, and when that was. */
  private behind: { readonly at: bigint; readonly since: number } | undefined;

  constructor(
    private readonly parts: LogReadingParts,
    private readonly start: LogStart,
    private readonly subscriber: Subscriber<LogResponse>,
  ) {
    this.partition = start.partition;
  }

  async begin(): Promise<void> {
    try {
      const bounds = await this.parts.bounds();
      if (this.subscriber.closed) return;
      this.first = this.firstOf(bounds);
      const back = this.first - BigInt(RECENT);
      this.fetched = back > bounds.low ? back : bounds.low;
      this.respond([], bounds.high, this.start.from === 'earliest' ? Number(bounds.low) : 0);
      this.sit();
    } catch (error) {
      this.fail(error);
    }
  }

  want(count: number): void {
    this.wanted += count;
    this.hasWanted ||= count > 0;
    this.flushLater();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.place?.leave();
  }

  async take(messages: readonly KafkaMessage[]): Promise<void> {
    try {
      const [first] = messages;
      // kafkajs goes on at the oldest entry where those that it asks for are gone.
      if (first !== undefined && BigInt(first.offset) > this.reached) {
        this.checkKept(await this.parts.bounds(), this.reached);
      }
      if (this.subscriber.closed) return;
      messages.forEach((message) => this.add(message));
      this.flushLater();
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    this.subscriber.error(error);
  }

  /** Up to here, nothing more is to come. */
  private get reached(): bigint {
    return this.fetched > this.first ? this.fetched : this.first;
  }

  /** Unless the first response has ended it. */
  private sit(): void {
    if (this.subscriber.closed) return;
    this.place = this.parts.seat(this);
    this.fetchOrNot();
  }

  private firstOf({ low, high }: PartitionBounds): bigint {
    const { from } = this.start;
    if (!ReplayId.is(from)) return from === 'earliest' ? low : high;
    const offset = offsetOf(from);
    if (offset === undefined) throw this.invalid(from, 'foreign');
    this.first = offset + 1n;
    this.checkKept({ low, high }, this.first);
    return this.first;
  }

  private checkKept({ low, high }: PartitionBounds, next: bigint): void {
    if (low > next) throw this.invalid(this.positionBefore(next), 'dropped');
    if (high < next) throw this.invalid(this.positionBefore(next), 'beyond');
  }

  private add(message: KafkaMessage): void {
    const { topic, partition } = this.start;
    const entry = entryOf(message, partition);
    if (entry === undefined) throw foreignMessage(topic, partition, message.offset);
    const isNew = !this.recent.seen(entry);
    if (isNew && entry.version >= this.first) this.waiting.push(entry);
    this.fetched = entry.version + 1n;
  }

  /** In a later turn, so that what is wanted in this one is emitted together, and nothing is emitted in `subscribe`. */
  private flushLater(): void {
    if (this.isDue) return;
    this.isDue = true;
    setImmediate(() => {
      this.isDue = false;
      this.flush();
    });
  }

  private flush(): void {
    while (this.wanted > 0 && this.waiting.length > 0 && !this.subscriber.closed) {
      const entries = this.waiting.splice(0, Math.min(this.wanted, MOST_AT_ONCE));
      this.wanted -= entries.length;
      this.respond(entries);
    }
    if (!this.subscriber.closed) this.fetchOrNot();
  }

  private fetchOrNot(): void {
    this.place?.setFetching(this.hasWanted && this.waiting.length < FETCH_BELOW);
  }

  /**
   * @param high - Where the partition ends. `undefined` where that is not known.
   * @param dropped - How many entries were dropped before the start.
   */
  private respond(entries: readonly LoggedEntry[], high?: bigint, dropped = 0): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.lookAgain(), this.parts.keepaliveMs);
    const isAtEnd = high === this.reached && high > 0n && this.waiting.length === 0;
    const latest = isAtEnd ? positionOf(high - 1n) : undefined;
    this.subscriber.next({ entries, latest, ...(dropped > 0 && { dropped }) });
  }

  /** Nothing has come for a while: asks Kafka whether that is so, and says that the reading lives. */
  private async lookAgain(): Promise<void> {
    const { reached } = this;
    try {
      const bounds = await this.parts.bounds();
      if (this.subscriber.closed) return;
      this.checkKept(bounds, reached);
      this.checkProgress(bounds, reached);
      this.respond([], bounds.high);
    } catch (error) {
      this.fail(error);
    }
  }

  private checkProgress({ high }: PartitionBounds, at: bigint): void {
    const { stalledMs } = this.parts;
    const { topic, partition } = this.start;
    const isBehind = high > at && this.wanted > 0 && this.waiting.length === 0 && at === this.reached;
    if (!isBehind) this.behind = undefined;
    else if (this.behind?.at !== at) this.behind = { at, since: Date.now() };
    else if (Date.now() - this.behind.since >= stalledMs) {
      this.place?.leave();
      this.place?.giveUp();
      throw stalled(topic, partition, stalledMs);
    }
  }

  private positionBefore(next: bigint): ReplayId {
    const { from } = this.start;
    return ReplayId.is(from) && next === this.first ? from : positionOf(next > 0n ? next - 1n : 0n);
  }

  private invalid(position: ReplayId, problem: PositionProblem): Error {
    return invalidPosition(this.start.topic, this.start.partition, position, problem);
  }
}
