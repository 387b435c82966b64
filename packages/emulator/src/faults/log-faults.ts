import { type FaultContext, topicOption } from './fault-context.js';
import { type Checks, optional, readOptions, text, wholeNumber } from '../model/option-checks.js';
import { TOPIC_OPTIONS, type TopicOptions } from './stream-faults.js';

/** Which events are spoilt. */
export interface CorruptOptions extends TopicOptions {
  /**
   * How many; at least 1.
   *
   * @defaultValue 1
   */
  readonly times?: number;
}

/** Faults of what is in the log. All throw a `ConfigurationError` for what is not valid. */
export interface LogFaults {
  /**
   * Drops everything that is in the log so far, as if it were older than the retention. To start after a replay id up
   * to now is refused with `subscription.fetch.replayid.corrupted`; the earliest is what comes from now on. A live
   * stream that has not been given these events yet does not get them.
   */
  expireReplayIds(options?: TopicOptions): void;
  /**
   * Makes the bus a new one, as after the refresh of a sandbox: live streams end with status OK, the log is empty, all
   * replay ids so far are invalid, and new ones are of another series. Records, schemas and sessions stay.
   */
  resetOrg(): void;
  /**
   * From now on, the change events of an object have another schema: one with a new text field in the middle, so that
   * all fields behind it have other positions. Events that are in the log keep theirs.
   *
   * @param entity - API name of the object.
   * @returns The id of the new schema. The new field is in `org.entities()`.
   */
  switchSchema(entity: string): string;
  /** Cuts off half the payload of the next events, so that nobody can decode them. They are stored like that. */
  corruptPayload(options?: CorruptOptions): void;
}

const CORRUPT_OPTIONS: Checks<CorruptOptions> = { ...TOPIC_OPTIONS, times: optional(wholeNumber(1)) };

/** Makes the faults of the log. */
export function logFaults({ bus, org, server, corruptions }: FaultContext): LogFaults {
  return {
    expireReplayIds: (options = {}) => {
      const { topic } = readOptions('expireReplayIds', options, TOPIC_OPTIONS);
      bus.expire(topicOption(bus, topic));
    },
    resetOrg: () => {
      server.calls.all().forEach(({ stream }) => stream.end());
      bus.reset();
    },
    switchSchema: (entity) => org.addField(text('switchSchema: entity', entity)),
    corruptPayload: (options = {}) => {
      const { topic, times = 1 } = readOptions('corruptPayload', options, CORRUPT_OPTIONS);
      corruptions.plan(times, topicOption(bus, topic));
    },
  };
}
