import { kafkaFailure } from './kafka-failure.js';

/** What connects, and is disconnected at its end: an admin or a producer of kafkajs. */
interface Connecting {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

/**
 * A client of kafkajs that is connected when it is needed first. After a failure that may pass, the next call gets
 * another one, as a client of kafkajs that has lost its brokers does not always find them again.
 */
export class KafkaClient<C extends Connecting> {
  private opened: Promise<C> | undefined;

  constructor(private readonly make: () => C) {}

  /** Calls with the client. Rejects with what the call, or the connection, rejects with. */
  async use<T>(call: (client: C) => Promise<T>): Promise<T> {
    const opened = (this.opened ??= this.open());
    let isOpen = false;
    try {
      const client = await opened;
      isOpen = true;
      return await call(client);
    } catch (error) {
      const isOfUse = isOpen && !kafkaFailure(error).retriable;
      if (this.opened === opened && !isOfUse) void this.close();
      throw error;
    }
  }

  /** Disconnects. Never rejects. */
  async close(): Promise<void> {
    const { opened } = this;
    this.opened = undefined;
    await opened?.then((client) => client.disconnect()).catch(() => undefined);
  }

  private async open(): Promise<C> {
    const client = this.make();
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.disconnect().catch(() => undefined);
      throw error;
    }
  }
}
