import type { Observable, Subscriber } from 'rxjs';
import type { LogResponse, LogStart } from '@rxforce/core';
import { readByDemand, type LogReader, type PositionProblem } from '@rxforce/core/internal';
import { ReplayId } from '@rxforce/core/model';
import { loggedEntry, type StreamEntry } from './log-entry-fields.js';
import { invalidPosition, logFailure } from './log-errors.js';
import type { TopicKeys } from './log-keys.js';
import { idOf, positionOf } from './log-position.js';
import { READ } from './log-scripts.js';
import type { LogWaker } from './log-waker.js';
import type { RedisConnection } from './redis-connection.js';

/** Most entries of one call. A larger answer holds up the calls of other partitions. */
const MOST_AT_ONCE = 200;

/** As the script answers. The last one is there where the position is valid. */
type ReadAnswer = readonly [
  status: Buffer,
  after: Buffer,
  top: Buffer,
  entries: readonly StreamEntry[],
  dropped: Buffer | undefined,
];

/** The parts of a reading. */
export interface LogReadingParts {
  readonly connection: RedisConnection;
  readonly keys: TopicKeys;
  readonly waker: LogWaker;
  /** Longest time without a response, in milliseconds. */
  readonly keepaliveMs: number;
  /** Tells the readings of this process apart. */
  readonly number: number;
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
 * One reading of one partition. It makes one call at a time. With demand, and nothing there, it waits for the waker;
 * and it always looks by itself before `keepaliveMs` have passed.
 */
class LogReading implements LogReader {
  /** The id that was read last, or where to begin. */
  private from: string;
  private wanted = 0;
  private isReading = false;
  /** Whether something has happened since the call under way was made. */
  private isDue = false;
  /** Whether it has read to the end, as it was when the last call was made. */
  private isAtEnd = false;
  private hasBegun = false;
  /** Whether a response is due, whatever it has. */
  private isKeepalive = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly name: string;
  private readonly end: () => void;

  constructor(
    private readonly parts: LogReadingParts,
    private readonly start: LogStart,
    private readonly subscriber: Subscriber<LogResponse>,
  ) {
    this.name = `${parts.number} ${parts.keys.stream(start.partition)}`;
    this.end = parts.waker.begin();
    this.from = ReplayId.is(start.from) ? (idOf(start.from) ?? '') : start.from;
  }

  begin(): void {
    if (this.from === '') this.invalid('foreign');
    else this.readLater();
  }

  want(count: number): void {
    this.wanted += count;
    // At the end, the waker tells when something comes.
    if (this.isAtEnd && !this.isReading) this.await();
    else this.readLater();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.parts.waker.forget(this.name);
    this.end();
  }

  /**
   * In a later turn, so that what is wanted in this one is asked for in one call, and nothing is emitted in
   * `subscribe`.
   */
  private readLater(): void {
    this.isDue = true;
    if (this.isReading) return;
    this.isReading = true;
    setImmediate(() => void this.readWhileDue());
  }

  private async readWhileDue(): Promise<void> {
    while (this.isDue && !this.subscriber.closed) {
      this.isDue = false;
      await this.read();
    }
    this.isReading = false;
    if (!this.subscriber.closed && this.isAtEnd) this.await();
  }

  private async read(): Promise<void> {
    const { connection, keys } = this.parts;
    const { topic, partition } = this.start;
    const most = Math.min(this.wanted, MOST_AT_ONCE);
    this.keepAlive();
    const stream = keys.stream(partition);
    const answer = await connection.runForBytes(READ, [keys.state, stream], [partition, this.from, most], {
      lane: this.name,
    });
    if (this.subscriber.closed) return;
    if (answer.err) {
      this.subscriber.error(logFailure(`Reading partition ${partition} of ${topic}`, answer.val));
      return;
    }
    const [status, after, top, entries, dropped] = answer.val as ReadAnswer;
    if (status.toString() !== 'read') this.invalid(status.toString() as PositionProblem);
    else this.take(after.toString(), top.toString(), entries, Number(dropped));
  }

  private take(after: string, top: string, found: readonly StreamEntry[], dropped: number): void {
    const entries = found.map((entry) => loggedEntry(entry, this.start.partition));
    this.from = found.at(-1)?.[0].toString() ?? after;
    this.wanted -= entries.length;
    this.isAtEnd = this.from === top;
    // What was wanted may be more than one call brings.
    if (!this.isAtEnd && this.wanted > 0) this.isDue = true;
    const isFirst = !this.hasBegun;
    this.hasBegun = true;
    if (entries.length === 0 && !isFirst && !this.isKeepalive) return;
    this.isKeepalive = false;
    const latest = this.isAtEnd && top !== '0-0' ? positionOf(top) : undefined;
    this.subscriber.next({
      ...{ entries, latest: entries.length === 0 ? latest : undefined },
      ...(dropped > 0 && { dropped }),
    });
  }

  private keepAlive(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.isKeepalive = true;
      this.readLater();
    }, this.parts.keepaliveMs);
  }

  private await(): void {
    if (this.wanted > 0) this.parts.waker.wait(this.name, this.from, () => this.readLater());
  }

  private invalid(problem: PositionProblem): void {
    const { topic, partition, from } = this.start;
    const position = ReplayId.is(from) && !this.hasBegun ? from : positionOf(this.from);
    this.subscriber.error(invalidPosition(topic, partition, position, problem));
  }
}
