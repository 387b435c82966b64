import type { QueryObject, QueryRelationship, QueryRow } from '../soql/queryable.js';
import type { RestField } from './rest-field.js';

/** What an object is, for its describe. */
export interface RestObjectInfo {
  /** API name. */
  readonly name: string;
  readonly label: string;
  readonly labelPlural: string;
  /** First three characters of its records' ids. */
  readonly keyPrefix: string;
  readonly fields: readonly RestField[];
  /** Whether clients may create and change its records. */
  readonly writable: boolean;
}

/** An object of the REST API: its fields, and its records for queries. */
export abstract class RestObject implements QueryObject {
  readonly info: RestObjectInfo;
  readonly #byName: ReadonlyMap<string, RestField>;
  readonly #byRelationship: ReadonlyMap<string, RestField>;
  readonly #objectNamed: (name: string) => RestObject | undefined;

  /** @param objectNamed - Looks up what relationships lead to. */
  constructor(info: RestObjectInfo, objectNamed: (name: string) => RestObject | undefined) {
    this.info = info;
    this.#byName = new Map(info.fields.map((field) => [field.name.toLowerCase(), field]));
    const references = info.fields.filter(({ reference }) => reference !== undefined);
    this.#byRelationship = new Map(
      references.map((field) => [field.reference?.relationship.toLowerCase() ?? '', field]),
    );
    this.#objectNamed = objectNamed;
  }

  get name(): string {
    return this.info.name;
  }

  get fields(): readonly RestField[] {
    return this.info.fields;
  }

  field(name: string): RestField | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  relationship(name: string): QueryRelationship | undefined {
    const reference = this.#byRelationship.get(name.toLowerCase())?.reference;
    const object = this.#objectNamed(reference?.to[0] ?? '');
    return reference === undefined || object === undefined ? undefined : { name: reference.relationship, object };
  }

  /** The record that a value of a relationship's field names. */
  protected parentOf(row: QueryRow, relationship: string): QueryRow | undefined {
    const field = this.#byRelationship.get(relationship.toLowerCase());
    const id = field === undefined ? null : row.get(field);
    return id === null ? undefined : this.#objectNamed(field?.reference?.to[0] ?? '')?.row(String(id));
  }

  abstract rows(which: { readonly deleted: boolean }): readonly QueryRow[];

  /** The record with this id of 15 or 18 characters, if it is not deleted. */
  abstract row(id: string): QueryRow | undefined;
}
