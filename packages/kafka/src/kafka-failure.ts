import { plainError, sentence, type EngineFailure } from '@rxforce/core/internal';

/** Why a call to Kafka failed. */
export interface KafkaFailure extends EngineFailure {
  /** The type of Kafka's own error, such as `UNKNOWN_TOPIC_OR_PARTITION`. `undefined` where it is none. */
  readonly type: string | undefined;
}

/** No answer came in time. */
export class KafkaSilence extends Error {
  override readonly name = 'KafkaSilence';
}

/** The call can never succeed. */
export class KafkaRefusal extends Error {
  override readonly name = 'KafkaRefusal';
}

/** A call comes after the log was closed. */
export function logClosed(): KafkaRefusal {
  return new KafkaRefusal('The log is closed. Close it only after the subscriptions have ended.');
}

const RIGHTS = 'Give the user the rights that the README of @rxforce/kafka lists.';
const LOGIN = "Correct the option `sasl` of the Kafka client, or the user's rights.";
const TOO_LARGE = 'Let the topic take larger messages (`max.message.bytes`).';

/** What Kafka refuses for good, and what to do. By the type of its error, or by the name of the error of kafkajs. */
const REFUSALS: Readonly<Record<string, string>> = {
  TOPIC_AUTHORIZATION_FAILED: RIGHTS,
  GROUP_AUTHORIZATION_FAILED: RIGHTS,
  CLUSTER_AUTHORIZATION_FAILED: RIGHTS,
  SASL_AUTHENTICATION_FAILED: LOGIN,
  UNSUPPORTED_SASL_MECHANISM: LOGIN,
  ILLEGAL_SASL_STATE: LOGIN,
  KafkaJSSASLAuthenticationError: LOGIN,
  MESSAGE_TOO_LARGE: TOO_LARGE,
  RECORD_LIST_TOO_LARGE: TOO_LARGE,
  INVALID_TOPIC_EXCEPTION: 'Give the log another name.',
  INVALID_REPLICATION_FACTOR: 'Give `replicationFactor` no more than there are brokers.',
  INVALID_PARTITIONS: 'Give `partitions` another number.',
  INVALID_CONFIG: 'Make the topic yourself: see `createTopics`.',
  POLICY_VIOLATION: 'The brokers have a rule for new topics. Make the topic yourself: see `createTopics`.',
  INVALID_REQUIRED_ACKS: 'Let the topic take `acks=all`.',
  UNSUPPORTED_VERSION: 'Use brokers of Kafka 2.4 or later.',
  KafkaJSServerDoesNotSupportApiKey: 'Use brokers of Kafka 2.4 or later.',
};

/** Turns anything that kafkajs throws into a failure. This is the only place that knows the errors of kafkajs. */
export function kafkaFailure(thrown: unknown): KafkaFailure {
  const error = originOf(thrown);
  const { message = String(error), name = '', type } = Object(error) as Partial<Error> & { readonly type?: string };
  const cause = plainError(error);
  if (error instanceof KafkaRefusal) return { reason: message, retriable: false, type: undefined, cause };
  const advice = REFUSALS[type ?? name];
  return {
    reason: `${sentence(message)} ${advice ?? 'It is tried again.'}`,
    retriable: advice === undefined,
    type,
    cause,
  };
}

/** kafkajs wraps the error that it met, once for each layer that gave up, and puts several into one. */
function originOf(thrown: unknown): unknown {
  const { cause, errors } = Object(thrown) as { readonly cause?: unknown; readonly errors?: unknown };
  if (Array.isArray(errors) && errors.length > 0) return originOf(errors[0]);
  return cause instanceof Error ? originOf(cause) : thrown;
}
