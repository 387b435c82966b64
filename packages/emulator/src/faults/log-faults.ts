import { type FaultContext, topicOption } from './fault-context.js';
import { type Checks, optional, readOptions, text, wholeNumber } from '../model/option-checks.js';
import { TOPIC_OPTIONS, type TopicOptions } from './stream-faults.js';

/** Which events are corrupted. */
export interface CorruptOptions extends TopicOptions {
  /**
   * How many events; at least 1.
   *
   * @defaultValue 1
   */
  readonly times?: number;
}

/** Faults of the log. All throw a `ConfigurationError` for arguments that are not valid. */
export interface LogFaults {
  /**
   * Drops the whole log so far, as if it were older than the retention. A start after any replay id up to now is
   * refused with `subscription.fetch.replayid.corrupted`; the earliest event is the next one to come. A live stream
   * does not get dropped events that it has not received yet.
   */
  expireReplayIds(options?: TopicOptions): void;
  /**
   * Replaces the bus, as after the refresh of a sandbox. Live streams end with status OK, the log is empty, all replay
   * ids so far are invalid, and new ones come from another series. Records, schemas and sessions stay.
   */
  resetOrg(): void;
  /**
   * Gives the change events of an object another schema from now on. It has a new text field in the middle, so all
   * later fields have other positions. Events that are already in the log keep their schema.
   *
   * @param entity - API name of the object.
   * @returns The id of the new schema. The new field is in `org.entities()`.
   */
  switchSchema(entity: string): string;
  /** Cuts off half the payload of the next events, so that nobody can decode them. The log stores them that way. */
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
