import type { StoredRecord } from '../org/record-store.js';
import type { CompoundValue, FieldValue } from '../org/values.js';
import type { QueryField, QueryRow, QueryValue } from '../soql/queryable.js';
import type { FieldPlace, RestField } from './rest-field.js';
import { jsonOf } from './values.js';

/** The object of a record. */
export interface RowOwner {
  /** API name. */
  readonly name: string;
  field(name: string): RestField | undefined;
  /** The record that a relationship of a row names. */
  parent(row: QueryRow, relationship: string): QueryRow | undefined;
}

/** A record of the org, for a query or an answer. */
export class OrgRow implements QueryRow {
  constructor(
    private readonly owner: RowOwner,
    private readonly record: StoredRecord,
  ) {}

  get object(): string {
    return this.owner.name;
  }

  get id(): string {
    return this.record.id;
  }

  get(field: QueryField): QueryValue {
    const own = this.own(field);
    return own === undefined ? null : queryValueOf(own, valueAt(this.record, own.place));
  }

  toJson(field: QueryField): unknown {
    const own = this.own(field);
    return own === undefined ? null : jsonOf(own, valueAt(this.record, own.place));
  }

  parent(relationship: string): QueryRow | undefined {
    return this.owner.parent(this, relationship);
  }

  /** A column of a query has the field itself nearly always; to look it up by its name takes longer. */
  private own(field: QueryField): RestField | undefined {
    return isRestField(field) ? field : this.owner.field(field.name);
  }
}

function isRestField(field: QueryField): field is RestField {
  return 'place' in field;
}

function queryValueOf({ kind }: RestField, value: FieldValue): QueryValue {
  if (kind === 'boolean') return value === true;
  return typeof value === 'object' ? null : value;
}

function valueAt(record: StoredRecord, place: FieldPlace): FieldValue {
  switch (place.type) {
    case 'id':
      return record.id;
    case 'deleted':
      return record.deleted;
    case 'modstamp':
      return record.modstamp;
    case 'field':
      return record.values[place.field] ?? null;
    case 'part': {
      const whole = record.values[place.field] ?? null;
      return typeof whole === 'object' ? (whole?.[place.part] ?? null) : null;
    }
    case 'full-name': {
      const name = record.values[place.field] ?? null;
      return typeof name === 'object' && name !== null ? fullNameOf(name) : name;
    }
  }
}

function fullNameOf({ FirstName, LastName }: CompoundValue): string | null {
  const parts = [FirstName, LastName].filter((part) => typeof part === 'string' && part !== '');
  return parts.length === 0 ? null : parts.join(' ');
}
