import type { ChannelInfo, ChannelMember, ChannelOptions } from './channels.js';
import type { ObjectOptions, PlatformEventFieldType } from './custom-definitions.js';
import type { Definitions } from './definitions.js';
import type { EntityInfo } from './entity-registry.js';
import type { RecordInput } from './field-values.js';
import type { PlatformEventInfo } from './platform-events.js';
import type { RecordOperations } from './transaction.js';
import type { ScalarValue } from './values.js';

/** The user and origin of a transaction, and how it is reported. */
export interface TransactionOptions {
  /**
   * The origin of the changes, for the events' `changeOrigin`.
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
   * Whether the changes come as gap events, which say that these records changed but not what changed in them.
   *
   * @defaultValue false
   */
  readonly asGaps?: boolean;
}

/** The values of records that are there from the start: the same for all, or those of each, by its number from 0. */
export type FillValues = RecordInput | ((index: number) => RecordInput);

/** How records are that are there from the start. */
export interface FillOptions {
  /**
   * When they were made and changed last, in milliseconds since 1970, rounded down to whole seconds: one time for all,
   * or that of each, by its number from 0.
   *
   * @defaultValue Now.
   */
  readonly at?: number | ((index: number) => number);
}

/** The objects and platform events of a definition, as they are now. */
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
 * The org behind the emulator. Every change to its records makes the change events that Salesforce would make; a method
 * call outside of a transaction is a transaction of its own.
 */
export interface Org extends RecordOperations {
  /**
   * Runs `work`, and publishes all changes it makes as one transaction: one transaction key, sequence numbers from 1.
   * If `work` throws, nothing has happened.
   */
  transaction<T>(work: (tx: RecordOperations) => T, options?: TransactionOptions): T;
  /** The current record. Throws a `ConfigurationError` when it is deleted or never existed. */
  record(entity: string, id: string): OrgRecord;
  /**
   * All records of an object that are not deleted, in the order they were created in. Throws a `ConfigurationError`
   * when there is no such object.
   */
  records(entity: string): readonly OrgRecord[];
  /**
   * Moves the `SystemModstamp` of one or more records to now, as the service itself does from time to time: without an
   * event, and without a change of `LastModifiedDate`. Throws a `ConfigurationError` when one is deleted or never
   * existed.
   */
  touch(entity: string, ids: string | readonly string[]): void;
  /**
   * Adds records that are there from the start: no event reports them. A million takes seconds.
   *
   * @param count - How many, from 0 to 10,000,000.
   * @param values - Their values; by default, only those that the org fills in.
   * @returns Their ids, in order.
   * @throws `ConfigurationError` when there is no such object, or a value does not fit its field.
   */
  fill(entity: string, count: number, values?: FillValues, options?: FillOptions): string[];
  /** The objects of the org. */
  entities(): EntityInfo[];
  /**
   * Adds an object, for tests with your own objects. It has an owner, a name, the fields that only the org writes, and
   * then the given fields. Throws a `ConfigurationError` when the name does not end with `__c` or is taken, or a
   * field's name or type is not valid.
   */
  createObject(name: string, options?: ObjectOptions): EntityInfo;
  /** The platform events of the org. */
  platformEvents(): PlatformEventInfo[];
  /**
   * Adds a platform event and its topic, which clients can publish to.
   *
   * @param fields - Its own fields, API names with types, in the order of the schema. Names end with `__c`.
   * @throws `ConfigurationError` when the name does not end with `__e` or is taken, or a field's name or type is not
   * valid.
   */
  createPlatformEvent(name: string, fields: Readonly<Record<string, PlatformEventFieldType>>): PlatformEventInfo;
  /**
   * Adds objects and platform events, and adds fields to existing ones: all of them or none. Live streams continue.
   * From the next event on, an object or event with new fields has another schema. Existing definitions that are the
   * same stay unchanged, so the same definitions can be given twice.
   *
   * @param source - The source of the definitions for messages, such as a file; `define` by default.
   * @throws `ConfigurationError` when anything in them is not valid. The message names the place, and what was probably
   * meant.
   */
  define(definitions: Definitions, source?: string): DefinedInfo;
  /** The custom channels of the org. */
  channels(): readonly ChannelInfo[];
  /**
   * Adds a custom channel and its topic. Throws a `ConfigurationError` when the name does not end with `__chn` or is
   * taken, or a member is not valid.
   */
  createChannel(name: string, options?: ChannelOptions): ChannelInfo;
  /**
   * Adds an object to a channel, which carries its change events from now on. Throws a `ConfigurationError` when there
   * is no such channel or object, the channel has it already, or a field cannot be added to events.
   */
  addChannelMember(channel: string, member: ChannelMember): void;
  /**
   * Removes an object from a channel; existing events stay. Throws a `ConfigurationError` when there is no such
   * channel, or the object is not in it.
   */
  removeChannelMember(channel: string, entity: string): void;
  /**
   * Removes a channel: streams on it end as if its topic never existed. Throws a `ConfigurationError` when there is no
   * channel of that name.
   */
  deleteChannel(name: string): void;
}
