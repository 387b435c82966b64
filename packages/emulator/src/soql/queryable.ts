/**
 * The data that a query runs on.
 *
 * @packageDocumentation
 */

import type { KeyRange } from '../model/key-range.js';

/** A value as conditions and orderings see it. Dates and times are milliseconds. */
export type QueryValue = string | number | boolean | null;

/** How the values of a field compare. `compound` values do not. */
export type FieldKind = 'string' | 'id' | 'double' | 'boolean' | 'date' | 'dateTime' | 'time' | 'compound';

/** A field that can be queried. */
export interface QueryField {
  /** API name. */
  readonly name: string;
  readonly kind: FieldKind;
  /** Whether it may be used in a condition. */
  readonly filterable: boolean;
  /** Whether it may be used after ORDER BY. */
  readonly sortable: boolean;
  /** Whether it was added to the object by the org's administrator. */
  readonly custom: boolean;
}

/** A record that can be queried. */
export interface QueryRow {
  /** API name of its object. */
  readonly object: string;
  readonly id: string;
  /** The value of one of its fields. */
  get(field: QueryField): QueryValue;
  /** The value of one of its fields, as in an answer. */
  toJson(field: QueryField): unknown;
  /** The record that one of its relationships names, or `undefined` when it names none. */
  parent(relationship: string): QueryRow | undefined;
}

/** A way from one object's records to another's. */
export interface QueryRelationship {
  /** API name, such as `Account` or `Owner`. */
  readonly name: string;
  readonly object: QueryObject;
}

/** The way from one object's records to the records of another that name them. */
export interface QueryChildRelationship {
  /** API name, such as `Contacts`. */
  readonly name: string;
  readonly object: QueryObject;
  /** The other object's field with the id. */
  readonly field: QueryField;
}

/** An object that can be queried. Names are given in any case. */
export interface QueryObject {
  /** API name. */
  readonly name: string;
  /** First three characters of its records' ids, where they have any in common. */
  readonly keyPrefix?: string | null;
  readonly fields: readonly QueryField[];
  field(name: string): QueryField | undefined;
  relationship(name: string): QueryRelationship | undefined;
  childRelationship(name: string): QueryChildRelationship | undefined;
  /** Its records, in the order they were created. */
  rows(which: QueryScope): readonly QueryRow[];
  /** Its records within a range of ids, in the order of their ids or in the opposite one; absent where it has none. */
  scan?(which: QueryScope, range: KeyRange, descending: boolean): Iterable<QueryRow>;
  /** How many records it has; absent where they must be read to be counted. */
  count?(which: QueryScope): number;
}

/** Which records count. */
export interface QueryScope {
  /** Whether deleted records count, too. */
  readonly deleted: boolean;
}

/** The objects that can be queried. */
export interface QueryDatabase {
  /** The object of that name, in any case. */
  object(name: string): QueryObject | undefined;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}
