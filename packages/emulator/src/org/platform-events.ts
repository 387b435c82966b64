import { ConfigurationError } from '@rxforce/core/model';
import type { Bus } from '../bus/bus.js';
import { suggestion } from '../model/option-checks.js';
import type { SchemaRegistry } from '../schemas/schema-registry.js';
import { withFieldsInMiddle } from './entity.js';
import { platformEventSchema } from './event-schema.js';
import { customFields, type Field } from './field.js';

/** A platform event of the org, which clients publish. */
export interface PlatformEventDefinition {
  /** API name, which ends with `__e`. */
  readonly name: string;
  readonly fields: readonly Field[];
}

/** A platform event of the org, as callers see it. */
export interface PlatformEventInfo {
  /** API name, which ends with `__e`. */
  readonly name: string;
  /** The topic to publish and subscribe to. */
  readonly topic: string;
  /** The schema of its events. */
  readonly schemaId: string;
  /** API names of its own fields, in the order of the schema. */
  readonly fields: readonly string[];
}

/**
 * The platform event that every emulated org has. It comes from Salesforce's quick starts, whose clients write a
 * number, a city and an amount; fields of the other types follow.
 */
const ORDER_EVENT: PlatformEventDefinition = {
  name: 'Order_Event__e',
  fields: customFields(1500, {
    Order_Number__c: 'Text',
    City__c: 'Text',
    Amount__c: 'Double',
    Status__c: 'Text',
    Has_Shipped__c: 'Boolean',
    Ordered_At__c: 'DateTime',
    Comment__c: 'StringPlusClob',
  }),
};

/** The platform events of an org, each with its topic. */
export class PlatformEvents {
  private readonly events = new Map<
    string,
    { readonly definition: PlatformEventDefinition; readonly info: PlatformEventInfo }
  >();

  constructor(
    private readonly bus: Bus,
    private readonly schemas: SchemaRegistry,
  ) {
    this.define(ORDER_EVENT);
  }

  /**
   * Adds a platform event.
   *
   * @throws `ConfigurationError` when there is one of that name.
   */
  define(definition: PlatformEventDefinition): PlatformEventInfo {
    if (this.events.has(definition.name)) {
      throw new ConfigurationError(
        `The emulated org has a platform event "${definition.name}" already. Take another name.`,
      );
    }
    return this.put(definition);
  }

  /** Adds fields to an existing platform event. Its events have another schema from now on. */
  addFields(name: string, added: readonly Field[]): PlatformEventInfo {
    return this.put({ name, fields: withFieldsInMiddle(this.named(name).fields, added) });
  }

  /**
   * The platform event of that name.
   *
   * @throws `ConfigurationError` when there is none.
   */
  named(name: string): PlatformEventDefinition {
    const event = this.events.get(name);
    if (event === undefined) {
      throw new ConfigurationError(
        `The emulated org has no platform event "${name}".${suggestion(name, [...this.events.keys()])}`,
      );
    }
    return event.definition;
  }

  /** The platform events, in the order they were added. */
  list(): PlatformEventInfo[] {
    return [...this.events.values()].map(({ info }) => info);
  }

  private put(definition: PlatformEventDefinition): PlatformEventInfo {
    const { name, fields } = definition;
    const { id: schemaId } = this.schemas.register(platformEventSchema(name, fields));
    const topic = `/event/${name}`;
    this.bus.createTopic({ name: topic, schemaId, canPublish: true }).changeSchema(schemaId);
    const info = { name, topic, schemaId, fields: fields.map((field) => field.name) };
    this.events.set(name, { definition, info });
    return info;
  }
}
