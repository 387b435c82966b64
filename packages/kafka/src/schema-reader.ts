import type { KafkaMessage } from 'kafkajs';
import type { PartitionPlace, PartitionReader } from './topic-consumer.js';

/** Somebody who waits for an offset to be reached. */
interface Waiter {
  readonly high: bigint;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Keeps the schemas of one partition: of each id, the first one. It reads on for as long as the log is open. */
export class SchemaReader implements PartitionReader {
  fetched = 0n;
  private readonly schemas = new Map<string, string>();
  private readonly waiters = new Set<Waiter>();
  private place: PartitionPlace | undefined;

  constructor(
    readonly partition: number,
    private readonly seat: (reader: PartitionReader) => PartitionPlace,
  ) {}

  /** The schema of an id, as far as it has read. */
  find(id: string): string | undefined {
    return this.schemas.get(id);
  }

  /** Resolves when it has read what was there. Rejects where the consumer is gone; the next call gets another one. */
  readUpTo(high: bigint): Promise<void> {
    if (this.fetched >= high) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.waiters.add({ high, resolve, reject });
      if (this.place) return;
      this.place = this.seat(this);
      this.place.setFetching(true);
    });
  }

  take(messages: readonly KafkaMessage[]): void {
    for (const { key, value, offset } of messages) {
      const id = key?.toString();
      if (id !== undefined && value !== null && !this.schemas.has(id)) this.schemas.set(id, value.toString());
      this.fetched = BigInt(offset) + 1n;
    }
    const reached = [...this.waiters].filter(({ high }) => this.fetched >= high);
    for (const waiter of reached) {
      this.waiters.delete(waiter);
      waiter.resolve();
    }
  }

  /** Nothing comes: all who wait are rejected, and the next call gets another consumer. */
  giveUp(error: unknown): void {
    const { place } = this;
    place?.leave();
    place?.giveUp();
    this.fail(error);
  }

  fail(error: unknown): void {
    this.place = undefined;
    const waiters = [...this.waiters];
    this.waiters.clear();
    waiters.forEach(({ reject }) => reject(error));
  }
}
