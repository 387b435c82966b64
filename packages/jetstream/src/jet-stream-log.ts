import { defer, mergeMap, type Observable } from 'rxjs';
import type { EventLog, LogEntry, LogInfo, LogLag, LogResponse, LogStart } from '@rxforce/core';
import { LONGEST_TIMER_MS, wholeNumber } from '@rxforce/core/internal';
import type { ReplayId, Result } from '@rxforce/core/model';
import { Bucket } from './bucket.js';
import { JetStreamConnection, type JetStreamOptions, type NatsSource } from './jet-stream-connection.js';
import { placeIn } from './log-entry-headers.js';
import { invalidPosition, logFailure, mismatch, noPartition } from './log-errors.js';
import { sequenceIn } from './log-position.js';
import { logReading } from './log-reading.js';
import { LogStreams } from './log-streams.js';
import { LogWriter } from './log-writer.js';
import { checkedName, token } from './names.js';
import type { NatsFailure } from './nats-failure.js';

/** How a `jetStreamLog` keeps events. */
export interface JetStreamLogOptions extends JetStreamOptions {
  /**
   * The name of the log. A log of another name has its own events and its own positions. Letters, digits, `_` and `-`.
   */
  readonly name: string;
  /**
   * How many partitions a new log gets, from 1 to 1,024: more than there will ever be workers. It is fixed for good.
   * Given for a log that is there, it must be the number that it has.
   *
   * @defaultValue the number that the log has; 32 for a new one
   */
  readonly partitions?: number;
  /**
   * How long entries are kept, in milliseconds, from 100, read or not. A reader whose entries were dropped errors with
   * `replay-id-invalid`. A writer that gives it changes what is there.
   *
   * @defaultValue what the topic's stream has; 604_800_000, which is 7 days, for a new one
   */
  readonly retentionMs?: number;
  /**
   * Most entries of one partition of a topic, at least 1. The oldest are dropped. A writer that gives it changes what
   * is there.
   *
   * @defaultValue what the topic's stream has; no bound for a new one
   */
  readonly maxEntries?: number;
  /**
   * Most bytes of one topic, at least 1. The oldest entries are dropped. A writer that gives it changes what is there.
   *
   * @defaultValue what the topic's stream has; no bound for a new one
   */
  readonly maxBytes?: number;
  /**
   * Longest time without a sign of life for a reader, in milliseconds, from 1 to 60,000.
   *
   * @defaultValue 10_000
   */
  readonly keepaliveMs?: number;
}

/** A log on JetStream. */
export interface JetStreamLog extends EventLog {
  /**
   * Looks what is there of the log, and makes none: `undefined` where it was never opened. Rejects as `open()` does,
   * also where it has another number of partitions.
   */
  find(): Promise<LogInfo | undefined>;
}

const DEFAULT_PARTITIONS = 32;
const MOST_PARTITIONS = 1_024;
const LEAST_RETENTION_MS = 100;
const LONGEST_KEEPALIVE_MS = 60_000;

/**
 * Makes an event log on NATS JetStream: a stream for each topic, with a subject for each partition. `relayTo()` fills
 * it, and `createLogClient()` reads it. It works from version 2.9 of the server on.
 *
 * **The log is as durable as its stream is.** One server writes to its disk every two minutes by default
 * (`sync_interval`): what a machine that loses power has not written is lost. Give `replicas: 3`, on three machines.
 *
 * - Appending: one message for each entry, all of a call on their way together. Each says which one it follows, so what
 *   is behind a hole is refused, and so is what another writer would interleave.
 * - Reading: a consumer for each partition, in the memory of the server, which is pulled from for exactly what is
 *   wanted.
 * - JetStream away, or silent: each call rejects after `timeoutMs`; the error is retriable if the failure may be
 *   temporary.
 * - Memory: the keys of the last 1,000 entries of each partition that was appended to. In JetStream some 470 bytes more
 *   than its payload for each event.
 *
 * @param connection - What `connect()` of `@nats-io/transport-node` resolves with, or a function that connects. The
 * caller closes it.
 * @throws `ConfigurationError` when an option is not valid.
 */
export function jetStreamLog(connection: NatsSource, options: JetStreamLogOptions): JetStreamLog {
  return new LogOnJetStream(connection, options);
}

class LogOnJetStream implements JetStreamLog {
  private readonly connection: JetStreamConnection;
  private readonly logs: Bucket;
  private readonly streams: LogStreams;
  private readonly writer: LogWriter;
  private readonly name: string;
  private readonly partitions: number | undefined;
  private readonly keepaliveMs: number;
  private info: LogInfo | undefined;

  constructor(nats: NatsSource, options: JetStreamLogOptions) {
    const { name, partitions, retentionMs, maxEntries, maxBytes, replicas, keepaliveMs = 10_000 } = options;
    const whole = (option: string, value: number | undefined, least: number, most?: number) =>
      value === undefined ? undefined : wholeNumber(option, value, least, most);
    this.name = checkedName('name', name);
    this.partitions = whole('partitions', partitions, 1, MOST_PARTITIONS);
    this.keepaliveMs = wholeNumber('keepaliveMs', keepaliveMs, 1, LONGEST_KEEPALIVE_MS);
    this.connection = new JetStreamConnection(nats, options);
    this.logs = new Bucket(this.connection, { name: `${this.connection.prefix}-logs` });
    this.streams = new LogStreams(this.connection, this.name, {
      retentionMs: whole('retentionMs', retentionMs, LEAST_RETENTION_MS),
      maxEntries: whole('maxEntries', maxEntries, 1, LONGEST_TIMER_MS),
      maxBytes: whole('maxBytes', maxBytes, 1),
      replicas,
    });
    this.writer = new LogWriter(this.connection, this.streams, this.name);
  }

  async open(): Promise<LogInfo> {
    const found = await this.once(`Opening the log "${this.name}"`, 'partitions', () =>
      String(this.partitions ?? DEFAULT_PARTITIONS),
    );
    this.info = this.infoOf(found);
    return this.info;
  }

  async find(): Promise<LogInfo | undefined> {
    const what = `Looking for the log "${this.name}"`;
    if (!this.valueOf(what, await this.logs.isThere())) return undefined;
    const { value } = this.valueOf(what, await this.logs.get(`${this.name}.partitions`));
    return value === undefined ? undefined : this.infoOf(value);
  }

  async append(topic: string, entries: readonly LogEntry[], fence?: number): Promise<number> {
    for (const { partition } of entries) await this.check(partition);
    return this.writer.append(topic, entries, fence);
  }

  async putSchema(id: string, json: string): Promise<void> {
    await this.once(`Keeping the schema ${id}`, `schemas.${token(id)}`, () => json);
  }

  async schema(id: string): Promise<string | undefined> {
    const key = `${this.name}.schemas.${token(id)}`;
    return this.valueOf(`Reading the schema ${id}`, await this.logs.get(key)).value;
  }

  read(start: LogStart, demand: Observable<number>): Observable<LogResponse> {
    const { connection, streams, keepaliveMs } = this;
    return defer(() => this.check(start.partition)).pipe(
      mergeMap(() => logReading({ connection, streams, keepaliveMs }, start, demand)),
    );
  }

  async lag(topic: string, partition: number, position: ReplayId | undefined): Promise<LogLag> {
    await this.check(partition);
    const after = position === undefined ? 0 : sequenceIn(position)?.sequence;
    if (position !== undefined && after === undefined) throw invalidPosition(topic, partition, position, 'foreign');
    const what = `Reading how far partition ${partition} of ${topic} has got`;
    this.valueOf(what, await this.streams.endsFrom(topic, after ?? 0));
    const next = this.valueOf(what, await this.streams.nextOf(topic, partition, Math.min(after ?? 0, 2 ** 53 - 2)));
    const last = this.valueOf(what, await this.streams.lastOf(topic, partition));
    const [from, to] = [placeIn(next?.header), placeIn(last?.header)];
    if (next === null || from === undefined || to === undefined) return { events: 0, oldestAt: undefined };
    return { events: to.count - from.count + 1, oldestAt: next.time.getTime() };
  }

  close(): Promise<void> {
    this.connection.close();
    return Promise.resolve();
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

  /** The value of a key, which is written where nothing is there. */
  private async once(what: string, key: string, value: () => string): Promise<string> {
    const full = `${this.name}.${key}`;
    const found = this.valueOf(what, await this.logs.get(full));
    if (found.value !== undefined) return found.value;
    const wanted = value();
    const put = await this.logs.put(full, wanted, found.revision);
    if (put.ok) return wanted;
    if (put.val.kind !== 'conflict') throw logFailure(what, put.val);
    // Somebody was faster.
    return this.valueOf(what, await this.logs.get(full)).value ?? wanted;
  }

  private valueOf<T>(what: string, answer: Result<T, NatsFailure>): T {
    if (answer.err) throw logFailure(what, answer.val);
    return answer.val;
  }
}
