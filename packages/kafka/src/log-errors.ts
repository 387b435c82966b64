import { logErrors } from '@rxforce/core/internal';
import { EventLogError, type EventLogFailure } from '@rxforce/core/model';
import { kafkaFailure } from './kafka-failure.js';

const errors = logErrors({
  engine: 'Kafka',
  problems: {
    dropped: 'entries after it were dropped before they were read: the topic keeps them for `retention.ms`',
    beyond: 'it is beyond the end: Kafka has lost entries, or the topic was deleted and made anew',
  },
});
export const { mismatch, noPartition, invalidPosition } = errors;

/** A call to Kafka failed. */
export function logFailure(what: string, thrown: unknown): EventLogError {
  return errors.logFailure(what, kafkaFailure(thrown));
}

function failed(message: string, reason: EventLogFailure): EventLogError {
  return new EventLogError(message, { reason });
}

/** A topic of the log has another number of partitions than the log. */
export function topicMismatch(topic: string, found: number, partitions: number): EventLogError {
  return failed(
    `The Kafka topic ${topic} has ${found} partitions, and its log has ${partitions}: somebody has made it with another ` +
      'number, or has changed it. The changes of a record must stay in one partition. Make a log of another name.',
    'mismatch',
  );
}

/** A Kafka topic is not there, and the log may not make it. */
export function noTopic(topic: string, partitions: number | undefined, config: string): EventLogError {
  const count = partitions === undefined ? 'as many partitions as the log shall have' : `${partitions} partitions`;
  return failed(
    `There is no Kafka topic ${topic}, and \`createTopics\` is false. Make it with ${count} and ${config}.`,
    'unavailable',
  );
}

/** A topic was made, and the brokers do not know it yet. */
export function notThereYet(topic: string): EventLogError {
  return failed(
    `The Kafka topic ${topic} was made, and the brokers do not tell its partitions yet. It is tried again.`,
    'unavailable',
  );
}

/** A topic whose name Kafka cannot have. */
export function badTopic(topic: string): EventLogError {
  return failed(
    `"${topic}" is no topic of Salesforce, such as /data/AccountChangeEvent, so that a log on Kafka has no name for it.`,
    'refused',
  );
}

/** A message that is no entry of a log. */
export function foreignMessage(topic: string, partition: number, offset: string): EventLogError {
  return failed(
    `The message at offset ${offset} of partition ${partition} of the Kafka topic ${topic} is no entry of a log: somebody ` +
      'else writes into the topic. Only relayTo() may. Move the position of each group beyond the message.',
    'refused',
  );
}

/** Kafka has entries that do not come. */
export function stalled(topic: string, partition: number, ms: number): EventLogError {
  return failed(
    `Nothing came of partition ${partition} of ${topic} for ${ms / 1_000} s, although Kafka has entries. The partition is ` +
      'read anew, by another consumer.',
    'unavailable',
  );
}
