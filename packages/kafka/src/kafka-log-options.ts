import { LONGEST_TIMER_MS, wholeNumber } from '@rxforce/core/internal';
import { checkOptionNames, ConfigurationError, kindOf } from '@rxforce/core/model';

/** How a `kafkaLog` keeps events. */
export interface KafkaLogOptions {
  /**
   * The name of the log, of letters, digits, `_` and `-`, at most 100. All its topics and consumer groups begin with it
   * and a dot. A log of another name has its own events and its own positions.
   */
  readonly name: string;
  /**
   * How many partitions a new log gets, from 1 to 1,024: more than there will ever be workers. It is fixed for good.
   * Given for a log that is there, it must be the number that it has.
   *
   * @defaultValue the number that the log has; 32 for a new one
   */
  readonly partitions?: number;
  /**
   * How long the topics that the log makes keep entries, in milliseconds, from 1: longer than any group of readers will
   * ever stand still. For a topic that is there, Kafka's `retention.ms` counts.
   *
   * @defaultValue 604_800_000, which is 7 days
   */
  readonly retentionMs?: number;
  /**
   * How many brokers have each entry, from 1: of the topics that the log makes.
   *
   * @defaultValue what the brokers have as `default.replication.factor`
   */
  readonly replicationFactor?: number;
  /**
   * Whether the log makes topics that are not there. With `false`, calls reject until somebody has made them, and say
   * how.
   *
   * @defaultValue `true`
   */
  readonly createTopics?: boolean;
  /**
   * Longest wait for an answer of Kafka, in milliseconds, from 1.
   *
   * @defaultValue 5_000
   */
  readonly timeoutMs?: number;
  /**
   * Longest time without a sign of life for a reader, in milliseconds, from 1 to 60,000.
   *
   * @defaultValue 10_000
   */
  readonly keepaliveMs?: number;
}

/** The options, checked and complete. */
export interface KafkaLogRules {
  readonly name: string;
  readonly partitions: number | undefined;
  readonly retentionMs: number;
  readonly replicationFactor: number | undefined;
  readonly createTopics: boolean;
  readonly timeoutMs: number;
  readonly keepaliveMs: number;
}

const NAMES: readonly string[] = Object.keys({
  name: true,
  partitions: true,
  retentionMs: true,
  replicationFactor: true,
  createTopics: true,
  timeoutMs: true,
  keepaliveMs: true,
} satisfies Record<keyof KafkaLogOptions, true>);

const MOST_PARTITIONS = 1_024;
const MOST_REPLICAS = 32_767;
const WEEK_MS = 7 * 24 * 3_600_000;
const LONGEST_KEEPALIVE_MS = 60_000;
/** A dot would let the topics of two logs have one name. */
const NAME = /^[A-Za-z0-9_-]{1,100}$/;

/**
 * Checks options, and fills in what is absent.
 *
 * @throws `ConfigurationError` when an option is not valid.
 */
export function resolveKafkaLogOptions(options: KafkaLogOptions): KafkaLogRules {
  checkOptionNames(options, NAMES, { of: 'kafkaLog()' });
  const { name, partitions, replicationFactor, createTopics = true } = options;
  const { retentionMs = WEEK_MS, timeoutMs = 5_000, keepaliveMs = 10_000 } = options;
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new ConfigurationError(
      `kafkaLog() got name ${kindOf(name)}, but it must be a text of letters, digits, "_" and "-", at most 100.`,
    );
  }
  if (typeof createTopics !== 'boolean') {
    throw new ConfigurationError(`kafkaLog() got createTopics ${kindOf(createTopics)}, but it must be true or false.`);
  }
  return {
    ...{ name, createTopics },
    partitions: partitions === undefined ? undefined : wholeNumber('partitions', partitions, 1, MOST_PARTITIONS),
    replicationFactor:
      replicationFactor === undefined
        ? undefined
        : wholeNumber('replicationFactor', replicationFactor, 1, MOST_REPLICAS),
    retentionMs: wholeNumber('retentionMs', retentionMs, 1),
    timeoutMs: wholeNumber('timeoutMs', timeoutMs, 1, LONGEST_TIMER_MS),
    keepaliveMs: wholeNumber('keepaliveMs', keepaliveMs, 1, LONGEST_KEEPALIVE_MS),
  };
}
