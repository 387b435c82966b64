import { PUBLISH_METHODS, type PublishMethod } from '../grpc/methods.js';
import { type FaultContext, topicOption } from './fault-context.js';
import { type Checks, oneOf, optional, readOptions, text, wholeNumber } from '../model/option-checks.js';
import { TOPIC_OPTIONS, type TopicOptions } from './stream-faults.js';

/** Which publishes are not answered. */
export interface LosePublishesOptions extends TopicOptions {
  /**
   * The method.
   *
   * @defaultValue Both Publish and PublishStream.
   */
  readonly method?: PublishMethod;
  /**
   * How many requests; at least 1.
   *
   * @defaultValue 1
   */
  readonly times?: number;
}

/** Which events are not published. */
export interface FailEventsOptions extends TopicOptions {
  /**
   * How many events; at least 1.
   *
   * @defaultValue 1
   */
  readonly times?: number;
  /**
   * The error text of their results.
   *
   * @defaultValue A text that says that this is a fault on command.
   */
  readonly details?: string;
}

/**
 * Faults of publishing. All throw a `ConfigurationError` for options that are not valid, including an unknown topic.
 */
export interface PublishFaults {
  /**
   * Performs the next publishes, and ends their streams by RST_STREAM instead of an answer. The events are in the log,
   * but the client cannot know it.
   */
  losePublishes(options?: LosePublishesOptions): void;
  /**
   * Lets the next events fail one by one: their results have errors, and the other events of a request are published.
   */
  failEvents(options?: FailEventsOptions): void;
}

const LOSE_OPTIONS: Checks<LosePublishesOptions> = {
  ...TOPIC_OPTIONS,
  method: optional(oneOf(PUBLISH_METHODS)),
  times: optional(wholeNumber(1)),
};

const FAIL_OPTIONS: Checks<FailEventsOptions> = {
  ...TOPIC_OPTIONS,
  times: optional(wholeNumber(1)),
  details: optional(text),
};

/** Makes the faults of publishing. */
export function publishFaults({ bus, server }: FaultContext): PublishFaults {
  const nameOf = (topic: string | undefined) => topicOption(bus, topic)?.definition.name;
  return {
    losePublishes: (options = {}) => {
      const { topic, method, times = 1 } = readOptions('losePublishes', options, LOSE_OPTIONS);
      server.planned.losePublishes({ topic: nameOf(topic), method }, times);
    },
    failEvents: (options = {}) => {
      const { topic, times = 1, details = 'A fault on command.' } = readOptions('failEvents', options, FAIL_OPTIONS);
      server.planned.failEvents(details, nameOf(topic), times);
    },
  };
}
