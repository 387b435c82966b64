import { defer, mergeMap, type Observable } from 'rxjs';
import type {
  DroppedUnread,
  EventLog,
  GroupPosition,
  LogEntry,
  LogInfo,
  LogLag,
  LogResponse,
  LogStart,
} from '@rxforce/core';
import { LONGEST_TIMER_MS, wholeNumber } from '@rxforce/core/internal';
import { ConfigurationError, kindOf, type ReplayId } from '@rxforce/core/model';
import { invalidPosition, logFailure, mismatch, noPartition } from './log-errors.js';
import { logKeys, type LogKeys } from './log-keys.js';
import { idOf, timeOf } from './log-position.js';
import { logReading } from './log-reading.js';
import { GET_SCHEMA, LAG, OPEN_LOG, PUT_SCHEMA, REACHED_BY_GROUP } from './log-scripts.js';
import { LogWaker } from './log-waker.js';
import { LogWriter } from './log-writer.js';
import { RedisConnection, type RedisConnectionOptions, type RedisSource } from './redis-connection.js';
import type { RedisScript } from './redis-script.js';

/** How a `redisLog` keeps events. */
export interface RedisLogOptions extends RedisConnectionOptions {
  /** The name of the log. A log of another name has its own events and its own positions. */
  readonly name: string;
  /**
   * How many partitions a new log gets, from 1 to 1,024: more than there will ever be workers. It is fixed for good.
   * Given for a log that is there, it must be the number that it has.
   *
   * @defaultValue the number that the log has; 32 for a new one
   */
  readonly partitions?: number;
  /**
   * How long entries are kept, in milliseconds, from 1. Entries that a group of readers has not read yet are kept for
   * longer.
   *
   * @defaultValue 604_800_000, which is 7 days
   */
  readonly retentionMs?: number;
  /**
   * Most entries of one partition of a topic, at least 1: the hard bound of what Redis keeps. The oldest are dropped,
   * read or not. A reader whose entries were dropped errors with `replay-id-invalid`.
   *
   * @defaultValue 100_000, some 40 MB of small events
   */
  readonly maxEntries?: number;
  /**
   * Longest time without a sign of life for a reader, in milliseconds, from 1 to 60,000.
   *
   * @defaultValue 10_000
   */
  readonly keepaliveMs?: number;
}

/** A log on Redis. */
export interface RedisLog extends Required<EventLog> {
  /**
   * Looks what is there of the log, and makes none: `undefined` where it was never opened. Rejects as `open()` does,
   * also where it has another number of partitions.
   */
  find(): Promise<LogInfo | undefined>;
  /** Closes the connection, if the log made it from options. Never rejects. */
  close(): Promise<void>;
}

const DEFAULT_PARTITIONS = 32;
const MOST_PARTITIONS = 1_024;
const WEEK_MS = 7 * 24 * 3_600_000;
const LONGEST_KEEPALIVE_MS = 60_000;

/**
 * Makes an event log on Redis: a stream for each partition of each topic. `relayTo()` fills it, and `createLogClient()`
 * reads it.
 *
 * **The log is as durable as Redis is.** Redis must not delete its keys (`maxmemory-policy noeviction`), and should
 * append its writes to a file. Where Redis loses its last writes, as in a failover, the position of the relay must be
 * lost with them: keep it on the same Redis, by `redisReplayStore()`. The events are then relayed again.
 *
 * - Appending: one script for each call, so that all its entries are durable or none. It compares the fencing token of
 *   the writer, and leaves out what is there.
 * - Reading: one connection more for each topic that is read, which waits for entries of all partitions.
 * - Redis away, or silent: each call rejects after `timeoutMs`; the error is retriable if the failure may be temporary.
 * - Memory: some 70 bytes more than its payload for each event. All partitions of a topic are on one node of a cluster.
 *
 * @param redis - A client of ioredis, which the caller closes; or the options of one.
 * @throws `ConfigurationError` when an option is not valid.
 */
export function redisLog(redis: RedisSource, options: RedisLogOptions): RedisLog {
  return new LogOnRedis(redis, options);
}

class LogOnRedis implements RedisLog {
  readonly dropped$: Observable<DroppedUnread>;
  private readonly connection: RedisConnection;
  private readonly keys: LogKeys;
  private readonly name: string;
  private readonly partitions: number | undefined;
  private readonly keepaliveMs: number;
  private readonly writer: LogWriter;
  private readonly wakers = new Map<string, LogWaker>();
  private readings = 0;
  private info: LogInfo | undefined;

  constructor(redis: RedisSource, options: RedisLogOptions) {
    const { name, partitions, retentionMs = WEEK_MS, maxEntries = 100_000, keepaliveMs = 10_000 } = options;
    if (typeof name !== 'string' || name === '') {
      throw new ConfigurationError(`redisLog() got name ${kindOf(name)}, but it must be a text, and not empty.`);
    }
    this.name = name;
    this.partitions = partitions && wholeNumber('partitions', partitions, 1, MOST_PARTITIONS);
    if (partitions === 0) wholeNumber('partitions', partitions, 1, MOST_PARTITIONS);
    this.keepaliveMs = wholeNumber('keepaliveMs', keepaliveMs, 1, LONGEST_KEEPALIVE_MS);
    this.connection = new RedisConnection(redis, options);
    this.keys = logKeys(this.connection.prefix, name);
    this.writer = new LogWriter(this.connection, this.keys, name, {
      maxEntries: wholeNumber('maxEntries', maxEntries, 1, LONGEST_TIMER_MS),
      retentionMs: wholeNumber('retentionMs', retentionMs, 1),
    });
    this.dropped$ = this.writer.dropped$.asObservable();
  }

  async open(): Promise<LogInfo> {
    this.info = this.infoOf(await this.partitionsOf(this.partitions ?? DEFAULT_PARTITIONS));
    return this.info;
  }

  async find(): Promise<LogInfo | undefined> {
    const found = await this.partitionsOf('');
    return found === '' ? undefined : this.infoOf(found);
  }

  async append(topic: string, entries: readonly LogEntry[], fence?: number): Promise<number> {
    for (const { partition } of entries) await this.check(partition);
    return this.writer.append(topic, entries, fence);
  }

  async putSchema(id: string, json: string): Promise<void> {
    await this.run(`Keeping the schema ${id}`, PUT_SCHEMA, [this.keys.schemas], [id, json]);
  }

  async schema(id: string): Promise<string | undefined> {
    const found = await this.run(`Reading the schema ${id}`, GET_SCHEMA, [this.keys.schemas], [id]);
    return typeof found === 'string' ? found : undefined;
  }

  read(start: LogStart, demand: Observable<number>): Observable<LogResponse> {
    const { connection, keepaliveMs } = this;
    const waker = this.wakers.get(start.topic) ?? new LogWaker(connection);
    this.wakers.set(start.topic, waker);
    const keys = this.keys.topic(start.topic);
    return defer(() => this.check(start.partition)).pipe(
      mergeMap(() => logReading({ connection, keys, waker, keepaliveMs, number: ++this.readings }, start, demand)),
    );
  }

  async lag(topic: string, partition: number, position: ReplayId | undefined): Promise<LogLag> {
    await this.check(partition);
    const id = position === undefined ? '0-0' : idOf(position);
    if (position !== undefined && id === undefined) throw invalidPosition(topic, partition, position, 'foreign');
    const keys = this.keys.topic(topic);
    const answer = await this.run(
      ...([`Reading how far partition ${partition} of ${topic} has got`, LAG] as const),
      ...([
        [keys.state, keys.stream(partition)],
        [partition, id ?? ''],
      ] as const),
    );
    const [count = '0', first = '', firstId = ''] = answer as readonly string[];
    if (first === '') return { events: 0, oldestAt: undefined };
    return { events: Number(count) - Number(first) + 1, oldestAt: timeOf(firstId) };
  }

  async reached({ topic, partition, group, position }: GroupPosition): Promise<void> {
    const id = idOf(position);
    if (id === undefined) return;
    const key = this.keys.topic(topic).groups(partition);
    await this.run(`Noting the position of "${group}"`, REACHED_BY_GROUP, [key], [group, id]);
  }

  close(): Promise<void> {
    this.wakers.forEach((waker) => waker.close());
    return this.connection.close();
  }

  /** @param wanted - How many a new log gets; an empty text makes none. */
  private async partitionsOf(wanted: number | ''): Promise<string> {
    return String(await this.run(`Opening the log "${this.name}"`, OPEN_LOG, [this.keys.log], [wanted]));
  }

  private infoOf(found: string): LogInfo {
    if (this.partitions !== undefined && found !== String(this.partitions)) {
      throw mismatch(this.name, this.partitions, found);
    }
    return { id: `log:${this.name}`, partitions: Number(found) };
  }

  private async check(partition: number): Promise<void> {
    const { partitions } = this.info ?? (await this.open());
    const isThere = Number.isInteger(partition) && partition >= 0 && partition < partitions;
    if (!isThere) throw noPartition(this.name, partition);
  }

  private async run(
    what: string,
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    const answer = await this.connection.run(script, keys, args, { lane: keys.join(' ') });
    if (answer.err) throw logFailure(what, answer.val);
    return answer.val;
  }
}
