import { expect } from 'chai';
import type { Admin, ITopicConfig } from 'kafkajs';
import { KafkaConnection, type KafkaSource } from './kafka-connection.js';
import { KafkaTopics, type TopicRules } from './kafka-topics.js';

/** Brokers that have topics, and let them be made: more than the mock of the integration tests can. */
class FakeBrokers {
  readonly made: ITopicConfig[] = [];
  readonly topics = new Map<string, number>();
  /** What another process makes right before this one would. */
  faster: readonly [string, number] | undefined;
  /** Whether they know a topic only some time after it was made. */
  isSlow = false;

  topicsOf(rules: Partial<TopicRules> = {}): KafkaTopics {
    const admin: Partial<Admin> = {
      connect: () => Promise.resolve(),
      disconnect: () => Promise.resolve(),
      fetchTopicMetadata: (options) => {
        const [name = ''] = options?.topics ?? [];
        const count = this.topics.get(name);
        if (count === undefined) return Promise.reject(protocolError('UNKNOWN_TOPIC_OR_PARTITION'));
        const partitions = Array.from({ length: count }, (_, partitionId) => ({
          ...{ partitionErrorCode: 0, partitionId, leader: 1, replicas: [1], isr: [1] },
        }));
        return Promise.resolve({ topics: [{ name, partitions }] });
      },
      createTopics: ({ topics: [topic] }) => {
        if (this.faster) this.topics.set(...this.faster);
        if (topic === undefined || this.topics.has(topic.topic)) return Promise.resolve(false);
        this.made.push(topic);
        if (!this.isSlow) this.topics.set(topic.topic, topic.numPartitions ?? 1);
        return Promise.resolve(true);
      },
    };
    const kafka = { admin: () => admin } as unknown as KafkaSource;
    return new KafkaTopics(new KafkaConnection(kafka, 1_000), {
      ...{ name: 'crm', retentionMs: 60_000, replicationFactor: undefined, createTopics: true },
      ...rules,
    });
  }
}

function protocolError(type: string): Error {
  return Object.assign(new Error('no'), { name: 'KafkaJSProtocolError', type, retriable: true });
}

const rejection = (promise: Promise<unknown>) => promise.then(String, (error: unknown) => error);

describe('KafkaTopics', () => {
  it('makes topics that are not there, as the options say', async () => {
    const brokers = new FakeBrokers();
    const topics = brokers.topicsOf({ replicationFactor: 3 });
    expect(await topics.openSchemas(8)).to.equal(8);
    await topics.ensure(topics.nameOf('/data/AccountChangeEvent'), 8);
    const common = { numPartitions: 8, replicationFactor: 3 };
    const retention = [
      { name: 'cleanup.policy', value: 'delete' },
      { name: 'retention.ms', value: '60000' },
    ];
    expect(brokers.made).to.deep.equal([
      { ...common, topic: 'crm.schemas', configEntries: [{ name: 'cleanup.policy', value: 'compact' }] },
      { ...common, topic: 'crm.data-AccountChangeEvent', configEntries: retention },
    ]);
  });

  it('leaves topics alone that are there', async () => {
    const brokers = new FakeBrokers();
    brokers.topics.set('crm.schemas', 4).set('crm.event-Order__e', 4);
    const topics = brokers.topicsOf();
    expect(await topics.openSchemas(32)).to.equal(4);
    await topics.ensure(topics.nameOf('/event/Order__e'), 4);
    expect(brokers.made).to.deep.equal([]);
  });

  it('takes what another process has made meanwhile', async () => {
    const brokers = new FakeBrokers();
    brokers.faster = ['crm.schemas', 16];
    expect(await brokers.topicsOf().openSchemas(32)).to.equal(16);
  });

  it('takes no number for granted, when the brokers do not know yet what was made', async () => {
    const brokers = new FakeBrokers();
    brokers.isSlow = true;
    const topics = brokers.topicsOf();
    const failure = await rejection(topics.openSchemas(32));
    expect(failure).to.include({ code: 'event-log', reason: 'unavailable', retriable: true });
    brokers.topics.set('crm.schemas', 16);
    expect(await topics.openSchemas(32)).to.equal(16);
  });

  it('errors, when a topic has another number of partitions than its log', async () => {
    const brokers = new FakeBrokers();
    brokers.topics.set('crm.data-AccountChangeEvent', 5);
    const topics = brokers.topicsOf();
    const failure = await rejection(topics.ensure('crm.data-AccountChangeEvent', 4));
    expect(failure).to.include({ code: 'event-log', reason: 'mismatch', retriable: false });
  });

  it('says how to make a topic, when it may not make it itself, and takes it when it is there', async () => {
    const brokers = new FakeBrokers();
    const topics = brokers.topicsOf({ createTopics: false });
    const failure = await rejection(topics.ensure('crm.data-AccountChangeEvent', 4));
    expect(failure).to.include({ code: 'event-log', reason: 'unavailable', retriable: true });
    expect(String(failure)).to.include('4 partitions').and.to.include('retention.ms=60000');
    brokers.topics.set('crm.data-AccountChangeEvent', 4);
    await topics.ensure('crm.data-AccountChangeEvent', 4);
  });

  it('gives two topics two names', () => {
    const topics = new FakeBrokers().topicsOf();
    const names = ['/data/A_B', '/data/A__B', '/event/A_B', '/data/x/A_B'].map((topic) => topics.nameOf(topic));
    expect(new Set([...names, topics.schemas]).size).to.equal(5);
    for (const topic of ['/schemas', 'data/A', '/data/A-B', '/data/', `/data/${'x'.repeat(250)}`]) {
      expect(() => topics.nameOf(topic))
        .to.throw()
        .with.property('reason', 'refused');
    }
  });
});
