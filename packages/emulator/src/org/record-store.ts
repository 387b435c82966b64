import { ConfigurationError } from '@rxforce/core/model';
import type { EntityModel } from './entity-model.js';
import type { KeyRange } from '../model/key-range.js';
import { to18 } from '../model/record-ids.js';
import { RecordList } from './record-list.js';
import type { StoredRecord } from './stored-record.js';

export type { StoredRecord } from './stored-record.js';

/** A place to look up records. */
export interface RecordReader {
  get(id: string): StoredRecord | undefined;
  /**
   * The records of an object within a range, including deleted ones, in the order of their ids, which is the order they
   * were created in; or in the opposite order.
   */
  scan(entity: string, range?: KeyRange, descending?: boolean): Iterable<StoredRecord>;
  /** How many records an object has, with those that are deleted or without. */
  count(entity: string, deleted: boolean): number;
}

/** A place to look up and put records: the org's store, or a transaction's view of it. */
export interface RecordStore extends RecordReader {
  set(record: StoredRecord): void;
}

/** The records of an org, in memory. */
export class MemoryRecordStore implements RecordStore {
  private readonly byEntity = new Map<string, RecordList>();
  private readonly byPrefix = new Map<string, RecordList>();

  /** @param onChange - Called after each change, with the record's version before it. */
  constructor(private readonly onChange?: (id: string, before: StoredRecord | undefined) => void) {}

  get(id: string): StoredRecord | undefined {
    return this.byPrefix.get(id.slice(0, 3))?.get(id);
  }

  set(record: StoredRecord): void {
    const before = this.listOf(record.entity).set(record);
    this.onChange?.(record.id, before);
  }

  scan(entity: string, range: KeyRange = {}, descending = false): Iterable<StoredRecord> {
    return this.byEntity.get(entity)?.scan(range, descending) ?? [];
  }

  count(entity: string, deleted: boolean): number {
    return this.byEntity.get(entity)?.count(deleted) ?? 0;
  }

  private listOf({ definition: { name, keyPrefix } }: EntityModel): RecordList {
    const existing = this.byEntity.get(name);
    if (existing !== undefined) return existing;
    const list = new RecordList();
    this.byEntity.set(name, list);
    this.byPrefix.set(keyPrefix, list);
    return list;
  }
}

/**
 * A record of an object, by its id of 15 or 18 characters.
 *
 * @throws `ConfigurationError` when there is none, or it is not `deleted` as expected.
 */
export function findRecord(
  store: Pick<RecordReader, 'get'>,
  entity: EntityModel,
  id: string,
  deleted: boolean,
): StoredRecord {
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
