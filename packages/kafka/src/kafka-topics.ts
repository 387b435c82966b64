import type { ITopicConfig } from 'kafkajs';
import { kafkaFailure } from './kafka-failure.js';
import type { KafkaConnection } from './kafka-connection.js';
import { badTopic, noTopic, notThereYet, topicMismatch } from './log-errors.js';

/** How a log makes its topics. */
export interface TopicRules {
  readonly name: string;
  readonly retentionMs: number;
  readonly replicationFactor: number | undefined;
  readonly createTopics: boolean;
}

/** `/data/AccountChangeEvent`. */
const SALESFORCE_TOPIC = /^(\/\w+){2,}$/;
/** Longest name of a topic. */
const LONGEST = 249;

/** The topics of a log: one for each topic of Salesforce, and one for schemas. */
export class KafkaTopics {
  /** Schemas, by id. Its number of partitions is that of the log, as the brokers let only one process make it. */
  readonly schemas: string;
  private readonly known = new Map<string, Promise<void>>();

  constructor(
    private readonly connection: KafkaConnection,
    private readonly rules: TopicRules,
  ) {
    this.schemas = `${rules.name}.schemas`;
  }

  /**
   * The topic for a topic of Salesforce: `crm.data-AccountChangeEvent`. Throws an `EventLogError` where there is none.
   */
  nameOf(topic: string): string {
    const name = `${this.rules.name}.${topic.slice(1).replaceAll('/', '-')}`;
    if (!SALESFORCE_TOPIC.test(topic) || name.length > LONGEST) throw badTopic(topic);
    return name;
  }

  /**
   * Makes the topic of schemas where it is not there. Resolves its number of partitions.
   *
   * @param wanted - How many a new one gets.
   */
  openSchemas(wanted: number): Promise<number> {
    return this.made(this.schemas, wanted, { 'cleanup.policy': 'compact' });
  }

  /** Makes a topic of events where it is not there, and checks its number of partitions. */
  async ensure(name: string, partitions: number): Promise<void> {
    const known = this.known.get(name) ?? this.makeEvents(name, partitions);
    this.known.set(name, known);
    try {
      await known;
    } catch (error) {
      this.known.delete(name);
      throw error;
    }
  }

  private async makeEvents(name: string, partitions: number): Promise<void> {
    const config = { 'cleanup.policy': 'delete', 'retention.ms': String(this.rules.retentionMs) };
    const found = await this.made(name, partitions, config);
    if (found !== partitions) throw topicMismatch(name, found, partitions);
  }

  private async made(name: string, partitions: number, config: Readonly<Record<string, string>>): Promise<number> {
    const found = await this.partitionsOf(name);
    if (found !== undefined) return found;
    const text = Object.entries(config).map((entry) => entry.join('='));
    if (!this.rules.createTopics) throw noTopic(name, partitions, text.join(', '));
    await this.create(name, partitions, config);
    // Another process may have been faster, and may have given another number.
    const made = await this.partitionsOf(name);
    if (made === undefined) throw notThereYet(name);
    return made;
  }

  private async create(topic: string, partitions: number, config: Readonly<Record<string, string>>): Promise<void> {
    const { replicationFactor } = this.rules;
    const wanted: ITopicConfig = {
      ...{ topic, numPartitions: partitions },
      ...(replicationFactor !== undefined && { replicationFactor }),
      configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
    };
    // Resolves `false` where the topic is there already.
    await this.connection.ask(`Making the topic ${topic}`, (admin) => admin.createTopics({ topics: [wanted] }));
  }

  /** `undefined` where there is no such topic. */
  private partitionsOf(topic: string): Promise<number | undefined> {
    return this.connection.ask(`Looking for the topic ${topic}`, async (admin) => {
      try {
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
        return topics.find(({ name }) => name === topic)?.partitions.length;
      } catch (error) {
        if (kafkaFailure(error).type === 'UNKNOWN_TOPIC_OR_PARTITION') return undefined;
        throw error;
      }
    });
  }
}
