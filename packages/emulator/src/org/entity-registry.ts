import { ConfigurationError } from '@rxforce/core/model';
import type { Bus } from '../bus/bus.js';
import { type RegisteredSchema, schemaFrom, type SchemaRegistry } from '../schemas/schema-registry.js';
import { suggestion } from '../model/option-checks.js';
import { ENTITIES } from './entities/index.js';
import { changeEventName, type EntityDefinition, withFieldsInMiddle } from './entity.js';
import { type EntityModel, placeFields } from './entity-model.js';
import { EventEncoder } from './event-encoder.js';
import { changeEventSchema } from './event-schema.js';
import type { Field } from './field.js';

/** The channel that carries the changes of all objects. */
const ALL_CHANGES_TOPIC = '/data/ChangeEvents';

/** An object of the org, as callers see it. */
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

/** The parts that a registry of objects needs. */
export interface EntityRegistryContext {
  readonly bus: Bus;
  readonly schemas: SchemaRegistry;
}

/** The objects of an org, each with its topic. */
export class EntityRegistry {
  /** The objects. The map is replaced, never changed, so a lookup keeps the objects of its time. */
  private entities: ReadonlyMap<string, EntityModel> = new Map();

  constructor(private readonly context: EntityRegistryContext) {
    ENTITIES.forEach((definition) => this.define(definition));
  }

  /** Returns a lookup of the current objects, which later changes do not affect; it throws like {@link named}. */
  lookup(): (name: string) => EntityModel {
    const entities = this.entities;
    return (name) => findEntity(entities, name);
  }

  /**
   * The current object of that name.
   *
   * @throws `ConfigurationError` when there is none.
   */
  named(name: string): EntityModel {
    return findEntity(this.entities, name);
  }

  /** Whether there is an object of that name. */
  has(name: string): boolean {
    return this.entities.has(name);
  }

  /** Adds an object, or replaces the one of that name. */
  define(definition: EntityDefinition): EntityModel {
    const model = createEntity(this.context, definition);
    this.entities = new Map(this.entities).set(definition.name, model);
    return model;
  }

  /**
   * Adds fields in the middle of an object.
   *
   * @throws `ConfigurationError` when there is no such object.
   */
  addFields(name: string, added: readonly Field[]): EntityModel {
    const { definition } = this.named(name);
    const model = this.define({ ...definition, fields: withFieldsInMiddle(definition.fields, added) });
    model.topics[0]?.changeSchema(model.schemaId);
    return model;
  }

  /** The objects, as callers see them. */
  list(): EntityInfo[] {
    return [...this.entities.values()].map(infoOf);
  }
}

/** An object as callers see it. */
export function infoOf({ definition, schemaId }: EntityModel): EntityInfo {
  return {
    name: definition.name,
    topic: changeTopicOf(definition),
    keyPrefix: definition.keyPrefix,
    schemaId,
    fields: definition.fields.map(({ name }) => name),
  };
}

function findEntity(entities: ReadonlyMap<string, EntityModel>, name: string): EntityModel {
  const entity = entities.get(name);
  if (entity === undefined) {
    const known = [...entities.keys()];
    throw new ConfigurationError(
      `The emulated org has no object "${name}". It has ${known.join(', ')}.${suggestion(name, known)}`,
    );
  }
  return entity;
}

function changeTopicOf({ name }: EntityDefinition): string {
  return `/data/${changeEventName(name)}`;
}

/** Of the standard objects, once for all emulators of a process: reading them takes most of the time of a start. */
const schemasRead = new WeakMap<EntityDefinition, RegisteredSchema>();

function schemaOf(definition: EntityDefinition): RegisteredSchema {
  const known = schemasRead.get(definition);
  if (known !== undefined) return known;
  const schema = schemaFrom(changeEventSchema(definition));
  schemasRead.set(definition, schema);
  return schema;
}

function createEntity({ bus, schemas }: EntityRegistryContext, definition: EntityDefinition): EntityModel {
  const { id: schemaId, type } = schemas.add(schemaOf(definition));
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
