import type { EntityDefinition } from '../org/entity.js';
import type { MemoryOrg } from '../org/org.js';
import type { SchemaRegistry } from '../schemas/schema-registry.js';
import type { QueryDatabase } from '../soql/queryable.js';
import { definitions } from './definitions.js';
import { orgFacts } from './org-facts.js';
import { OrgObject, type RecordSource } from './org-object.js';
import type { ReadOnlyObject } from './read-only-object.js';
import { changeEventObject, type EventObject, platformEventObject } from './event-object.js';
import type { Identity } from '../sessions/sessions.js';
import type { RestObject } from './rest-object.js';

/** The sources of the objects. */
interface ObjectsContext {
  readonly org: MemoryOrg;
  readonly schemas: SchemaRegistry;
  readonly identity: Identity;
  readonly instanceUrl: string;
  readonly now: () => number;
  /** The records of the org's objects. */
  readonly records: RecordSource;
}

/** The objects of the REST API: the current objects of the org, and those that describe it. */
export class RestObjects implements QueryDatabase {
  readonly now: () => number;
  private readonly org: MemoryOrg;
  private readonly schemas: SchemaRegistry;
  private readonly records: RecordSource;
  /** The objects that describe the org. */
  readonly facts: readonly ReadOnlyObject[];
  /** The objects, by definition; an object with a new field has a new definition. */
  private readonly made = new WeakMap<EntityDefinition, OrgObject>();

  constructor({ org, schemas, identity, instanceUrl, now, records }: ObjectsContext) {
    this.records = records;
    this.schemas = schemas;
    this.now = now;
    this.org = org;
    this.facts = [...orgFacts(identity, this, instanceUrl), ...definitions(org, this)];
  }

  object(name: string): RestObject | undefined {
    const lowerCase = name.toLowerCase();
    return this.list().find((object) => object.name.toLowerCase() === lowerCase);
  }

  /** The object whose record ids begin like this one. */
  objectOfId(id: string): RestObject | undefined {
    return this.list().find((object) => object.isOwn(id));
  }

  /** All objects. */
  list(): RestObject[] {
    return [...this.org.entities().map(({ name }) => this.orgObject(name)), ...this.facts];
  }

  /** The kind of events of that name, in any case: a platform event, or the change events of an object. */
  event(name: string): EventObject | undefined {
    const lowerCase = name.toLowerCase();
    return this.events().find((event) => event.name.toLowerCase() === lowerCase);
  }

  /** All kinds of events. */
  events(): EventObject[] {
    const changes = this.org
      .entities()
      .map(({ name, schemaId }) => changeEventObject(this.org.entityDefinition(name), schemaId));
    const published = this.org
      .platformEvents()
      .map((event) => platformEventObject(event, this.schemas.get(event.schemaId)));
    return [...changes, ...published];
  }

  private orgObject(name: string): OrgObject {
    const definition = this.org.entityDefinition(name);
    const made = this.made.get(definition) ?? new OrgObject(definition, this.records, this);
    this.made.set(definition, made);
    return made;
  }
}
