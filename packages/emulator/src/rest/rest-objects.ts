import type { EntityDefinition } from '../org/entity.js';
import type { MemoryOrg } from '../org/org.js';
import type { Identity } from '../sessions/sessions.js';
import type { QueryDatabase } from '../soql/queryable.js';
import { OrgObject } from './org-object.js';
import type { RestObject } from './rest-object.js';
import { UserObject } from './user-object.js';

/** The objects of the REST API: those of the org as they are at the moment, and its users. */
export class RestObjects implements QueryDatabase {
  readonly now: () => number;
  readonly #org: MemoryOrg;
  readonly #users: UserObject;
  /** An object that gets another field gets another definition. */
  readonly #made = new WeakMap<EntityDefinition, OrgObject>();

  constructor(org: MemoryOrg, identity: Identity, now: () => number) {
    this.now = now;
    this.#org = org;
    this.#users = new UserObject(identity);
  }

  object(name: string): RestObject | undefined {
    const lowerCase = name.toLowerCase();
    return this.list().find((object) => object.name.toLowerCase() === lowerCase);
  }

  /** The object whose records' ids begin like this one. */
  objectOfId(id: string): RestObject | undefined {
    return this.list().find(({ info }) => id.startsWith(info.keyPrefix));
  }

  /** All objects. */
  list(): RestObject[] {
    return [...this.#org.entities().map(({ name }) => this.#orgObject(name)), this.#users];
  }

  #orgObject(name: string): OrgObject {
    const definition = this.#org.entityDefinition(name);
    const made = this.#made.get(definition) ?? new OrgObject(definition, this.#org, this);
    this.#made.set(definition, made);
    return made;
  }
}
