import { ConfigurationError } from '@rxforce/core/model';
import type { EntityModel } from './entity-model.js';
import { to18 } from '../model/record-ids.js';
import type { FieldValues } from './values.js';

/** A record, deleted or not. */
export interface StoredRecord {
  readonly id: string;
  readonly entity: EntityModel;
  readonly values: FieldValues;
  readonly deleted: boolean;
  /** When it was deleted, in milliseconds since 1970; absent where it is not deleted. */
  readonly deletedAt?: number;
}

/** A place to look up and put records: the org's store, or a transaction's view of it. */
export interface RecordStore {
  get(id: string): StoredRecord | undefined;
  set(record: StoredRecord): void;
  /** All records of an object, including deleted ones, in the order they were created. */
  of(entity: string): readonly StoredRecord[];
}

/** The records of an org, in memory. */
export class MemoryRecordStore implements RecordStore {
  private readonly records = new Map<string, StoredRecord>();

  get(id: string): StoredRecord | undefined {
    return this.records.get(id);
  }

  set(record: StoredRecord): void {
    this.records.set(record.id, record);
  }

  of(entity: string): StoredRecord[] {
    return [...this.records.values()].filter((record) => record.entity.definition.name === entity);
  }
}

/** The records of a store with uncommitted changes, which nobody else sees until the commit. */
export class StagedRecordStore implements RecordStore {
  private readonly staged = new Map<string, StoredRecord>();

  constructor(private readonly base: RecordStore) {}

  get(id: string): StoredRecord | undefined {
    return this.staged.get(id) ?? this.base.get(id);
  }

  set(record: StoredRecord): void {
    this.staged.set(record.id, record);
  }

  of(entity: string): StoredRecord[] {
    const base = this.base.of(entity);
    const known = new Set(base.map(({ id }) => id));
    const added = [...this.staged.values()].filter(
      (record) => record.entity.definition.name === entity && !known.has(record.id),
    );
    return [...base.map((record) => this.staged.get(record.id) ?? record), ...added];
  }

  /** Applies the changes to the store below. */
  commit(): void {
    for (const record of this.staged.values()) {
      this.base.set(record);
    }
  }
}

/**
 * A record of an object, by its id of 15 or 18 characters.
 *
 * @throws `ConfigurationError` when there is none, or it is not `deleted` as expected.
 */
export function findRecord(store: RecordStore, entity: EntityModel, id: string, deleted: boolean): StoredRecord {
  const record = store.get(to18(id));
  if (record?.entity.definition.name !== entity.definition.name) {
    throw new ConfigurationError(`${entity.definition.name} has no record "${id}". Use an id that create() gave.`);
  }
  if (record.deleted !== deleted) {
    throw new ConfigurationError(
      `The ${entity.definition.name} "${id}" is ${record.deleted ? 'deleted: undelete it first' : 'not deleted'}.`,
    );
  }
  return record;
}
