import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Admin, Kafka, Producer } from 'kafkajs';
import { KafkaClient } from './kafka-client.js';
import { KafkaSilence, logClosed } from './kafka-failure.js';
import { logFailure } from './log-errors.js';

/** A client of kafkajs: `new Kafka({ brokers })`. */
export type KafkaSource = Pick<Kafka, 'admin' | 'producer' | 'consumer'>;

/** How often kafkajs itself tries a call again, and how long it waits at first, in milliseconds. */
const RETRY = { retries: 2, initialRetryTime: 100 } as const;

/** The connections of a log, and the bound of how long it waits for answers. */
export class KafkaConnection {
  private readonly admin: KafkaClient<Admin>;
  private isClosed = false;

  constructor(
    readonly kafka: KafkaSource,
    private readonly timeoutMs: number,
  ) {
    this.admin = new KafkaClient(() => kafka.admin({ retry: RETRY }));
  }

  /** A producer of its own. Each message names its partition. */
  producer(): KafkaClient<Producer> {
    return new KafkaClient(() =>
      this.kafka.producer({
        createPartitioner:
          () =>
          ({ message }) =>
            message.partition ?? 0,
        ...{ allowAutoTopicCreation: false, maxInFlightRequests: 1, retry: RETRY },
      }),
    );
  }

  /** Asks the brokers. Rejects with an `EventLogError`. */
  ask<T>(what: string, call: (admin: Admin) => Promise<T>): Promise<T> {
    return this.answered(what, () => this.admin.use(call));
  }

  /**
   * Waits for an answer, and not for longer than `timeoutMs`. Rejects with an `EventLogError`.
   *
   * @param tooLate - Called when the time is up.
   */
  async answered<T>(what: string, call: () => Promise<T>, tooLate?: () => void): Promise<T> {
    const end = new AbortController();
    try {
      if (this.isClosed) throw logClosed();
      return await Promise.race([call(), this.silence(end.signal, tooLate)]);
    } catch (error) {
      throw logFailure(what, error);
    } finally {
      end.abort();
    }
  }

  /** Refuses every later call, and disconnects. Never rejects. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.bounded(this.admin.close());
  }

  /** Waits for work that cannot fail, and not for longer than `timeoutMs`. */
  async bounded(work: Promise<unknown>): Promise<void> {
    const end = new AbortController();
    await Promise.race([work, setTimeout(this.timeoutMs, undefined, { signal: end.signal }).catch(() => undefined)]);
    end.abort();
  }

  private async silence(signal: AbortSignal, tooLate: (() => void) | undefined): Promise<never> {
    await setTimeout(this.timeoutMs, undefined, { signal });
    // Where this process stood still for so long, what has arrived meanwhile is read first.
    await setImmediate(undefined, { signal });
    tooLate?.();
    throw new KafkaSilence(`No answer came within ${this.timeoutMs} ms.`);
  }
}
