import { defer, mergeMap, type Observable } from 'rxjs';
import type { EventLog, LogEntry, LogInfo, LogLag, LogResponse, LogStart } from '@rxforce/core';
import { ConfigurationError, kindOf, type ReplayId } from '@rxforce/core/model';
import { KafkaConnection, type KafkaSource } from './kafka-connection.js';
import { resolveKafkaLogOptions, type KafkaLogOptions, type KafkaLogRules } from './kafka-log-options.js';
import { KafkaTopics } from './kafka-topics.js';
import { invalidPosition, mismatch, noPartition } from './log-errors.js';
import { messageOf, requestsOf } from './log-message.js';
import { offsetOf } from './log-position.js';
import { logReading } from './log-reading.js';
import { SchemaTable } from './schema-table.js';
import { BoundsLookup } from './topic-bounds.js';
import { TopicReaders } from './topic-readers.js';
import { TopicWriter } from './topic-writer.js';

const DEFAULT_PARTITIONS = 32;
/** How long nothing may come although there are entries, in milliseconds: longer than a group takes to settle. */
const STALLED_MS = 90_000;
/** How long schemas may take to come, in milliseconds. */
const SCHEMAS_MS = 60_000;

/**
 * Makes an event log on Kafka: a Kafka topic for each topic of Salesforce. `relayTo()` fills it, and
 * `createLogClient()` reads it. **Experimental**: it has run against a mock of Kafka only.
 *
 * **It knows no fence.** Two relays that run at the same time both append: give them one lease, so that this is short.
 * Entries may be in Kafka several times. A reader leaves out what is among the last 1,000 entries of its partition, so
 * that a worker gets each event once, and in order, unless more than that lies between.
 *
 * - Appending: with `acks=all`, one request at a time for each topic.
 * - Reading: one consumer for each topic that is read, alone in a group of its own, which takes some seconds to begin.
 *   Kafka keeps no positions: they are in the replay store.
 * - Kafka away, or silent: each call rejects after `timeoutMs`; the error is retriable if the failure may be temporary.
 * - Memory: of each partition that is read, up to 256 KiB that Kafka sent and nobody has wanted yet.
 *
 * @param kafka - A client of kafkajs. The log makes its own connections with it, which `close()` ends.
 * @throws `ConfigurationError` when an option is not valid.
 */
export function kafkaLog(kafka: KafkaSource, options: KafkaLogOptions): EventLog {
  if (typeof (Object(kafka) as Partial<KafkaSource>).consumer !== 'function') {
    throw new ConfigurationError(
      `kafkaLog() got ${kindOf(kafka)}, but needs a client of kafkajs: new Kafka({ brokers }).`,
    );
  }
  return new LogOnKafka(kafka, resolveKafkaLogOptions(options));
}

class LogOnKafka implements EventLog {
  private readonly connection: KafkaConnection;
  private readonly topics: KafkaTopics;
  private readonly bounds: BoundsLookup;
  private readonly readers: TopicReaders;
  private readonly schemas: SchemaTable;
  private readonly writers = new Map<string, TopicWriter>();
  private info: LogInfo | undefined;

  constructor(
    kafka: KafkaSource,
    private readonly rules: KafkaLogRules,
  ) {
    const { name, timeoutMs } = rules;
    const connection = new KafkaConnection(kafka, timeoutMs);
    this.connection = connection;
    this.topics = new KafkaTopics(connection, rules);
    this.bounds = new BoundsLookup(connection);
    this.readers = new TopicReaders(connection, `${name}.reader-`);
    const { topics, bounds, readers } = this;
    this.schemas = new SchemaTable({ connection, topics, bounds, readers, timeoutMs, readMs: SCHEMAS_MS });
  }

  async open(): Promise<LogInfo> {
    const { name, partitions: given } = this.rules;
    const partitions = await this.topics.openSchemas(given ?? DEFAULT_PARTITIONS);
    if (given !== undefined && given !== partitions) throw mismatch(name, given, partitions);
    this.info = { id: `kafka:${name}`, partitions };
    return this.info;
  }

  async append(topic: string, entries: readonly LogEntry[]): Promise<number> {
    if (entries.length === 0) return 0;
    const name = await this.topicFor(topic, ...entries.map(({ partition }) => partition));
    const writer = this.writers.get(name) ?? new TopicWriter(this.connection, name, this.rules.timeoutMs);
    this.writers.set(name, writer);
    let durable = 0;
    for (const request of requestsOf(entries)) {
      try {
        await writer.send(request.map(messageOf));
      } catch (error) {
        // The next call begins with what was refused, and then rejects.
        if (durable > 0) return durable;
        throw error;
      }
      durable += request.length;
    }
    return durable;
  }

  async putSchema(id: string, json: string): Promise<void> {
    await this.schemas.keep(id, json, await this.partitions());
  }

  async schema(id: string): Promise<string | undefined> {
    return this.schemas.find(id, await this.partitions());
  }

  read(start: LogStart, demand: Observable<number>): Observable<LogResponse> {
    const { bounds, readers } = this;
    const { keepaliveMs } = this.rules;
    return defer(() => this.placeOf(start)).pipe(
      mergeMap(({ name, partitions }) => {
        const parts = {
          bounds: () => bounds.of(name, start.partition),
          seat: (reader: Parameters<TopicReaders['seat']>[2]) => readers.seat(name, partitions, reader),
        };
        return logReading({ ...parts, keepaliveMs, stalledMs: STALLED_MS }, start, demand);
      }),
    );
  }

  /** Kafka does not tell when an entry was appended without reading it, so `oldestAt` is never known. */
  async lag(topic: string, partition: number, position: ReplayId | undefined): Promise<LogLag> {
    const name = await this.topicFor(topic, partition);
    const offset = position && offsetOf(position);
    if (position !== undefined && offset === undefined) throw invalidPosition(topic, partition, position, 'foreign');
    const { low, high } = await this.bounds.of(name, partition);
    const next = offset === undefined || offset + 1n < low ? low : offset + 1n;
    return { events: next < high ? Number(high - next) : 0, oldestAt: undefined };
  }

  async close(): Promise<void> {
    const { connection, writers, readers, schemas } = this;
    const all = [
      connection.close(),
      readers.close(),
      schemas.close(),
      ...[...writers.values()].map((each) => each.close()),
    ];
    await connection.bounded(Promise.all(all));
  }

  private async partitions(): Promise<number> {
    return (this.info ?? (await this.open())).partitions;
  }

  private async placeOf({ topic, partition }: LogStart) {
    return { name: await this.topicFor(topic, partition), partitions: await this.partitions() };
  }

  /** The Kafka topic of a topic, which is there, and has these partitions. */
  private async topicFor(topic: string, ...wanted: readonly number[]): Promise<string> {
    const partitions = await this.partitions();
    for (const partition of wanted) {
      const isThere = Number.isInteger(partition) && partition >= 0 && partition < partitions;
      if (!isThere) throw noPartition(this.rules.name, partition);
    }
    const name = this.topics.nameOf(topic);
    await this.topics.ensure(name, partitions);
    return name;
  }
}
