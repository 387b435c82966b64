import type { ChannelInfo, ChannelMember, ChannelOptions } from './channels.js';
import type { ObjectOptions, PlatformEventFieldType } from './custom-definitions.js';
import type { Definitions } from './definitions.js';
import type { EntityInfo } from './entity-registry.js';
import type { PlatformEventInfo } from './platform-events.js';
import type { RecordOperations } from './transaction.js';
import type { ScalarValue } from './values.js';

/** Who made a transaction, and with what. */
export interface TransactionOptions {
  /**
   * What made the changes, for the events' `changeOrigin`.
   *
   * @defaultValue `com/salesforce/api/rest/64.0;client=rxforce-emulator`
   */
  readonly origin?: string;
  /**
   * Id of the user who made the changes.
   *
   * @defaultValue The user of the emulator's credentials.
   */
  readonly user?: string;
  /**
   * Whether the changes come as gap events: that these records changed, and nothing of what changed in them.
   *
   * @defaultValue false
   */
  readonly asGaps?: boolean;
}

/** What definitions were about, as it is now. */
export interface DefinedInfo {
  readonly objects: readonly EntityInfo[];
  readonly events: readonly PlatformEventInfo[];
}

/** A record: its id, and its values that are not null. */
export interface OrgRecord {
  readonly Id: string;
  readonly [field: string]: ScalarValue | Readonly<Record<string, ScalarValue>>;
}

/**
 * The org behind the emulator. Every change to its records makes the change events that Salesforce would make; a
 * method called by itself is a transaction of its own.
 */
export interface Org extends RecordOperations {
  /**
   * Runs `work`, and publishes all changes it makes as one transaction: one transaction key, sequence numbers from 1.
   * If `work` throws, nothing has happened.
   */
  transaction<T>(work: (tx: RecordOperations) => T, options?: TransactionOptions): T;
  /** A record as it is now. Throws a `ConfigurationError` when it is deleted or never was. */
  record(entity: string, id: string): OrgRecord;
  /**
   * All records of an object that are not deleted, in the order they were created in. Throws a `ConfigurationError` when
   * there is no such object.
   */
  records(entity: string): readonly OrgRecord[];
  /** The objects of the org. */
  entities(): EntityInfo[];
  /**
   * Adds an object, for tests with objects of one's own: with owner, name, the fields that only the org writes, and the
   * given ones behind them. Throws a `ConfigurationError` when the name does not end with `__c` or is taken, or a field's
   * name or type is not valid.
   */
  createObject(name: string, options?: ObjectOptions): EntityInfo;
  /** The platform events of the org. */
  platformEvents(): PlatformEventInfo[];
  /**
   * Adds a platform event and its topic, which clients can publish to.
   *
   * @param fields - Its own fields, API names with types, in the order of the schema. Names end with `__c`.
   * @throws `ConfigurationError` when the name does not end with `__e` or is taken, or a field's name or type is not valid.
   */
  createPlatformEvent(name: string, fields: Readonly<Record<string, PlatformEventFieldType>>): PlatformEventInfo;
  /**
   * Adds objects and platform events, and fields to those that are there, all of them or none. A stream that is live goes
   * on: from the next event on, what has got fields has another schema. What is there already as it is defined is left
   * alone, so that the same definitions can be given twice.
   *
   * @param source - Where the definitions come from, such as a file, for messages; `define` by default.
   * @throws `ConfigurationError` when anything in them is not valid. It says where that stands, and what was probably meant.
   */
  define(definitions: Definitions, source?: string): DefinedInfo;
  /** The custom channels of the org. */
  channels(): readonly ChannelInfo[];
  /**
   * Adds a custom channel and its topic. Throws a `ConfigurationError` when the name does not end with `__chn` or is taken,
   * or a member is not valid.
   */
  createChannel(name: string, options?: ChannelOptions): ChannelInfo;
  /**
   * Adds an object to a channel, which carries its change events from now on. Throws a `ConfigurationError` when there is no
   * such channel or object, the channel has it already, or a field cannot be added to events.
   */
  addChannelMember(channel: string, member: ChannelMember): void;
  /**
   * Takes an object out of a channel; the events that are there stay. Throws a `ConfigurationError` when there is no such
   * channel, or the object is not in it.
   */
  removeChannelMember(channel: string, entity: string): void;
  /**
   * Removes a channel: streams on it end as if its topic never was. Throws a `ConfigurationError` when there is none of that
   * name.
   */
  deleteChannel(name: string): void;
}
