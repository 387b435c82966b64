import { ConfigurationError } from '@rxforce/core/model';
import type { Bus } from '../bus/bus.js';
import type { Random } from '../random.js';
import type { SchemaRegistry } from '../schemas/schema-registry.js';
import { type EventDraft, eventsOf } from './change-events.js';
import { ENTITIES } from './entities/index.js';
import { changeEventName, type EntityDefinition, withFieldInMiddle } from './entity.js';
import { type EntityModel, placeFields } from './entity-model.js';
import { EventEncoder } from './event-encoder.js';
import { changeEventSchema, platformEventSchema } from './event-schema.js';
import type { RecordInput } from './field-values.js';
import { PLATFORM_EVENTS } from './platform-events.js';
import { RecordIds } from './record-ids.js';
import { findRecord, MemoryRecordStore } from './record-store.js';
import { withoutNulls } from './record-values.js';
import { type RecordOperations, Transaction } from './transaction.js';
import type { ScalarValue } from './values.js';

/** The channel that carries the changes of all objects. */
export const ALL_CHANGES_TOPIC = '/data/ChangeEvents';

const DEFAULT_ORIGIN = 'com/salesforce/api/rest/64.0;client=rxforce-emulator';
/** As on large orgs, beyond what a double can hold exactly. */
const FIRST_COMMIT_NUMBER = 1_709_303_151_782_928_388n;
const LARGEST_COMMIT_STEP = 5000;

/** What an org needs. */
export interface OrgContext {
  readonly bus: Bus;
  readonly schemas: SchemaRegistry;
  readonly random: Random;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** Id of the user who makes changes, unless a transaction says otherwise. */
  readonly user: string;
  /** Most changes of one transaction that are told of; an overflow event stands for the rest. */
  readonly maxChangesPerTransaction: number;
}

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

/** An object of the org, as a look from outside sees it. */
export interface EntityInfo {
  /** API name. */
  readonly name: string;
  /** The topic of its change events. */
  readonly topic: string;
  /** First three characters of its records' ids. */
  readonly keyPrefix: string;
  /** The schema of its change events. */
  readonly schemaId: string;
  /** API names of its fields, in the order of the schema. */
  readonly fields: readonly string[];
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
  /** The objects of the org. */
  entities(): EntityInfo[];
}

/** An {@link Org} in memory, whose events go to a bus. */
export class MemoryOrg implements Org {
  readonly #context: OrgContext;
  /** Replaced, never changed: a transaction sees the objects as they were when it began. */
  #entities: ReadonlyMap<string, EntityModel>;
  readonly #store = new MemoryRecordStore();
  readonly #recordIds: RecordIds;
  #commitNumber = FIRST_COMMIT_NUMBER;

  constructor(context: OrgContext) {
    this.#context = context;
    this.#recordIds = new RecordIds(1 + context.random.below(1_000_000_000));
    context.bus.createTopic({ name: ALL_CHANGES_TOPIC, schemaId: '', canPublish: false });
    this.#entities = new Map(ENTITIES.map((definition) => [definition.name, createEntity(context, definition)]));
    createPlatformEvents(context);
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
    const { user = this.#context.user, origin = DEFAULT_ORIGIN, asGaps = false } = options;
    const at = Math.floor(this.#context.now() / 1000) * 1000;
    const entities = this.#entities;
    const entityNamed = (name: string) => findEntity(entities, name);
    const tx = new Transaction({ store: this.#store, recordIds: this.#recordIds, entityNamed, user, at });
    let result: T;
    try {
      result = work(tx);
    } catch (error) {
      tx.rollback();
      throw error;
    }
    const { maxChangesPerTransaction: maxChanges } = this.#context;
    this.#publish(eventsOf(tx.commit(), { asGaps, maxChanges }), {
      changeOrigin: origin,
      commitUser: user,
      commitTimestamp: at,
    });
    return result;
  }

  record(entity: string, id: string): OrgRecord {
    const record = findRecord(this.#store, findEntity(this.#entities, entity), id, false);
    return { Id: record.id, ...withoutNulls(record.values) };
  }

  entities(): EntityInfo[] {
    return [...this.#entities.values()].map(({ definition, schemaId }) => ({
      name: definition.name,
      topic: changeTopicOf(definition),
      keyPrefix: definition.keyPrefix,
      schemaId,
      fields: definition.fields.map(({ name }) => name),
    }));
  }

  /**
   * Adds a text field in the middle of an object, whose change events then have another schema.
   *
   * @returns The schema's id.
   * @throws `ConfigurationError` when there is no such object.
   */
  addField(entity: string): string {
    const { definition } = findEntity(this.#entities, entity);
    const model = createEntity(this.#context, withFieldInMiddle(definition));
    model.topics[0]?.changeSchema(model.schemaId);
    this.#entities = new Map(this.#entities).set(entity, model);
    return model.schemaId;
  }

  #publish(
    drafts: readonly EventDraft[],
    common: { readonly changeOrigin: string; readonly commitUser: string; readonly commitTimestamp: number },
  ): void {
    const { random, bus } = this.#context;
    if (drafts.length === 0) {
      return;
    }
    this.#commitNumber += BigInt(1 + random.below(LARGEST_COMMIT_STEP));
    const commitNumber = this.#commitNumber;
    const transactionKey = random.uuid();
    drafts.forEach(({ entity, body, ...draft }, index) => {
      const header = {
        ...draft,
        ...common,
        entityName: entity.definition.name,
        transactionKey,
        sequenceNumber: index + 1,
        commitNumber,
      };
      const payload = entity.encoder.encode(header, body);
      bus.append(entity.topics, { id: random.uuid(), schemaId: entity.schemaId, payload });
    });
  }
}

function findEntity(entities: ReadonlyMap<string, EntityModel>, name: string): EntityModel {
  const entity = entities.get(name);
  if (entity === undefined) {
    const known = [...entities.keys()].join(', ');
    throw new ConfigurationError(`The emulated org has no object "${name}". It has ${known}.`);
  }
  return entity;
}

function changeTopicOf({ name }: EntityDefinition): string {
  return `/data/${changeEventName(name)}`;
}

function createEntity({ bus, schemas }: OrgContext, definition: EntityDefinition): EntityModel {
  const { id: schemaId, type } = schemas.register(changeEventSchema(definition));
  const all = bus.createTopic({ name: ALL_CHANGES_TOPIC, schemaId: '', canPublish: false });
  const own = bus.createTopic({ name: changeTopicOf(definition), schemaId, canPublish: false });
  return {
    definition,
    fields: placeFields(definition),
    schemaId,
    encoder: new EventEncoder(type, definition),
    topics: [own, all],
  };
}

function createPlatformEvents({ bus, schemas }: OrgContext): void {
  for (const { name, fields } of PLATFORM_EVENTS) {
    const { id: schemaId } = schemas.register(platformEventSchema(name, fields));
    bus.createTopic({ name: `/event/${name}`, schemaId, canPublish: true });
  }
}
