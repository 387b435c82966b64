import type { EntityModel } from './entity-model.js';
import type { FieldChange } from './field-values.js';
import type { FieldValues } from './values.js';

/** What happened to one record in a transaction. */
export type RecordChange = RecordWritten | RecordUpdated | RecordDeleted;

/** The record was written as a whole. */
export interface RecordWritten {
  readonly changeType: 'CREATE' | 'UNDELETE';
  readonly entity: EntityModel;
  readonly recordId: string;
  readonly values: FieldValues;
}

/** Some of its fields changed. */
export interface RecordUpdated {
  readonly changeType: 'UPDATE';
  readonly entity: EntityModel;
  readonly recordId: string;
  readonly fields: readonly FieldChange[];
}

/** The record is gone. */
export interface RecordDeleted {
  readonly changeType: 'DELETE';
  readonly entity: EntityModel;
  readonly recordId: string;
}
