import type { Message, Producer } from 'kafkajs';
import type { KafkaClient } from './kafka-client.js';
import type { KafkaConnection } from './kafka-connection.js';
import { KafkaSilence, logClosed } from './kafka-failure.js';

/** All replicas that are in sync have a message before it counts as durable. */
const ALL = -1;

/**
 * Writes to one topic, one request at a time, so that what is written first is first. A request that was not answered
 * in time holds up the next ones until kafkajs has given it up. Those whose own time is up by then are never sent.
 */
export class TopicWriter {
  private readonly producer: KafkaClient<Producer>;
  private last: Promise<unknown> = Promise.resolve();
  private isClosed = false;

  constructor(
    private readonly connection: KafkaConnection,
    private readonly topic: string,
    private readonly timeoutMs: number,
  ) {
    this.producer = connection.producer();
  }

  /** Resolves when all messages are durable. Rejects with an `EventLogError`; some of them may be durable then. */
  send(messages: Message[]): Promise<void> {
    let isTooLate = false;
    const { topic, timeoutMs } = this;
    const sent = async () => {
      // It would make another producer, which nobody closes.
      if (this.isClosed) throw logClosed();
      if (isTooLate) throw new KafkaSilence('Its time was up before its turn.');
      await this.producer.use((producer) => producer.send({ topic, messages, acks: ALL, timeout: timeoutMs }));
    };
    const work = this.last.then(sent);
    this.last = work.catch(() => undefined);
    return this.connection.answered(
      `Writing to the topic ${topic}`,
      () => work,
      () => {
        isTooLate = true;
      },
    );
  }

  /** Disconnects. What waits for its turn is not sent any more. Never rejects. */
  close(): Promise<void> {
    this.isClosed = true;
    return this.producer.close();
  }
}
