import { fnv1a } from '@rxforce/core/internal';
import { EventLogError } from '@rxforce/core/model';
import type { KafkaConnection } from './kafka-connection.js';
import type { KafkaTopics } from './kafka-topics.js';
import { SchemaReader } from './schema-reader.js';
import type { BoundsLookup } from './topic-bounds.js';
import type { TopicReaders } from './topic-readers.js';
import { TopicWriter } from './topic-writer.js';

/** The parts of a table. */
export interface SchemaTableParts {
  readonly connection: KafkaConnection;
  readonly topics: KafkaTopics;
  readonly bounds: BoundsLookup;
  readonly readers: TopicReaders;
  readonly timeoutMs: number;
  /** How long reading what is there may take, in milliseconds. A new consumer alone takes some seconds to begin. */
  readonly readMs: number;
}

/** The schemas of a log, in a compacted topic: the id is the key, and its hash chooses the partition. */
export class SchemaTable {
  private readonly partitions = new Map<number, SchemaReader>();
  private writer: TopicWriter | undefined;

  constructor(private readonly parts: SchemaTableParts) {}

  /**
   * The schema of an id, as the log has it now. Rejects with an `EventLogError`.
   *
   * @param partitions - How many the log has.
   */
  async find(id: string, partitions: number): Promise<string | undefined> {
    const { topics, bounds } = this.parts;
    const reader = this.readerOf(id, partitions);
    const known = reader.find(id);
    if (known !== undefined) return known;
    const { low, high } = await bounds.of(topics.schemas, reader.partition);
    // Nothing is there, or nothing any more.
    if (low < high) await this.read(reader, high);
    return reader.find(id);
  }

  /** Keeps a schema, where there is none of its id. Rejects with an `EventLogError`. */
  async keep(id: string, json: string, partitions: number): Promise<void> {
    if ((await this.find(id, partitions)) !== undefined) return;
    const { connection, topics, timeoutMs } = this.parts;
    this.writer ??= new TopicWriter(connection, topics.schemas, timeoutMs);
    await this.writer.send([{ partition: partitionFor(id, partitions), key: id, value: json }]);
  }

  /** Disconnects. Never rejects. */
  async close(): Promise<void> {
    await this.writer?.close();
  }

  private readerOf(id: string, partitions: number): SchemaReader {
    const { topics, readers } = this.parts;
    const partition = partitionFor(id, partitions);
    const reader =
      this.partitions.get(partition) ??
      new SchemaReader(partition, (own) => readers.seat(topics.schemas, partitions, own));
    this.partitions.set(partition, reader);
    return reader;
  }

  private async read(reader: SchemaReader, high: bigint): Promise<void> {
    const { readMs } = this.parts;
    const timer = setTimeout(() => reader.giveUp(tooLate(readMs)), readMs);
    await reader.readUpTo(high).finally(() => clearTimeout(timer));
  }
}

function tooLate(ms: number): EventLogError {
  return new EventLogError(
    `The schemas of the log on Kafka did not come within ${ms / 1_000} s. They are read again, by another consumer.`,
  );
}

function partitionFor(id: string, partitions: number): number {
  return fnv1a(id) % partitions;
}
