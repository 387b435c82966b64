import { ConfigurationError } from '@rxforce/core/model';
import type { EntityModel } from './entity-model.js';
import { isCustomCheckbox } from './field.js';
import { type FieldChange, readInput, type RecordInput } from './field-values.js';
import { mergedChanges } from './merged-changes.js';
import type { RecordChange } from './record-change.js';
import type { RecordIds } from '../model/record-ids.js';
import { findRecord, type RecordReader, type StoredRecord } from './record-store.js';
import { applyChanges } from './record-values.js';
import { StagedRecordStore } from './staged-record-store.js';
import type { FieldValues } from './values.js';

/**
 * The operations on records. All methods throw a `ConfigurationError` for anything that does not exist or does not fit.
 */
export interface RecordOperations {
  /** Creates a record and returns its id of 18 characters. */
  create(entity: string, values: RecordInput): string;
  /** Creates several records and returns their ids. */
  create(entity: string, values: readonly RecordInput[]): string[];
  /** Sets fields of one or more records; a null empties a field. */
  update(entity: string, ids: string | readonly string[], values: RecordInput): void;
  /** Deletes one or more records. They can be undeleted. */
  delete(entity: string, ids: string | readonly string[]): void;
  /** Restores deleted records, as they were. */
  undelete(entity: string, ids: string | readonly string[]): void;
}

/** The parts of an org that a transaction needs. */
export interface TransactionContext {
  readonly store: RecordReader;
  readonly recordIds: RecordIds;
  readonly entityNamed: (name: string) => EntityModel;
  /** Id of the user who makes the changes. */
  readonly user: string;
  /** The time for the stamps of records, in milliseconds since 1970, in whole seconds. */
  readonly at: number;
}

/** Changes that become visible together, or not at all. Several changes of one record become one. */
export class Transaction implements RecordOperations {
  private readonly store: StagedRecordStore;
  private readonly changes: RecordChange[] = [];
  private ended = false;

  constructor(private readonly context: TransactionContext) {
    this.store = new StagedRecordStore(context.store);
  }

  /** The records after the changes so far. */
  get records(): RecordReader {
    return this.store;
  }

  /** The changed records by their ids, as they are after the changes so far. */
  get changed(): ReadonlyMap<string, StoredRecord> {
    return this.store.changed;
  }

  create(entity: string, values: RecordInput): string;
  create(entity: string, values: readonly RecordInput[]): string[];
  create(entity: string, values: RecordInput | readonly RecordInput[]): string | string[] {
    const model = this.entity(entity);
    return isList(values) ? values.map((each) => this.createOne(model, each)) : this.createOne(model, values);
  }

  update(entity: string, ids: string | readonly string[], values: RecordInput): void {
    const model = this.entity(entity);
    const changes = readInput(model, values);
    for (const id of listOf(ids)) {
      this.updateOne(model, id, changes);
    }
  }

  delete(entity: string, ids: string | readonly string[]): void {
    const model = this.entity(entity);
    for (const id of listOf(ids)) {
      const record = findRecord(this.store, model, id, false);
      const { at } = this.context;
      this.store.set({ ...record, modstamp: at, deleted: true, deletedAt: at });
      this.changes.push({ changeType: 'DELETE', entity: model, recordId: record.id });
    }
  }

  undelete(entity: string, ids: string | readonly string[]): void {
    const model = this.entity(entity);
    for (const id of listOf(ids)) {
      const record = findRecord(this.store, model, id, true);
      const values = applyChanges(model, record.values, this.modification(model));
      this.store.set({ id: record.id, entity: record.entity, values, modstamp: this.context.at, deleted: false });
      this.changes.push({ changeType: 'UNDELETE', entity: model, recordId: record.id, values });
    }
  }

  /** Ends the transaction, which cannot be used after that, and returns one change for each record. */
  end(): readonly RecordChange[] {
    this.ended = true;
    return mergedChanges(this.changes, this.context.store, this.store);
  }

  /** Drops the changes. */
  rollback(): void {
    this.ended = true;
  }

  private createOne(entity: EntityModel, input: RecordInput): string {
    const { user, at, recordIds } = this.context;
    const values = applyChanges(entity, initialValues(entity, at, user), readInput(entity, input));
    const recordId = recordIds.next(entity.definition.keyPrefix);
    this.store.set({ id: recordId, entity, values, modstamp: at, deleted: false });
    this.changes.push({ changeType: 'CREATE', entity, recordId, values });
    return recordId;
  }

  private updateOne(entity: EntityModel, id: string, changes: readonly FieldChange[]): void {
    const record = findRecord(this.store, entity, id, false);
    const fields = [...changes, ...this.modification(entity)];
    const values = applyChanges(entity, record.values, fields);
    this.store.set({ ...record, values, modstamp: this.context.at });
    this.changes.push({ changeType: 'UPDATE', entity, recordId: record.id, fields });
  }

  private modification(entity: EntityModel): [FieldChange, FieldChange] {
    return audited(entity, 'LastModified', this.context.at, this.context.user);
  }

  private entity(name: string): EntityModel {
    if (this.ended) {
      throw new ConfigurationError('This transaction has ended. Change records only inside its function.');
    }
    return this.context.entityNamed(name);
  }
}

/** The values of a new record that nobody has given: those that the org fills in, and who made it when. */
export function initialValues(entity: EntityModel, at: number, user: string): FieldValues {
  const defaults = { OwnerId: user, ...uncheckedBoxes(entity), ...entity.definition.defaults };
  const audit = [...audited(entity, 'Created', at, user), ...audited(entity, 'LastModified', at, user)];
  return applyChanges(entity, {}, [...readInput(entity, defaults), ...audit]);
}

function uncheckedBoxes({ definition }: EntityModel): Record<string, false> {
  return Object.fromEntries(definition.fields.filter(isCustomCheckbox).map(({ name }) => [name, false]));
}

function audited(
  entity: EntityModel,
  event: 'Created' | 'LastModified',
  at: number,
  user: string,
): [FieldChange, FieldChange] {
  const place = (name: string) => entity.fields.get(name)?.position ?? 0;
  return [
    { position: place(`${event}Date`), value: at },
    { position: place(`${event}ById`), value: user },
  ];
}

function isList(values: RecordInput | readonly RecordInput[]): values is readonly RecordInput[] {
  return Array.isArray(values);
}

function listOf(ids: string | readonly string[]): readonly string[] {
  return typeof ids === 'string' ? [ids] : ids;
}
