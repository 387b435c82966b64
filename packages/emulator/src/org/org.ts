import type { Bus } from '../bus/bus.js';
import type { Random } from '../model/random.js';
import type { SchemaRegistry } from '../schemas/schema-registry.js';
import { type EventDraft, eventsOf, type EventsOptions } from './change-events.js';
import { ChangePublisher } from './change-publisher.js';
import { type ChannelInfo, type ChannelMember, type ChannelOptions, Channels } from './channels.js';
import type { ObjectOptions, PlatformEventFieldType } from './custom-definitions.js';
import type { Definitions } from './definitions.js';
import type { EntityDefinition } from './entity.js';
import type { EntityInfo } from './entity-registry.js';
import type { RecordInput } from './field-values.js';
import type { DefinedInfo, FillOptions, FillValues, Org, OrgRecord, TransactionOptions } from './org-api.js';
import { OrgModel } from './org-model.js';
import type { PlatformEventInfo } from './platform-events.js';
import type { RecordChange } from './record-change.js';
import { RecordIds, to18 } from '../model/record-ids.js';
import type { OpenTransactions } from './open-transactions.js';
import { OrgRecords, wholeSecond } from './org-records.js';
import { findRecord, type RecordReader, type StoredRecord } from './record-store.js';
import { withoutNulls } from './record-values.js';
import { type RecordOperations, Transaction } from './transaction.js';

export type { EntityInfo } from './entity-registry.js';
export type { DefinedInfo, FillOptions, FillValues, Org, OrgRecord, TransactionOptions } from './org-api.js';

const DEFAULT_ORIGIN = 'com/salesforce/api/rest/64.0;client=rxforce-emulator';

/** The parts and settings that an org needs. */
export interface OrgContext {
  readonly bus: Bus;
  readonly schemas: SchemaRegistry;
  readonly random: Random;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** Id of the user who makes changes, unless a transaction says otherwise. */
  readonly user: string;
  /** Most changes of one transaction that are reported; an overflow event stands for the rest. */
  readonly maxChangesPerTransaction: number;
  /**
   * How the next transaction, which changes these objects, is reported.
   *
   * @defaultValue As the transaction's own options say.
   */
  readonly nextReport?: (entities: ReadonlySet<string>) => Partial<EventsOptions> | undefined;
  /**
   * How long the next transaction, which changes these objects, stays open, in milliseconds.
   *
   * @defaultValue It is committed at once.
   */
  readonly nextCommitDelay?: (entities: ReadonlySet<string>) => number | undefined;
}

/** An {@link Org} in memory, whose events go to a bus. */
export class MemoryOrg implements Org {
  private readonly kept: OrgRecords;
  private readonly recordIds: RecordIds;
  private readonly model: OrgModel;
  private readonly channelRegistry: Channels;
  private readonly publisher: ChangePublisher;
  /** The transaction that others join at the moment. */
  private joined: Joined | undefined;
  /** Objects whose changes make events only on custom channels. */
  private readonly unselected = new Set<string>();

  constructor(private readonly context: OrgContext) {
    const { bus, random } = context;
    this.kept = new OrgRecords(context.now);
    this.recordIds = new RecordIds(1 + random.below(1_000_000_000));
    this.model = new OrgModel(context, () => this.channelRegistry.refresh());
    this.channelRegistry = new Channels(bus, (name) => this.model.entities.named(name));
    const valuesOf = (recordId: string) => this.kept.committed.get(recordId)?.values ?? {};
    this.publisher = new ChangePublisher({
      bus,
      random,
      channels: this.channelRegistry,
      valuesOf,
      isSelected: (entity) => !this.unselected.has(entity),
    });
  }

  create(entity: string, values: RecordInput): string;
  create(entity: string, values: readonly RecordInput[]): string[];
  create(entity: string, values: RecordInput & readonly RecordInput[]): string | string[] {
    return this.transaction((tx) => tx.create(entity, values));
  }

  update(entity: string, ids: string | readonly string[], values: RecordInput): void {
    this.transaction((tx) => tx.update(entity, ids, values));
  }

  delete(entity: string, ids: string | readonly string[]): void {
    this.transaction((tx) => tx.delete(entity, ids));
  }

  undelete(entity: string, ids: string | readonly string[]): void {
    this.transaction((tx) => tx.undelete(entity, ids));
  }

  transaction<T>(work: (tx: RecordOperations) => T, options: TransactionOptions = {}): T {
    const joined = this.joined;
    return joined === undefined ? this.transact(work, options) : joining(joined, () => work(joined.tx));
  }

  /**
   * Runs `work`, and joins all transactions that it begins into one. Reads see the changes made so far. If `work`
   * throws, or any transaction that joins, nothing has happened and the error is thrown: a part cannot be undone alone.
   */
  together<T>(work: () => T, options: TransactionOptions = {}): T {
    const joinAll = (tx: Transaction): T => {
      const joined: Joined = { tx, failure: undefined };
      this.joined = joined;
      try {
        const result = work();
        if (joined.failure !== undefined) throw joined.failure.error;
        return result;
      } finally {
        this.joined = undefined;
      }
    };
    return this.joined === undefined ? this.transact(joinAll, options) : joining(this.joined, work);
  }

  private transact<T>(work: (tx: Transaction) => T, options: TransactionOptions): T {
    const { user = this.context.user, origin = DEFAULT_ORIGIN, asGaps = false } = options;
    const { nextCommitDelay } = this.context;
    const entityNamed = this.model.entities.lookup();
    const { changeable: store, open } = this.kept;
    const tx = new Transaction({ store, recordIds: this.recordIds, entityNamed, user, at: this.kept.stamp() });
    let result: T;
    try {
      result = work(tx);
    } catch (error) {
      tx.rollback();
      throw error;
    }
    const changes = tx.end();
    const drafts = this.report(changes, asGaps);
    const commit = (): void => {
      this.kept.apply(tx);
      const commitTimestamp = wholeSecond(this.context.now());
      this.publisher.publish(drafts, { changeOrigin: origin, commitUser: user, commitTimestamp });
    };
    const delayMs = changes.length === 0 ? undefined : nextCommitDelay?.(entitiesOf(changes));
    open.commit({ changed: tx.changed, events: drafts.length, commit }, delayMs);
    return result;
  }

  touch(entity: string, ids: string | readonly string[]): void {
    this.kept.touch(this.model.entities.named(entity), [ids].flat());
  }

  fill(entity: string, count: number, values: FillValues = {}, options: FillOptions = {}): string[] {
    const made = { recordIds: this.recordIds, user: this.context.user };
    return this.kept.fill(this.model.entities.named(entity), count, values, options, made);
  }

  /** The open transactions, which a fault has held. */
  get held(): OpenTransactions {
    return this.kept.open;
  }

  /** Lets the clock of stamps, such as `LastModifiedDate`, be so many milliseconds ahead of the clock of commits. */
  skewStamps(skewMs: number): void {
    this.kept.skew(skewMs);
  }

  /** Lets {@link replica} be so many milliseconds behind; 0 is not at all. */
  lagReplica(lagMs: number): void {
    this.kept.lag(lagMs);
  }

  record(entity: string, id: string): OrgRecord {
    return orgRecordOf(findRecord(this.kept.committed, this.model.entities.named(entity), id, false));
  }

  records(entity: string): readonly OrgRecord[] {
    const { name } = this.entityDefinition(entity);
    return [...this.current.scan(name)].filter(({ deleted }) => !deleted).map(orgRecordOf);
  }

  /** The records of the moment; inside of a transaction that others join, with its changes so far. */
  get current(): RecordReader {
    return this.joined?.tx.records ?? this.kept.committed;
  }

  /** The records that queries read. They may be older than {@link current}, outside of a transaction. */
  get replica(): RecordReader {
    return this.joined?.tx.records ?? this.kept.lagging;
  }

  /**
   * All records of an object, deleted ones too, in the order they were created in.
   *
   * @throws `ConfigurationError` when there is no such object.
   */
  storedRecords(entity: string): readonly StoredRecord[] {
    return [...this.current.scan(this.entityDefinition(entity).name)];
  }

  /**
   * The record with this id of 15 or 18 characters, deleted or not, of any object; `undefined` when there never was
   * one.
   */
  storedRecord(id: string): StoredRecord | undefined {
    return this.current.get(to18(id));
  }

  /**
   * The current definition of an object, with its table of fields.
   *
   * @throws `ConfigurationError` when there is no such object.
   */
  entityDefinition(name: string): EntityDefinition {
    return this.model.entities.named(name).definition;
  }

  entities(): EntityInfo[] {
    return this.model.entities.list();
  }

  /**
   * The objects whose changes make events on their own topics and on the topic of all changes; at the start, all
   * objects.
   */
  selectedEntities(): string[] {
    return this.entities().flatMap(({ name }) => (this.unselected.has(name) ? [] : [name]));
  }

  /**
   * Sets whether an object's changes make events from now on. Custom channels with the object carry its events in any
   * case.
   */
  selectEntity(entity: string, selected: boolean): void {
    if (selected) this.unselected.delete(entity);
    else this.unselected.add(entity);
  }

  createObject(name: string, options: ObjectOptions = {}): EntityInfo {
    return this.model.createObject(name, options);
  }

  /**
   * Adds a text field in the middle of an object. Its change events then have another schema.
   *
   * @returns The schema's id.
   * @throws `ConfigurationError` when there is no such object.
   */
  addField(entity: string): string {
    return this.model.addField(entity);
  }

  define(definitions: Definitions, source = 'define'): DefinedInfo {
    return this.model.define(definitions, source);
  }

  platformEvents(): PlatformEventInfo[] {
    return this.model.events.list();
  }

  createPlatformEvent(name: string, fields: Readonly<Record<string, PlatformEventFieldType>>): PlatformEventInfo {
    return this.model.createPlatformEvent(name, fields);
  }

  channels(): readonly ChannelInfo[] {
    return this.channelRegistry.list();
  }

  createChannel(name: string, options: ChannelOptions = {}): ChannelInfo {
    return this.channelRegistry.create(name, options);
  }

  addChannelMember(channel: string, member: ChannelMember): void {
    this.channelRegistry.addMember(channel, member);
  }

  removeChannelMember(channel: string, entity: string): void {
    this.channelRegistry.removeMember(channel, entity);
  }

  deleteChannel(name: string): void {
    this.channelRegistry.delete(name);
  }

  private report(changes: readonly RecordChange[], asGaps: boolean): EventDraft[] {
    if (changes.length === 0) return [];
    const { maxChangesPerTransaction: maxChanges, nextReport } = this.context;
    return eventsOf(changes, { asGaps, maxChanges, ...nextReport?.(entitiesOf(changes)) });
  }
}

/** A transaction that others join, and the error that one of them has thrown. */
interface Joined {
  readonly tx: Transaction;
  failure: { readonly error: unknown } | undefined;
}

function joining<T>(joined: Joined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    joined.failure ??= { error };
    throw error;
  }
}

function entitiesOf(changes: readonly RecordChange[]): ReadonlySet<string> {
  return new Set(changes.map(({ entity }) => entity.definition.name));
}

/** A record as callers see it. */
function orgRecordOf({ id, values }: StoredRecord): OrgRecord {
  return { Id: id, ...withoutNulls(values) };
}
