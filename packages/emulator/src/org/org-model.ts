import { ConfigurationError } from '@rxforce/core/model';
import type { Bus } from '../bus/bus.js';
import type { SchemaRegistry } from '../schemas/schema-registry.js';
import {
  checkPlatformEvent,
  customObject,
  type ObjectOptions,
  type PlatformEventFieldType,
} from './custom-definitions.js';
import { type Definitions, planDefinitions } from './definitions.js';
import { addedField } from './entity.js';
import { type EntityInfo, EntityRegistry, infoOf } from './entity-registry.js';
import { type CustomFieldType, customFields, type Field } from './field.js';
import type { DefinedInfo } from './org-api.js';
import { type PlatformEventInfo, PlatformEvents } from './platform-events.js';

/** The number of the first field id for fields that are added while the org runs. */
const FIRST_CUSTOM_FIELD = 200_000;

/** The objects and the platform events of an org. Fields that are added have ids of their own. */
export class OrgModel {
  readonly entities: EntityRegistry;
  readonly events: PlatformEvents;
  private addedObjects = 0;
  private nextField = FIRST_CUSTOM_FIELD;

  /** @param changed - Called when an object has other fields than before. */
  constructor(
    context: { readonly bus: Bus; readonly schemas: SchemaRegistry },
    private readonly changed: () => void,
  ) {
    this.entities = new EntityRegistry(context);
    this.events = new PlatformEvents(context.bus, context.schemas);
  }

  /** @throws `ConfigurationError` when there is an object of that name, or a field cannot be made. */
  createObject(name: string, options: ObjectOptions = {}): EntityInfo {
    const definition = customObject(name, options, this.addedObjects, this.nextField);
    if (this.entities.has(name)) {
      throw new ConfigurationError(`The emulated org has an object "${name}" already. Take another name.`);
    }
    this.addedObjects++;
    this.nextField += definition.fields.length;
    return infoOf(this.entities.define(definition));
  }

  /**
   * Adds a text field in the middle of an object.
   *
   * @returns The id of the schema that its change events then have.
   * @throws `ConfigurationError` when there is no such object.
   */
  addField(entity: string): string {
    return this.addFields(entity, addedField(this.entities.named(entity).definition)).schemaId;
  }

  /** @throws `ConfigurationError` when there is an event of that name, or a field cannot be made. */
  createPlatformEvent(name: string, fields: Readonly<Record<string, PlatformEventFieldType>>): PlatformEventInfo {
    return this.events.define({ name, fields: this.ownFields(checkPlatformEvent(name, fields)) });
  }

  /** @throws `ConfigurationError` when a definition cannot be made; then nothing of it is. */
  define(definitions: Definitions, source: string): DefinedInfo {
    const plan = planDefinitions(source, definitions, {
      objects: new Map(this.entities.list().map(({ name }) => [name, this.entities.named(name).definition.fields])),
      events: new Map(this.events.list().map(({ name }) => [name, this.events.named(name).fields])),
    });
    return {
      objects: plan.objects.map(({ name, isNew, fields }) =>
        isNew ? this.createObject(name, { fields }) : this.addFields(name, this.ownFields(fields)),
      ),
      events: plan.events.map(({ name, isNew, fields }) =>
        isNew ? this.createPlatformEvent(name, fields) : this.events.addFields(name, this.ownFields(fields)),
      ),
    };
  }

  private addFields(entity: string, added: readonly Field[]): EntityInfo {
    const info = infoOf(added.length === 0 ? this.entities.named(entity) : this.entities.addFields(entity, added));
    this.changed();
    return info;
  }

  /** Fields with unique ids. */
  private ownFields(types: Readonly<Record<string, CustomFieldType>>): Field[] {
    const fields = customFields(this.nextField, types);
    this.nextField += fields.length;
    return fields;
  }
}
