import { expect } from 'chai';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { KafkaConnection, type KafkaSource } from './kafka-connection.js';
import type { PartitionReader } from './topic-consumer.js';
import { TopicReaders } from './topic-readers.js';

const TOPIC = 'crm.data-AccountChangeEvent';

/** A consumer that notes its orders, and brings what a test gives it. */
class FakeConsumer {
  readonly events = { CRASH: 'consumer.crash', GROUP_JOIN: 'consumer.group_join' };
  readonly seeks: [number, string][] = [];
  readonly fetched = new Set([0, 1, 2, 3]);
  isDisconnected = false;
  eachBatch: ((payload: EachBatchPayload) => Promise<void>) | undefined;
  private readonly listeners = new Map<string, (event: { payload: { error: Error } }) => void>();

  connect = () => Promise.resolve();
  subscribe = () => Promise.resolve();
  on = (name: string, listener: (event: { payload: { error: Error } }) => void) => this.listeners.set(name, listener);
  run = ({ eachBatch }: { eachBatch: (payload: EachBatchPayload) => Promise<void> }) => {
    this.eachBatch = eachBatch;
    return Promise.resolve();
  };
  seek = ({ partition, offset }: { partition: number; offset: string }) => void this.seeks.push([partition, offset]);
  pause = ([{ partitions }]: [{ partitions: number[] }]) => partitions.forEach((each) => this.fetched.delete(each));
  resume = ([{ partitions }]: [{ partitions: number[] }]) => partitions.forEach((each) => this.fetched.add(each));
  disconnect = () => {
    this.isDisconnected = true;
    return Promise.resolve();
  };

  emit(name: 'CRASH' | 'GROUP_JOIN', error = new Error('none')): void {
    this.listeners.get(this.events[name])?.({ payload: { error } });
  }

  async bring(partition: number, offsets: readonly number[], isStale = false): Promise<void> {
    const messages = offsets.map((offset) => ({ offset: String(offset) }) as KafkaMessage);
    await this.eachBatch?.({ batch: { partition, messages }, isStale: () => isStale } as unknown as EachBatchPayload);
  }
}

class FakeReader implements PartitionReader {
  readonly offsets: number[] = [];
  error: unknown;
  constructor(
    readonly partition: number,
    public fetched = 0n,
  ) {}

  take(messages: readonly KafkaMessage[]): void {
    this.offsets.push(...messages.map(({ offset }) => Number(offset)));
    this.fetched = BigInt(messages.at(-1)?.offset ?? '-1') + 1n;
  }

  fail(error: unknown): void {
    this.error = error;
  }
}

describe('TopicReaders', () => {
  let made: FakeConsumer[];
  let readers: TopicReaders;

  beforeEach(() => {
    made = [];
    const kafka = {
      consumer: () => {
        const consumer = new FakeConsumer();
        made.push(consumer);
        return consumer as unknown as Consumer;
      },
    } as unknown as KafkaSource;
    readers = new TopicReaders(new KafkaConnection(kafka, 1_000), 'crm.reader-');
  });

  const seat = (reader: PartitionReader) => readers.seat(TOPIC, 4, reader);
  /** The consumer of this number, once it runs. */
  const running = async (index = 0): Promise<FakeConsumer> => {
    for (;;) {
      const consumer = made[index];
      if (consumer?.eachBatch) return consumer;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };

  it('fetches only the partitions that are to be fetched, from where their readers are', async () => {
    const [one, other] = [seat(new FakeReader(1, 7n)), seat(new FakeReader(2, 9n))];
    one.setFetching(true);
    const consumer = await running();
    expect([...consumer.fetched]).to.deep.equal([1]);
    expect(consumer.seeks).to.deep.equal([
      [1, '7'],
      [2, '9'],
    ]);
    other.setFetching(true);
    one.leave();
    expect([...consumer.fetched]).to.deep.equal([2]);
    expect(made).to.have.length(1);
  });

  it('seeks again, when the group is joined anew', async () => {
    const reader = new FakeReader(1, 7n);
    seat(reader).setFetching(true);
    const consumer = await running();
    await consumer.bring(1, [7, 8]);
    consumer.seeks.length = 0;
    consumer.emit('GROUP_JOIN');
    expect(consumer.seeks).to.deep.equal([[1, '9']]);
  });

  it('drops what nobody reads, what was fetched before a seek, and what a reader has had', async () => {
    const reader = new FakeReader(1, 7n);
    seat(reader).setFetching(true);
    const consumer = await running();
    await consumer.bring(0, [1]);
    await consumer.bring(1, [7], true);
    await consumer.bring(1, [5, 6, 7]);
    expect(reader.offsets).to.deep.equal([7]);
    consumer.seeks.length = 0;
    // As if kafkajs began at the oldest entry.
    await consumer.bring(1, [0, 1]);
    expect(reader.offsets).to.deep.equal([7]);
    expect(consumer.seeks).to.deep.equal([[1, '8']]);
  });

  it('fails its readers, when the consumer crashes, and gives the next one another consumer', async () => {
    const reader = new FakeReader(1);
    seat(reader);
    const consumer = await running();
    consumer.emit('CRASH', new Error('gone'));
    expect(reader.error).to.include({ code: 'event-log', retriable: true });
    expect(consumer.isDisconnected).to.equal(true);
    seat(new FakeReader(1)).setFetching(true);
    expect([...(await running(1)).fetched]).to.deep.equal([1]);
  });

  it('takes another consumer, when a partition is read twice, and ends all of them', async () => {
    seat(new FakeReader(1));
    seat(new FakeReader(1));
    seat(new FakeReader(2));
    await running(1);
    await readers.close();
    expect(made.map(({ isDisconnected }) => isDisconnected)).to.deep.equal([true, true]);
  });

  it('gives its place up, when it brings nothing', async () => {
    const other = new FakeReader(2);
    const place = seat(new FakeReader(1));
    seat(other);
    const consumer = await running();
    place.giveUp();
    expect(other.error).to.include({ code: 'event-log', retriable: true });
    expect(consumer.isDisconnected).to.equal(true);
  });
});
