import type { KeyRange } from '../model/key-range.js';
import { to18 } from '../model/record-ids.js';
import type { EntityDefinition } from '../org/entity.js';
import type { RecordReader, StoredRecord } from '../org/record-store.js';
import type { QueryRow, QueryScope } from '../soql/queryable.js';
import { orgFields } from './org-fields.js';
import { OrgRow } from './org-row.js';
import { labelOf } from './rest-field.js';
import { type ObjectDirectory, RestObject } from './rest-object.js';

/** Returns the records as the caller may see them. */
export type RecordSource = () => RecordReader;

/** An object of the org, whose records clients read and change. */
export class OrgObject extends RestObject {
  constructor(
    definition: EntityDefinition,
    private readonly records: RecordSource,
    directory: ObjectDirectory,
  ) {
    const { name, keyPrefix } = definition;
    const label = labelOf(name);
    const labelPlural = label.endsWith('y') ? label.replace(/y$/, 'ies') : `${label}s`;
    const fields = orgFields(definition);
    super({ name, label, labelPlural, keyPrefix, fields, writable: true }, directory);
  }

  rows(which: QueryScope): QueryRow[] {
    return [...this.scan(which)];
  }

  *scan({ deleted }: QueryScope, range: KeyRange = {}, descending = false): Iterable<QueryRow> {
    for (const record of this.records().scan(this.name, range, descending)) {
      if (deleted || !record.deleted) yield this.rowOf(record);
    }
  }

  count({ deleted }: QueryScope): number {
    return this.records().count(this.name, deleted);
  }

  row(id: string): QueryRow | undefined {
    const record = this.stored(id);
    return record === undefined || record.deleted ? undefined : this.rowOf(record);
  }

  /** The record with this id of 15 or 18 characters, deleted or not. */
  stored(id: string): StoredRecord | undefined {
    const record = this.records().get(to18(id));
    return record?.entity.definition.name === this.name ? record : undefined;
  }

  /** All records, deleted or not, in the order they were created. */
  allStored(): Iterable<StoredRecord> {
    return this.records().scan(this.name);
  }

  /** A record, for a query or an answer. */
  rowOf(record: StoredRecord): QueryRow {
    return new OrgRow(this, record);
  }

  /** The record that a relationship of a row names. */
  parent(row: QueryRow, relationship: string): QueryRow | undefined {
    return this.parentOf(row, relationship);
  }
}
