import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { KafkaConnection } from './kafka-connection.js';
import { logFailure } from './log-errors.js';

/** Reads one partition, and says from where. */
export interface PartitionReader {
  readonly partition: number;
  /** The offset that comes next. */
  readonly fetched: bigint;
  /** Takes messages from `fetched` on, in order. */
  take(messages: readonly KafkaMessage[]): Promise<void> | void;
  /** The consumer is gone. */
  fail(error: unknown): void;
}

/** The place of a reader at a consumer. */
export interface PartitionPlace {
  /** Whether messages are fetched. Some that are on their way may still come after it was set to `false`. */
  setFetching(isFetching: boolean): void;
  /** Nothing comes any more. */
  leave(): void;
  /** Gives up the consumer, as it brings nothing. Its other readers fail. */
  giveUp(): void;
}

/** A reader, and whether messages are fetched for it. */
interface Seat {
  readonly reader: PartitionReader;
  isFetching: boolean;
}

/**
 * Longest wait of the brokers for messages, in milliseconds; also how long a partition waits to be among those fetched.
 */
const POLL_MS = 250;
/** Most bytes of a partition in one answer. A larger message comes nevertheless. */
const MOST_BYTES = 262_144;

/**
 * Reads partitions of one topic with a consumer of kafkajs. The consumer is alone in a group of its own, so that the
 * brokers give it all partitions, and fetches only those that have a reader who wants something. The group's positions
 * are neither used nor committed: each reader says where it is, and looks at the offset of what comes.
 */
export class TopicConsumer {
  private readonly seats = new Map<number, Seat>();
  private consumer: Consumer | undefined;
  private isRunning = false;
  private isOver = false;

  /**
   * @param groups - What the name of its group begins with.
   * @param gone - Called once, when it does not read any more.
   */
  constructor(
    private readonly connection: KafkaConnection,
    private readonly topic: string,
    private readonly partitions: number,
    private readonly groups: string,
    private readonly gone: () => void,
  ) {
    void Promise.resolve().then(() => this.run());
  }

  has(partition: number): boolean {
    return this.seats.has(partition);
  }

  /** Takes a reader of a partition that has none yet. Nothing is fetched before it says so. */
  seat(reader: PartitionReader): PartitionPlace {
    const { partition } = reader;
    const seat: Seat = { reader, isFetching: false };
    this.seats.set(partition, seat);
    this.seek(seat);
    return {
      setFetching: (isFetching) => {
        if (seat.isFetching === isFetching || this.seats.get(partition) !== seat) return;
        seat.isFetching = isFetching;
        this.fetchOrNot(partition, isFetching);
      },
      leave: () => {
        if (this.seats.get(partition) !== seat) return;
        this.seats.delete(partition);
        if (seat.isFetching) this.fetchOrNot(partition, false);
      },
      giveUp: () => this.fail(new Error('The consumer brings nothing.')),
    };
  }

  /** Leaves the group. Its readers hear nothing more. Never rejects. */
  async close(): Promise<void> {
    this.seats.clear();
    this.end();
    await this.consumer?.disconnect().catch(() => undefined);
  }

  private async run(): Promise<void> {
    try {
      const consumer = this.made();
      this.consumer = consumer;
      await consumer.connect();
      await consumer.subscribe({ topics: [this.topic], fromBeginning: true });
      if (this.isOver) throw new Error('The consumer is not needed any more.');
      const running = consumer.run({ autoCommit: false, eachBatch: (payload) => this.take(payload) });
      this.began();
      await running;
    } catch (error) {
      this.fail(error);
    }
    if (this.isOver) await this.consumer?.disconnect().catch(() => undefined);
  }

  private made(): Consumer {
    const consumer = this.connection.kafka.consumer({
      ...{ groupId: `${this.groups}${randomUUID()}`, allowAutoTopicCreation: false },
      ...{ maxWaitTimeInMs: POLL_MS, maxBytesPerPartition: MOST_BYTES },
      // Its readers are to hear of it, and ask for another one.
      retry: { retries: 3, restartOnFailure: () => Promise.resolve(false) },
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => this.fail(payload.error));
    // Where the group is joined anew, kafkajs has forgotten the offsets.
    consumer.on(consumer.events.GROUP_JOIN, () => this.seats.forEach((seat) => this.seek(seat)));
    return consumer;
  }

  /** It can be ordered about from here on, but has not joined its group yet, so that nothing is fetched before. */
  private began(): void {
    this.isRunning = true;
    for (let partition = 0; partition < this.partitions; partition++) {
      if (this.seats.get(partition)?.isFetching !== true) this.fetchOrNot(partition, false);
    }
    this.seats.forEach((seat) => this.seek(seat));
  }

  private async take(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const seat = this.seats.get(batch.partition);
    // What was fetched for an earlier reader is of no use.
    if (seat === undefined || payload.isStale()) return;
    const { reader } = seat;
    const messages = batch.messages.filter(({ offset }) => BigInt(offset) >= reader.fetched);
    if (messages.length > 0) await reader.take(messages);
    else if (batch.messages.length > 0) this.seek(seat);
  }

  private seek({ reader: { partition, fetched } }: Seat): void {
    if (this.isRunning) this.consumer?.seek({ topic: this.topic, partition, offset: String(fetched) });
  }

  private fetchOrNot(partition: number, isFetching: boolean): void {
    const { consumer, topic } = this;
    if (!this.isRunning || consumer === undefined) return;
    // Without the list of partitions, kafkajs would take all of them.
    if (isFetching) consumer.resume([{ topic, partitions: [partition] }]);
    else consumer.pause([{ topic, partitions: [partition] }]);
  }

  private fail(thrown: unknown): void {
    if (this.isOver) return;
    const seats = [...this.seats.values()];
    this.seats.clear();
    this.end();
    void this.consumer?.disconnect().catch(() => undefined);
    const failure = logFailure(`Reading the topic ${this.topic}`, thrown);
    seats.forEach(({ reader }) => reader.fail(failure));
  }

  private end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.isRunning = false;
    this.gone();
  }
}
