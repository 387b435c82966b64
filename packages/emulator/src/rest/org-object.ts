import type { EntityDefinition } from '../org/entity.js';
import type { MemoryOrg } from '../org/org.js';
import type { StoredRecord } from '../org/record-store.js';
import type { CompoundValue, FieldValue } from '../org/values.js';
import type { QueryRow, QueryValue } from '../soql/queryable.js';
import { orgFields } from './org-fields.js';
import { type FieldPlace, labelOf, type RestField } from './rest-field.js';
import { type ObjectDirectory, RestObject } from './rest-object.js';
import { jsonOf } from './values.js';

/** The access to an org's records that the REST API needs. */
export type RecordSource = Pick<MemoryOrg, 'storedRecord' | 'storedRecords'>;

/** An object of the org, whose records clients read and change. */
export class OrgObject extends RestObject {
  constructor(
    definition: EntityDefinition,
    private readonly org: RecordSource,
    directory: ObjectDirectory,
  ) {
    const { name, keyPrefix } = definition;
    const label = labelOf(name);
    const labelPlural = label.endsWith('y') ? label.replace(/y$/, 'ies') : `${label}s`;
    const fields = orgFields(definition);
    super({ name, label, labelPlural, keyPrefix, fields, writable: true }, directory);
  }

  rows({ deleted }: { readonly deleted: boolean }): QueryRow[] {
    const records = this.org.storedRecords(this.name);
    return (deleted ? records : records.filter((record) => !record.deleted)).map((record) => this.rowOf(record));
  }

  row(id: string): QueryRow | undefined {
    const record = this.stored(id);
    return record === undefined || record.deleted ? undefined : this.rowOf(record);
  }

  /** The record with this id, deleted or not. */
  stored(id: string): StoredRecord | undefined {
    const record = this.org.storedRecord(id);
    return record?.entity.definition.name === this.name ? record : undefined;
  }

  /** A record, for a query or an answer. */
  rowOf(record: StoredRecord): QueryRow {
    const row: QueryRow = {
      object: this.name,
      id: record.id,
      get: ({ name }) => {
        const field = this.field(name);
        return field === undefined ? null : queryValueOf(field, valueAt(record, field.place));
      },
      toJson: ({ name }) => {
        const field = this.field(name);
        return field === undefined ? null : jsonOf(field, valueAt(record, field.place));
      },
      parent: (relationship) => this.parentOf(row, relationship),
    };
    return row;
  }
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
