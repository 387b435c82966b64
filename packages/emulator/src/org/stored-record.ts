import type { EntityModel } from './entity-model.js';
import type { FieldValues } from './values.js';

/** A record, deleted or not. */
export interface StoredRecord {
  readonly id: string;
  readonly entity: EntityModel;
  readonly values: FieldValues;
  /**
   * Its `SystemModstamp`, in milliseconds since 1970, in whole seconds. It is not before `LastModifiedDate`: the org
   * may touch a record without a change that anybody made.
   */
  readonly modstamp: number;
  readonly deleted: boolean;
  /** When it was deleted, in milliseconds since 1970; absent where it is not deleted. */
  readonly deletedAt?: number;
}
