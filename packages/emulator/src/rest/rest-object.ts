import type { QueryChildRelationship, QueryObject, QueryRelationship, QueryRow } from '../soql/queryable.js';
import { childRelationshipName } from './child-relationship-name.js';
import type { RestField } from './rest-field.js';

/** The facts about an object for its describe. */
export interface RestObjectInfo {
  /** API name. */
  readonly name: string;
  readonly label: string;
  readonly labelPlural: string;
  /** First three characters of its records' ids; `null` where it has no records. */
  readonly keyPrefix: string | null;
  readonly fields: readonly RestField[];
  /** Whether clients may create and change its records. */
  readonly writable: boolean;
}

/** The directory in which an object finds the others. */
export interface ObjectDirectory {
  /** The object of that name, in any case. */
  object(name: string): RestObject | undefined;
  list(): readonly RestObject[];
}

/** The directory for objects whose fields lead nowhere. */
export const NO_OBJECTS: ObjectDirectory = { object: () => undefined, list: () => [] };

/** A way from an object to the records of another that name its records; one without a name cannot be queried. */
export interface ChildRelationship {
  readonly name: string | null;
  readonly object: RestObject;
  readonly field: RestField;
}

/** An object of the REST API: its fields, and its records for queries. */
export abstract class RestObject implements QueryObject {
  private readonly byName: ReadonlyMap<string, RestField>;
  private readonly byRelationship: ReadonlyMap<string, RestField>;

  /** @param directory - The objects that relationships lead to. */
  constructor(
    readonly info: RestObjectInfo,
    private readonly directory: ObjectDirectory,
  ) {
    this.byName = new Map(info.fields.map((field) => [field.name.toLowerCase(), field]));
    const references = info.fields.filter(({ reference }) => reference !== undefined);
    this.byRelationship = new Map(
      references.map((field) => [field.reference?.relationship.toLowerCase() ?? '', field]),
    );
  }

  get name(): string {
    return this.info.name;
  }

  get keyPrefix(): string | null {
    return this.info.keyPrefix;
  }

  /** Whether an id begins like the ids of its records. */
  isOwn(id: string): boolean {
    return this.info.keyPrefix !== null && id.startsWith(this.info.keyPrefix);
  }

  get fields(): readonly RestField[] {
    return this.info.fields;
  }

  field(name: string): RestField | undefined {
    return this.byName.get(name.toLowerCase());
  }

  relationship(name: string): QueryRelationship | undefined {
    const field = this.byRelationship.get(name.toLowerCase());
    const object = this.targetOf(field);
    return field?.reference === undefined || object === undefined
      ? undefined
      : { name: field.reference.relationship, object };
  }

  childRelationship(name: string): QueryChildRelationship | undefined {
    const found = this.childRelationships().find((each) => each.name?.toLowerCase() === name.toLowerCase());
    return found === undefined ? undefined : { ...found, name: found.name ?? name };
  }

  /** The ways to records that name those of this object. */
  childRelationships(): ChildRelationship[] {
    return this.directory
      .list()
      .flatMap((object) =>
        object.fields
          .filter((field) => object.targetOf(field)?.name === this.name)
          .map((field) => ({ name: childRelationshipName(this.info, object.info, field), object, field })),
      );
  }

  /**
   * The object of the ids in a field. A custom field does not say; one with the name of an object of the org, such as
   * `Account__c`, is assumed to lead there.
   */
  targetOf(field: RestField | undefined): RestObject | undefined {
    if (field?.reference === undefined) return undefined;
    const [target] = field.reference.to;
    if (target !== undefined) return this.directory.object(target);
    return this.directory.object(field.name) ?? this.directory.object(field.name.replace(/__c$/, ''));
  }

  /** The record that a value of a relationship's field names. */
  protected parentOf(row: QueryRow, relationship: string): QueryRow | undefined {
    const field = this.byRelationship.get(relationship.toLowerCase());
    const id = field === undefined ? null : row.get(field);
    return id === null ? undefined : this.targetOf(field)?.row(String(id));
  }

  abstract rows(which: { readonly deleted: boolean }): readonly QueryRow[];

  /** The record with this id of 15 or 18 characters, if it is not deleted. */
  abstract row(id: string): QueryRow | undefined;
}
