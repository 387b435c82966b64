import type { KafkaConnection } from './kafka-connection.js';
import { TopicConsumer, type PartitionPlace, type PartitionReader } from './topic-consumer.js';

/** Gives each reader of a partition a consumer: one for each topic, and another one where a partition is read twice. */
export class TopicReaders {
  private readonly consumers = new Map<string, TopicConsumer[]>();

  /** @param groups - What the names of consumer groups begin with. */
  constructor(
    private readonly connection: KafkaConnection,
    private readonly groups: string,
  ) {}

  /**
   * Has a partition read. The consumer goes on until the log is closed, as the next reader would wait for a new one.
   */
  seat(topic: string, partitions: number, reader: PartitionReader): PartitionPlace {
    const known = this.consumers.get(topic) ?? [];
    const free = known.find((consumer) => !consumer.has(reader.partition));
    if (free) return free.seat(reader);
    const made: TopicConsumer = new TopicConsumer(this.connection, topic, partitions, this.groups, () => {
      const left = (this.consumers.get(topic) ?? []).filter((consumer) => consumer !== made);
      this.consumers.set(topic, left);
    });
    this.consumers.set(topic, [...known, made]);
    return made.seat(reader);
  }

  /** Ends all consumers. Never rejects. */
  async close(): Promise<void> {
    const all = [...this.consumers.values()].flat();
    await Promise.all(all.map((consumer) => consumer.close()));
  }
}
