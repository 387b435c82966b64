import { groupBy } from '../model/group-by.js';
import type { EntityModel } from './entity-model.js';
import type { FieldChange } from './field-values.js';
import type { RecordChange } from './record-change.js';
import type { RecordReader } from './record-store.js';
import { changesBetween } from './record-values.js';
import type { FieldValues } from './values.js';

/**
 * The changes of a transaction, merged into one for each record, as the service reports them: with the type of the
 * first change and the final data.
 *
 * @param changes - The changes, in order.
 * @param before - The records before the transaction.
 * @param after - The records after it.
 */
export function mergedChanges(
  changes: readonly RecordChange[],
  before: Pick<RecordReader, 'get'>,
  after: Pick<RecordReader, 'get'>,
): RecordChange[] {
  const byRecord = groupBy(changes, ({ recordId }) => recordId);
  return [...byRecord.values()].map((ofRecord) => merged(ofRecord, before, after));
}

function merged(
  changes: readonly [RecordChange, ...RecordChange[]],
  before: Pick<RecordReader, 'get'>,
  after: Pick<RecordReader, 'get'>,
): RecordChange {
  const [{ changeType, entity, recordId }] = changes;
  const values = after.get(recordId)?.values ?? {};
  switch (changeType) {
    case 'CREATE':
    case 'UNDELETE':
      return { changeType, entity, recordId, values };
    case 'DELETE':
      return { changeType, entity, recordId };
    case 'UPDATE': {
      const old = before.get(recordId)?.values ?? {};
      return { changeType, entity, recordId, fields: updatedFields(entity, changes, old, values) };
    }
  }
}

function updatedFields(
  entity: EntityModel,
  changes: readonly RecordChange[],
  before: FieldValues,
  after: FieldValues,
): FieldChange[] {
  const given = changes.flatMap((change) => (change.changeType === 'UPDATE' ? change.fields : []));
  const datePosition = entity.fields.get('LastModifiedDate')?.position;
  const positions = new Set(given.map(({ position }) => position).filter((position) => position !== datePosition));
  // The date counts as changed at every update, even at a second one within the same second.
  const date = given.filter(({ position }) => position === datePosition).slice(-1);
  return [...changesBetween(entity, before, after, [...positions]), ...date];
}
