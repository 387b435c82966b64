import { EventLogError } from '@rxforce/core/model';
import type { KafkaConnection } from './kafka-connection.js';

/** The offsets of a partition. */
export interface PartitionBounds {
  /** Of the oldest entry that is kept. */
  readonly low: bigint;
  /** Of the next entry that will come. */
  readonly high: bigint;
}

/** The offsets of all partitions of a topic. */
type TopicBounds = ReadonlyMap<number, PartitionBounds>;

/** The calls for one topic: one under way, and at most one that begins after it. */
interface Calls {
  running: Promise<TopicBounds>;
  next: Promise<TopicBounds> | undefined;
}

/** Looks where partitions begin and end. Many readings ask at the same time, and share a call. */
export class BoundsLookup {
  private readonly calls = new Map<string, Calls>();

  constructor(private readonly connection: KafkaConnection) {}

  /** The bounds of a partition, as they are after this call was made. Rejects with an `EventLogError`. */
  async of(topic: string, partition: number): Promise<PartitionBounds> {
    const bounds = (await this.ofTopic(topic)).get(partition);
    if (bounds) return bounds;
    throw new EventLogError(`Kafka has told nothing of partition ${partition} of ${topic}. It is asked again.`, {
      topic,
    });
  }

  private ofTopic(topic: string): Promise<TopicBounds> {
    const calls = this.calls.get(topic);
    if (!calls) return this.begin(topic);
    // One that is under way may have been answered before this one was made.
    calls.next ??= calls.running.then(
      () => this.begin(topic),
      () => this.begin(topic),
    );
    return calls.next;
  }

  private begin(topic: string): Promise<TopicBounds> {
    const running = this.ask(topic);
    const calls: Calls = { running, next: undefined };
    this.calls.set(topic, calls);
    const ended = () => {
      if (calls.next === undefined && this.calls.get(topic) === calls) this.calls.delete(topic);
    };
    running.then(ended, ended);
    return running;
  }

  private async ask(topic: string): Promise<TopicBounds> {
    const what = `Reading the offsets of the topic ${topic}`;
    const found = await this.connection.ask(what, (admin) => admin.fetchTopicOffsets(topic));
    return new Map(found.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]));
  }
}
